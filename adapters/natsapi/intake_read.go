package natsapi

import (
	"errors"
	"mime"
	"net/http"
	"net/url"
	"time"

	"github.com/nats-io/nats.go"

	"authledger/access"
	"authledger/domain"
	"authledger/eventstore/wire"
)

// Denied is why a letter is one whose caller may not give the command, or is not
// known any more.
const Denied domain.Reason = "denied"

// read reads what was left: by whom, when, and what.
func (in *intake) read(m *nats.Msg, at *nats.MsgMetadata) (t *left, err error) {
	t = &left{position: at.Sequence.Stream, stored: at.Timestamp, caller: callerOf(m.Subject), message: m}
	t.command, t.rejection = readLeft(m.Header, m.Data)
	if t.rejection == nil {
		t.rejection, err = permit(in.edge.options.Tokens, t.caller, t.stored, &t.command)
	}
	return t, err
}

// permit judges whether the caller might give the command when it was left, and says in
// it who did. That the tokens can't be read is an error, and no fault of the command's.
func permit(tokens *access.Tokens, name string, stored time.Time, c *domain.Command) (*domain.Rejection, error) {
	caller, err := tokens.NamedAt(name, stored)
	if errors.Is(err, access.ErrNoToken) || errors.Is(err, access.ErrExpired) {
		return &domain.Rejection{Reason: Denied, Detail: "the token " + name + " is unknown, revoked or had expired"}, nil
	}
	if err != nil {
		return nil, err
	}
	if err := caller.Admits(c); err != nil {
		return &domain.Rejection{Reason: Denied, Detail: err.Error()}, nil
	}
	c.Caller, c.Backfill = caller.Name, caller.Role == access.Importer
	return nil, nil
}

// readLeft reads a CloudEvent as the binding of CloudEvents to NATS has it: in
// structured mode if the content type says so, else in binary mode.
func readLeft(h map[string][]string, body []byte) (domain.Command, *domain.Rejection) {
	switch kind := contentType(h); kind {
	case "application/cloudevents+json":
		return wire.ReadCommand(body)
	case "", "application/json":
		return readBinary(attributes(h), body)
	default:
		return domain.Command{}, &domain.Rejection{Reason: domain.Malformed, Field: "datacontenttype",
			Detail: "want Content-Type application/cloudevents+json, or application/json with ce- headers, once"}
	}
}

func readBinary(h http.Header, body []byte) (domain.Command, *domain.Rejection) {
	var a wire.Attributes
	for _, at := range []struct {
		name string
		text *string
	}{{"specversion", &a.SpecVersion}, {"id", &a.ID}, {"source", &a.Source}, {"type", &a.Type}, {"time", &a.Time}} {
		values := h.Values("Ce-" + at.name)
		if len(values) == 0 {
			continue
		}
		text, err := url.PathUnescape(values[0])
		if len(values) > 1 || err != nil {
			return domain.Command{ID: a.ID, Source: a.Source}, &domain.Rejection{Reason: domain.Malformed, Field: at.name,
				Detail: "want one header ce-" + at.name + ", percent-encoded"}
		}
		*at.text = text
	}
	return wire.ReadBinary(a, body)
}

// contentType is that of a message, whatever the case of the header's name: "" if
// none is said, "?" if more than one is, or one that can't be read.
func contentType(h map[string][]string) string {
	var found []string
	for name, values := range h {
		if http.CanonicalHeaderKey(name) == "Content-Type" {
			found = append(found, values...)
		}
	}
	if len(found) == 0 {
		return ""
	}
	kind, _, err := mime.ParseMediaType(found[0])
	if len(found) > 1 || err != nil {
		return "?"
	}
	return kind
}
