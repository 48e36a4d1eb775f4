package wire

import (
	"mime"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"authledger/domain"
)

// envelope holds the attributes of a CloudEvent that the ledger reads. The text of an
// attribute that is missing, empty or not a string is "".
type envelope struct {
	specversion, id, source, kind, time string

	contentType string
	typed       bool   // contentType is present
	base64      bool   // data_base64 is present
	data        []byte // the raw value of data, nil if absent
}

// ReadCommand reads a CloudEvent 1.0 in JSON format (structured mode). If it returns a
// rejection, the returned command holds the attributes id, source and time that ReadCommand
// could read, for the verdict. ReadCommand does not set the caller and the field Backfill: the
// adapter that received the command does.
func ReadCommand(b []byte) (domain.Command, *domain.Rejection) {
	e, err := readEnvelope(b)
	if err != nil {
		return domain.Command{Source: e.source, ID: e.id}, &domain.Rejection{Reason: domain.Malformed, Detail: err.Error()}
	}
	return e.command()
}

// TypeOf returns the type of a CloudEvent in JSON format, "" if the event has none. If the event
// is no valid JSON object, TypeOf reports false and returns the type before the error.
func TypeOf(b []byte) (kind string, isValid bool) {
	e, err := readEnvelope(b)
	return e.kind, err == nil
}

// command validates the attributes and reads the data.
func (e *envelope) command() (domain.Command, *domain.Rejection) {
	c := domain.Command{Source: e.source, ID: e.id}
	if fault := e.check(&c); fault != nil {
		return c, fault
	}
	if !domain.ForClients(e.kind) {
		return c, &domain.Rejection{Reason: domain.UnknownType, Field: "type", Detail: "no such command: " + printable(e.kind)}
	}
	c.Data = domain.NewCommandData(e.kind)
	if fault := ReadData(e.data, c.Data); fault != nil {
		return c, within("data", fault)
	}
	if domain.ReservedSource(c.Source) {
		return c, &domain.Rejection{Reason: domain.BadField, Field: "source", Detail: "reserved for the ledger itself"}
	}
	return c, nil
}

// ReadTyped reads the data of a command of type kind, without an envelope, as `authledger do`
// and POST /v1/commands/{type} accept it.
func ReadTyped(kind string, data []byte) (domain.CommandData, *domain.Rejection) {
	if !domain.ForClients(kind) {
		return nil, &domain.Rejection{Reason: domain.UnknownType, Field: "type", Detail: "no such command: " + printable(kind)}
	}
	d := domain.NewCommandData(kind)
	return d, ReadData(data, d)
}

func within(object string, fault *domain.Rejection) *domain.Rejection {
	moved := *fault
	moved.Field = strings.TrimSuffix(object+"."+fault.Field, ".")
	return &moved
}

// readEnvelope reads the attributes of the event. It ignores extension attributes.
func readEnvelope(b []byte) (e envelope, err error) {
	r := borrow(b)
	defer r.release()
	if r.dec.PeekKind() != '{' {
		if _, err := r.dec.ReadToken(); err != nil {
			return e, tidy(err)
		}
		return e, errObject
	}
	for r.token(); r.syntax == nil; {
		if r.next(); r.name == nil {
			break
		}
		raw, err := r.dec.ReadValue()
		if err != nil {
			return e, tidy(err)
		}
		e.take(r, raw)
	}
	if r.syntax == nil {
		r.end()
	}
	return e, r.syntax
}

// attributeBytesMax is the maximum length of an attribute, in bytes. A longer attribute is
// read as "".
const attributeBytesMax = 4 << 10

// take stores the attribute whose name r has read.
func (e *envelope) take(r *reader, raw jsontext.Value) {
	var text *string
	switch string(r.name) {
	case "specversion":
		text = &e.specversion
	case "id":
		text = &e.id
	case "source":
		text = &e.source
	case "type":
		text = &e.kind
	case "time":
		text = &e.time
	case "datacontenttype":
		text, e.typed = &e.contentType, raw.Kind() != 'n' // null is absent (CloudEvents JSON format, 2.2)
	case "data_base64":
		e.base64 = raw.Kind() != 'n'
	case "data":
		e.data = raw
	}
	if text != nil && raw.Kind() == '"' && len(raw) <= attributeBytesMax {
		*text = r.texts.text(unquote(raw))
	}
}

// check validates the attributes in the order of A-12, and sets the time of c.
func (e *envelope) check(c *domain.Command) *domain.Rejection {
	malformed := func(field, detail string) *domain.Rejection {
		return &domain.Rejection{Reason: domain.Malformed, Field: field, Detail: detail}
	}
	if e.specversion != "1.0" {
		return malformed("specversion", `want "1.0"`)
	}
	if why := domain.WrongEnvelope(c.ID, domain.IDBytesMax); why != "" {
		return malformed("id", why)
	}
	if why := domain.WrongEnvelope(c.Source, domain.SourceBytesMax); why != "" {
		return malformed("source", why)
	}
	if e.kind == "" {
		return malformed("type", "want a type that is not empty")
	}
	var err error
	if c.Time, err = ReadTime(e.time); err != nil {
		return malformed("time", err.Error())
	}
	if e.typed && !IsJSON(e.contentType) {
		return malformed("datacontenttype", "want application/json, or no datacontenttype")
	}
	if e.base64 {
		return malformed("data_base64", "want data as a JSON object")
	}
	if len(e.data) == 0 || e.data[0] != '{' {
		return malformed("data", errObject.Error())
	}
	return nil
}

// IsJSON reports whether a media type, with or without parameters, is JSON.
func IsJSON(contentType string) bool {
	if contentType == "application/json" { // the usual case
		return true
	}
	kind, _, err := mime.ParseMediaType(contentType)
	return err == nil && (kind == "application/json" || strings.HasSuffix(kind, "+json"))
}

// AppendCommand appends c as a CloudEvent 1.0 in JSON format, with the personal members. The
// result is for sending and MUST NOT be stored.
func AppendCommand(b []byte, c *domain.Command) []byte {
	w := writer{b: b}
	w.object(&eventAttributes{c})
	return w.b
}

type eventAttributes struct{ command *domain.Command }

func (a *eventAttributes) Members(v domain.Visitor) {
	c := a.command
	version, kind, at := "1.0", c.Data.CommandType(), c.Time.In(time.UTC)
	v.Text("specversion", &version, domain.Need)
	v.Text("id", &c.ID, domain.Need)
	v.Text("source", &c.Source, domain.Need)
	v.Text("type", &kind, domain.Need)
	v.Instant("time", &at, domain.Need)
	v.Object("data", c.Data, domain.Need)
}
