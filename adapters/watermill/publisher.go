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

// ErrClosed: publisher or subscriber was closed.
var ErrClosed = errors.New("watermill: it is closed")

// Invalid is a command that the ledger did not record, and won't when it is given
// again: a matter for a poison queue.
type Invalid struct{ Verdict domain.Verdict }

func (i *Invalid) Error() string {
	return fmt.Sprintf("invalid: %s: %s", i.Verdict.Reason, i.Verdict.Detail)
}

// Publisher gives commands: the topic is the command's type, the payload its data
// as JSON, the UUID its id. It is a message.Publisher, safe for concurrent use.
type Publisher struct {
	ledger         *eventstore.Ledger
	source, caller string
	closed         atomic.Bool
}

var _ message.Publisher = (*Publisher)(nil)

// NewPublisher makes one whose commands come from source, on behalf of caller.
func NewPublisher(l *eventstore.Ledger, source, caller string) *Publisher {
	return &Publisher{ledger: l, source: source, caller: caller}
}

// Publish gives the messages in order, and returns when all are on disk. An error
// names the first message that is not, or of which that is unknown; what became of
// those behind it is unknown, too. *[Invalid] will be so again; of any other error,
// publishing the same messages again is the cure. The context is each message's.
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
	under := make([]*eventstore.Ticket, 0, len(messages))
	waited := 0
	for i, m := range messages {
		t, err := p.ledger.Submit(m.Context(), commands[i])
		for errors.Is(err, eventstore.ErrBusy) && waited < i { // slow down rather than fail
			if err := await(topic, messages[waited], under[waited]); err != nil {
				return err
			}
			waited++
			t, err = p.ledger.Submit(m.Context(), commands[i])
		}
		if err != nil {
			return failed(topic, m, err)
		}
		under = append(under, t)
	}
	for ; waited < len(under); waited++ {
		if err := await(topic, messages[waited], under[waited]); err != nil {
			return err
		}
	}
	return nil
}

// command is what a message asks for. It is judged as one from outside is.
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
	return fmt.Errorf("%s %s: %w", topic, m.UUID, err)
}

// Close lets nothing more be published. What is under way is answered.
func (p *Publisher) Close() error {
	p.closed.Store(true)
	return nil
}
