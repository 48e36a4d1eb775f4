package jetstream

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

var (
	errNoAck        = fmt.Errorf("the server did not acknowledge the message within %v", ackWait)
	errDisconnected = errors.New("the connection to the server was lost before the acknowledgement")
	errNotAck       = errors.New("the answer to the message is not an acknowledgement")
	errTooMany      = fmt.Errorf("%d appends wait for an outcome", appendsInFlightMax)
)

// acks gives the outcomes of appends to their callers. The server sends all acknowledgements to one
// inbox. Its callback sends each outcome to the channel of the append, without a goroutine for the
// append. It is safe for concurrent use.
type acks struct {
	stream string
	inbox  string // prefix of the reply subjects

	mu      sync.Mutex
	next    uint64              // number of the next append
	waiting map[string]*pending // by reply subject
	closed  bool
}

// pending is an append without an outcome.
type pending struct {
	reply   string
	expect  uint64
	acked   uint64 // highest position that the server had acknowledged before the append
	outcome chan error
	timer   *time.Timer
	stop    func() bool // stops waiting for the end of the context
}

func newAcks(stream string) *acks {
	return &acks{stream: stream, inbox: nats.NewInbox() + ".", waiting: make(map[string]*pending)}
}

// add adds an append, whose outcome is unknown after ackWait or after the end of ctx.
func (a *acks) add(ctx context.Context, expect, acked uint64) (*pending, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case a.closed:
		return nil, errClosed
	case len(a.waiting) >= appendsInFlightMax:
		return nil, errTooMany
	}
	a.next++
	reply := a.inbox + strconv.FormatUint(a.next, 36)
	p := &pending{reply: reply, expect: expect, acked: acked, outcome: make(chan error, 1)}
	p.timer = time.AfterFunc(ackWait, func() { a.end(reply, errNoAck) })
	p.stop = context.AfterFunc(ctx, func() { a.end(reply, ctx.Err()) })
	a.waiting[reply] = p
	return p, nil
}

// take removes and returns the append with a reply subject, nil if it has an outcome.
func (a *acks) take(reply string) *pending {
	a.mu.Lock()
	defer a.mu.Unlock()
	p := a.waiting[reply]
	if p != nil {
		p.timer.Stop()
		p.stop()
		delete(a.waiting, reply)
	}
	return p
}

// end sends the unknown outcome of an append, unless it has an outcome.
func (a *acks) end(reply string, cause error) {
	if p := a.take(reply); p != nil {
		p.outcome <- a.appendError(p.expect, cause)
	}
}

func (a *acks) appendError(expect uint64, cause error) error {
	return fmt.Errorf("append message %d to %s: %w", expect+1, a.stream, cause)
}

// endAll sends an unknown outcome to all waiting appends.
func (a *acks) endAll(cause error) {
	a.mu.Lock()
	var replies []string
	for reply := range a.waiting {
		replies = append(replies, reply)
	}
	a.mu.Unlock()
	for _, reply := range replies {
		a.end(reply, cause)
	}
}

// close ends all waiting appends, and rejects later ones.
func (a *acks) close() {
	a.mu.Lock()
	a.closed = true
	a.mu.Unlock()
	a.endAll(errClosed)
}

// answer is what the server sends for a published message.
type answer struct {
	jetstream.PubAck
	Error *jetstream.APIError `json:"error"`
}

// acknowledge is the callback of the inbox.
func (s *Store) acknowledge(m *nats.Msg) {
	p := s.acks.take(m.Subject)
	if p == nil {
		return
	}
	if err := s.outcomeOf(m, p); err != nil {
		p.outcome <- s.acks.appendError(p.expect, err)
		return
	}
	p.outcome <- nil
}

// outcomeOf returns the outcome of an append from the server's answer.
func (s *Store) outcomeOf(m *nats.Msg, p *pending) error {
	if len(m.Data) == 0 {
		return nats.ErrNoResponders
	}
	var a answer
	if err := json.Unmarshal(m.Data, &a); err != nil {
		return fmt.Errorf("read the acknowledgement: %w", err)
	}
	switch {
	case a.Error != nil:
		return s.rejected(a.Error, p.expect, p.acked)
	case a.Stream == "":
		return errNotAck
	}
	return s.accept(&a.PubAck, p.expect)
}
