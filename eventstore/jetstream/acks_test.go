package jetstream

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nats-io/nats.go"

	"authledger/eventstore"
)

// TestAcks_UnknownOutcomes checks that an append without an acknowledgement gets one outcome, and that a
// later acknowledgement does not change it.
func TestAcks_UnknownOutcomes(t *testing.T) {
	tests := map[string]struct {
		end  func(a *acks, cancel func())
		want error
	}{
		"no acknowledgement": {func(*acks, func()) { time.Sleep(ackWait) }, errNoAck},
		"end of the context": {func(_ *acks, cancel func()) { cancel() }, context.Canceled},
		"connection lost":    {func(a *acks, _ func()) { a.endAll(errDisconnected) }, errDisconnected},
		"store closed":       {func(a *acks, _ func()) { a.close() }, errClosed},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &Store{name: "LEDGER_test", fence: newFence(), acks: newAcks("LEDGER_test")}
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				p, err := s.acks.add(ctx, 4, 4)
				if err != nil {
					t.Fatal(err)
				}
				test.end(s.acks, cancel)
				synctest.Wait()
				s.acknowledge(&nats.Msg{Subject: p.reply, Data: []byte(`{"stream":"LEDGER_test","seq":5}`)})
				if len(p.outcome) != 1 {
					t.Fatalf("got %d outcomes, want 1", len(p.outcome))
				}
				err = <-p.outcome
				if !errors.Is(err, test.want) || !strings.HasPrefix(err.Error(), "append message 5 to LEDGER_test: ") {
					t.Errorf("got outcome %v, want %v with the position and the stream", err, test.want)
				}
			})
		})
	}
}

// TestAcks_Answers checks the outcome of each answer of the server.
func TestAcks_Answers(t *testing.T) {
	var fault *eventstore.Fault
	isFault := func(err error) bool { return errors.As(err, &fault) }
	is := func(want error) func(error) bool { return func(err error) bool { return errors.Is(err, want) } }
	isUnknown := func(err error) bool {
		return err != nil && !isFault(err) && !errors.Is(err, eventstore.ErrFenced)
	}
	fenced := is(eventstore.ErrFenced)
	tests := map[string]struct {
		answer string
		want   func(error) bool
	}{
		"stored":          {`{"stream":"LEDGER_test","seq":5}`, is(nil)},
		"other position":  {`{"stream":"LEDGER_test","seq":6}`, isFault},
		"duplicate":       {`{"stream":"LEDGER_test","seq":5,"duplicate":true}`, fenced},
		"wrong sequence":  {`{"error":{"err_code":10071,"description":"wrong last sequence: 5"}}`, fenced},
		"shorter log":     {`{"error":{"err_code":10071,"description":"wrong last sequence: 3"}}`, isFault},
		"other error":     {`{"error":{"err_code":10077,"description":"maximum bytes exceeded"}}`, isUnknown},
		"no stream":       {``, is(nats.ErrNoResponders)},
		"other object":    {`{}`, is(errNotAck)},
		"incomplete JSON": {`{"stream"`, isUnknown},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := &Store{name: "LEDGER_test", fence: newFence(), acks: newAcks("LEDGER_test")}
			p, err := s.acks.add(t.Context(), 4, 4)
			if err != nil {
				t.Fatal(err)
			}
			s.acknowledge(&nats.Msg{Subject: p.reply, Data: []byte(test.answer)})
			if len(p.outcome) != 1 || len(s.acks.waiting) != 0 {
				t.Fatalf("got %d outcomes with %d appends waiting, want 1 and 0", len(p.outcome), len(s.acks.waiting))
			}
			if err := <-p.outcome; !test.want(err) {
				t.Errorf("got outcome %v", err)
			}
		})
	}
}

// TestAcks_Limit checks the limit of waiting appends. After an outcome, another append is accepted.
func TestAcks_Limit(t *testing.T) {
	a := newAcks("LEDGER_test")
	defer a.close()
	var newest *pending
	for range appendsInFlightMax {
		p, err := a.add(t.Context(), 0, 0)
		if err != nil {
			t.Fatal(err)
		}
		newest = p
	}
	if _, err := a.add(t.Context(), 0, 0); !errors.Is(err, errTooMany) {
		t.Errorf("add beyond the limit: got %v, want %v", err, errTooMany)
	}
	a.end(newest.reply, errNoAck)
	if _, err := a.add(t.Context(), 0, 0); err != nil {
		t.Errorf("add after an outcome: %v", err)
	}
}
