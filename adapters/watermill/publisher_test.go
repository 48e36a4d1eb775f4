package watermill

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/ThreeDotsLabs/watermill/message"

	"authledger/domain"
)

// TestPublishTwiceRecordsOnce publishes each message twice. The ledger must record each command once
// (IDEM).
func TestPublishTwiceRecordsOnce(t *testing.T) {
	l := openLedger(t)
	p := NewPublisher(l, "gateway/reactor", "reactor")
	const many = 5000 // more than the ledger queues
	for range 2 {
		failures(t, p, "alice", many)
	}
	n := 0
	for r, err := range l.Records(t.Context(), 1, 0, false) {
		if n++; err != nil || r.Command.ID != fmt.Sprint("alice-", n-1) || r.Command.Source != "gateway/reactor" ||
			r.Command.Caller != "reactor" {
			t.Fatalf("record %d: got %+v, %v, want the command alice-%d", n, r, err, n-1)
		}
	}
	if n != many {
		t.Errorf("got %d records, want %d", n, many)
	}
}

// The error of an invalid command names the message. A refused command is recorded
// and is no error. Publish records nothing if one of the messages is invalid.
func TestPublishErrors(t *testing.T) {
	l := openLedger(t)
	p := NewPublisher(l, "gateway/reactor", "reactor")
	good := message.NewMessage("good", []byte(`{"user":"alice","outcome":"succeeded"}`))
	for _, c := range []struct{ topic, id, payload, reason string }{
		{"login.magic", "m", "{}", "unknown_type"}, {"audit.read", "m", "{}", "unknown_type"},
		{"timer.fire", "m", "{}", "unknown_type"},
		{"login.report", "m", "{", "malformed"}, {"login.report", "m", "", "malformed"},
		{"login.report", "", "{}", "malformed"},
		{"login.report", "m\n", "{}", "malformed"}, {"login.report", strings.Repeat("m", 257), "{}", "malformed"},
		{"login.report", "m", `{"user":"alice","outcome":"succeeded","password":"x"}`, "unknown_field"},
	} {
		var invalid *Invalid
		err := p.Publish(c.topic, good, message.NewMessage(c.id, []byte(c.payload)))
		if !errors.As(err, &invalid) || string(invalid.Verdict.Reason) != c.reason {
			t.Errorf("publish %s %q %s: got %v, want reason %s", c.topic, c.id, c.payload, err, c.reason)
		}
	}
	for range l.Records(t.Context(), 1, 0, false) {
		t.Fatal("got a record, want none")
	}
	err := p.Publish("code.redeem",
		message.NewMessage("r", []byte(`{"user":"alice","code":"c","platform":"client_portal"}`)))
	if err != nil {
		t.Errorf("publish a refused command: got %v, want nil", err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	m := message.NewMessage("gone", []byte(`{"user":"alice","outcome":"succeeded"}`))
	m.SetContext(gone)
	if err := p.Publish("login.report", m); err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("publish with a cancelled context: got %v, want nil or context.Canceled", err)
	}
	m.SetContext(t.Context())
	if err := p.Publish("login.report", m); err != nil {
		t.Errorf("publish again: got %v, want nil", err)
	}
	if r, err := l.Record(t.Context(), 2); err != nil || r.Command.ID != "gone" || r.Status != domain.Accepted {
		t.Errorf("record 2: got %+v, %v, want the accepted command gone", r, err)
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	if err := p.Publish("login.report", good); !errors.Is(err, ErrClosed) {
		t.Errorf("publish after Close: got %v, want ErrClosed", err)
	}
}
