package intake

import (
	"errors"
	"mime"
	"net/http"
	"time"

	"github.com/nats-io/nats.go"

	"authledger/adapters/natsconn"
	"authledger/domain"
	"authledger/domain/access"
	"authledger/eventstore"
	"authledger/eventstore/wire"
)

// Denied is the reason of a dead letter whose caller has no valid token, or whose token
// does not permit the command.
const Denied domain.Reason = "denied"

// message is one message of the intake stream.
type message struct {
	position uint64    // in the stream
	stored   time.Time // by the clock of the NATS server
	caller   string
	raw      *nats.Msg

	command   domain.Command
	rejection *domain.Rejection  // nil for a well-formed and permitted command
	ticket    *eventstore.Ticket // nil with a rejection

	isWithheld bool // the dead letter lacks the message
}

// read parses a message of the stream, and checks that its caller may submit the command.
// The error is about the token file; the message is then neither valid nor invalid.
func (in *Intake) read(raw *nats.Msg, at *nats.MsgMetadata) (m *message, err error) {
	m = &message{position: at.Sequence.Stream, stored: at.Timestamp, caller: natsconn.CallerOf(raw.Subject), raw: raw}
	if m.rejection = in.configurationRejection(m); m.rejection == nil {
		m.command, m.rejection = readCommand(raw.Header, raw.Data)
	}
	if m.rejection == nil {
		m.rejection, err = permit(in.options.Tokens, m.caller, m.stored, &m.command, false)
	}
	return m, err
}

// kept returns the headers and the payload of a message that its dead letter holds.
func (m *message) kept() (nats.Header, []byte) {
	if m.isWithheld {
		return nil, nil
	}
	return m.raw.Header, m.raw.Data
}

// createdTolerance is the maximum difference between the clocks of the NATS server and of
// the process that created a token.
const createdTolerance = 5 * time.Second

// permit checks whether a caller may submit a command that was stored at an instant, and
// then writes the caller into the command. An error means that the token file can't be
// read. Unless an operator retries the command, permit rejects a command that was stored
// before the caller's token was created: a revoked token of the same name published it.
func permit(tokens Tokens, name string, stored time.Time, c *domain.Command, isRetry bool) (*domain.Rejection, error) {
	caller, err := tokens.NamedAt(name, stored)
	if errors.Is(err, access.ErrNoToken) || errors.Is(err, access.ErrExpired) {
		return &domain.Rejection{Reason: Denied, Detail: "the token " + name + " is unknown, revoked or had expired"}, nil
	}
	if err != nil {
		return nil, err
	}
	if !isRetry && isOlder(stored, caller) {
		return &domain.Rejection{Reason: Denied, Detail: "the message is older than the token " + name + ": an earlier token of that name published it"}, nil
	}
	if err := caller.Admits(c); err != nil {
		return &domain.Rejection{Reason: Denied, Detail: err.Error()}, nil
	}
	c.Caller, c.Backfill = caller.Name, caller.Role == access.Importer
	return nil, nil
}

// isOlder reports whether a message was stored before the token of its caller was created.
func isOlder(stored time.Time, caller *access.Caller) bool {
	return stored.Before(caller.Created.Add(-createdTolerance))
}

// structuredType is the media type of a CloudEvent in structured mode.
const structuredType = "application/cloudevents+json"

// readCommand parses a CloudEvent by the NATS binding of CloudEvents: in structured mode
// for the content type application/cloudevents+json, else in binary mode.
func readCommand(h map[string][]string, body []byte) (domain.Command, *domain.Rejection) {
	switch mediaType := contentType(h); {
	case mediaType == structuredType:
		return wire.ReadCommand(body)
	case mediaType == "", wire.IsJSON(mediaType):
		return readBinary(natsconn.AttributeHeaders(h), body)
	default:
		return domain.Command{}, &domain.Rejection{Reason: domain.Malformed, Field: "datacontenttype",
			Detail: "want Content-Type application/cloudevents+json, or application/json with ce- headers, once"}
	}
}

func readBinary(h http.Header, body []byte) (domain.Command, *domain.Rejection) {
	a, rejection := wire.ReadAttributes(h)
	if rejection != nil {
		return domain.Command{ID: a.ID, Source: a.Source}, rejection
	}
	return wire.ReadBinary(a, body)
}

// contentType returns the media type of a message, whatever the case of the header's name.
// It returns "" without the header, and "?" for several values or an invalid value.
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
	mediaType, _, err := mime.ParseMediaType(found[0])
	if len(found) > 1 || err != nil {
		return "?"
	}
	return mediaType
}
