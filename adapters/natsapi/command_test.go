package natsapi

import (
	"net/http"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/micro"

	"authledger/eventstore/wire"
)

// sentRequest is a micro.Request with headers and a body, for translations.
type sentRequest struct {
	micro.Request
	header nats.Header
	body   []byte
}

func (m sentRequest) Headers() micro.Headers { return micro.Headers(m.header) }
func (m sentRequest) Data() []byte           { return m.body }

// TestCommandID_BareAndCloudEvent sends one value of ce-id with bare data and with a
// CloudEvent. The intake has the same test, TestReadCommand_ID.
func TestCommandID_BareAndCloudEvent(t *testing.T) {
	body := []byte(`{"user":"alice","outcome":"failed","reason":"cancelled"}`)
	for value, want := range map[string]string{
		"n-1": "n-1", "a%20b": "a b", "n%2D1": "n-1", `"q-1"`: "q-1", `"a\"b"`: `a"b`, "%E2%82%AC": "€",
		"100%": "", `"open`: "",
	} {
		bare := nats.Header{"ce-id": {value}}
		event := nats.Header{"ce-id": {value}, "ce-specversion": {"1.0"}, "CE-Source": {"gateway/portal"},
			"ce-type": {"login%2Ereport"}, "ce-time": {"2026-03-02t12:00:00z"}}
		if got := keyOf(commandRequest("login.report")(sentRequest{header: bare, body: body})); got != want {
			t.Errorf("ce-id %s, bare data: got id %q, want %q", value, got, want)
		}
		if got := attributeOf(commandRequest("login.report")(sentRequest{header: event, body: body})); got != want {
			t.Errorf("ce-id %s, CloudEvent: got id %q, want %q", value, got, want)
		}
	}
}

// keyOf returns the idempotency key of a request, "" for an error.
func keyOf(r *http.Request, err error) string {
	if err != nil {
		return ""
	}
	id, err := wire.ReadKey(r.Header.Values("Idempotency-Key"))
	if err != nil {
		return ""
	}
	return id
}

// attributeOf returns the id of a CloudEvent, "" for an error.
func attributeOf(r *http.Request, err error) string {
	if err != nil {
		return ""
	}
	a, rejection := wire.ReadAttributes(r.Header)
	if rejection != nil {
		return ""
	}
	return a.ID
}
