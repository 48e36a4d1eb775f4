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

// Published again, a message is the same command (IDEM): nothing is recorded twice,
// in whatever number it comes.
func TestPublishAgain(t *testing.T) {
	l := openLedger(t)
	p := NewPublisher(l, "gateway/reactor", "reactor")
	const many = 5000 // more than wait at once
	for range 2 {
		failures(t, p, "alice", many)
	}
	n := 0
	for r, err := range l.Records(t.Context(), 1, 0, false) {
		if n++; err != nil || r.Command.ID != fmt.Sprint("alice-", n-1) || r.Command.Source != "gateway/reactor" || r.Command.Caller != "reactor" {
			t.Fatal(n, r, err)
		}
	}
	if n != many {
		t.Errorf("%d records", n)
	}
}

// What can't be recorded says so, and which message it is; a refusal is recorded and
// no error; nothing is published with an invalid message among the others.
func TestPublishWrong(t *testing.T) {
	l := openLedger(t)
	p := NewPublisher(l, "gateway/reactor", "reactor")
	good := message.NewMessage("good", []byte(`{"user":"alice","outcome":"succeeded"}`))
	for _, c := range []struct{ topic, id, payload, reason string }{
		{"login.magic", "m", "{}", "unknown_type"}, {"audit.read", "m", "{}", "unknown_type"}, {"timer.fire", "m", "{}", "unknown_type"},
		{"login.report", "m", "{", "malformed"}, {"login.report", "m", "", "malformed"}, {"login.report", "", "{}", "malformed"},
		{"login.report", "m\n", "{}", "malformed"}, {"login.report", strings.Repeat("m", 257), "{}", "malformed"},
		{"login.report", "m", `{"user":"alice","outcome":"succeeded","password":"x"}`, "unknown_field"},
	} {
		var invalid *Invalid
		err := p.Publish(c.topic, good, message.NewMessage(c.id, []byte(c.payload)))
		if !errors.As(err, &invalid) || string(invalid.Verdict.Reason) != c.reason {
			t.Errorf("%s %q %s: %v, want %s", c.topic, c.id, c.payload, err, c.reason)
		}
	}
	for range l.Records(t.Context(), 1, 0, false) {
		t.Fatal("something was recorded")
	}
	if err := p.Publish("code.redeem", message.NewMessage("r", []byte(`{"user":"alice","code":"c","platform":"client_portal"}`))); err != nil {
		t.Error("a refusal:", err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	m := message.NewMessage("gone", []byte(`{"user":"alice","outcome":"succeeded"}`))
	m.SetContext(gone)
	if err := p.Publish("login.report", m); err != nil && !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	m.SetContext(t.Context())
	if err := p.Publish("login.report", m); err != nil {
		t.Error("again:", err)
	}
	if r, err := l.Record(t.Context(), 2); err != nil || r.Command.ID != "gone" || r.Status != domain.Accepted {
		t.Error(r, err)
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	if err := p.Publish("login.report", good); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
}
