package watermill

import (
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/ThreeDotsLabs/watermill/message"

	"authledger/domain"
	"authledger/eventstore"
	"authledger/eventstore/wire"
)

// ErrClosed is returned by a closed publisher or subscriber.
var ErrClosed = errors.New("watermill: the publisher or subscriber is closed")

// Invalid is the error of a command that the ledger rejects without a record. The
// ledger rejects the same command every time, so it belongs in a poison queue.
type Invalid struct{ Verdict domain.Verdict }

func (i *Invalid) Error() string {
	return fmt.Sprintf("invalid command: %s: %s", i.Verdict.Reason, i.Verdict.Detail)
}

// Publisher submits commands: the topic is the type of the command, the payload its
// data as JSON, the UUID its id. It is a message.Publisher, safe for concurrent use.
type Publisher struct {
	ledger         *eventstore.Ledger
	source, caller string
	closed         atomic.Bool
}

var _ message.Publisher = (*Publisher)(nil)

// NewPublisher returns a publisher. Its commands have the given source and caller.
func NewPublisher(l *eventstore.Ledger, source, caller string) *Publisher {
	return &Publisher{ledger: l, source: source, caller: caller}
}

// Publish submits the messages in order, and returns when all of them are on disk. An
// error names the first message that the ledger did not record, or whose outcome is
// unknown; the outcomes of the later messages are unknown too. An *[Invalid] error is
// final. After any other error the caller can publish the same messages again. The
// context of each message limits its submission.
func (p *Publisher) Publish(topic string, messages ...*message.Message) error {
	if p.closed.Load() {
		return ErrClosed
	}
	commands := make([]domain.Command, len(messages))
	for i, m := range messages {
		var rejection *domain.Rejection
		if commands[i], rejection = p.command(topic, m); rejection != nil {
			return failed(topic, m, &Invalid{rejection.Verdict(&commands[i])})
		}
	}
	tickets := make([]*eventstore.Ticket, 0, len(messages))
	waited := 0
	for i, m := range messages {
		t, err := p.ledger.Submit(m.Context(), commands[i])
		for errors.Is(err, eventstore.ErrBusy) && waited < i { // an earlier command of this call must finish first
			if err := await(topic, messages[waited], tickets[waited]); err != nil {
				return err
			}
			waited++
			t, err = p.ledger.Submit(m.Context(), commands[i])
		}
		if err != nil {
			return failed(topic, m, err)
		}
		tickets = append(tickets, t)
	}
	for ; waited < len(tickets); waited++ {
		if err := await(topic, messages[waited], tickets[waited]); err != nil {
			return err
		}
	}
	return nil
}

// command returns the command of a message, after the same checks as for a command from the
// network.
func (p *Publisher) command(topic string, m *message.Message) (c domain.Command, rejection *domain.Rejection) {
	c = domain.Command{Source: p.source, Caller: p.caller, ID: m.UUID, Stamped: true}
	if why := domain.WrongEnvelope(c.ID, domain.IDBytesMax); why != "" {
		return c, &domain.Rejection{Reason: domain.Malformed, Field: "id", Detail: why}
	}
	c.Data, rejection = wire.ReadTyped(topic, m.Payload)
	return c, rejection
}

func await(topic string, m *message.Message, t *eventstore.Ticket) error {
	v, err := t.Wait(m.Context())
	switch {
	case err != nil:
		return failed(topic, m, err)
	case v.Status == domain.Invalid:
		return failed(topic, m, &Invalid{v})
	}
	return nil
}

func failed(topic string, m *message.Message, err error) error {
	return fmt.Errorf("publish %s %s: %w", topic, m.UUID, err)
}

// Close makes later calls of Publish return ErrClosed. Calls in progress continue.
func (p *Publisher) Close() error {
	p.closed.Store(true)
	return nil
}
