package httpapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"authledger/domain"
	"authledger/domain/access"
	"authledger/eventstore"
	"authledger/eventstore/wire"
)

// batch is the commands of one request in order, with their verdicts.
type batch struct {
	received []received
	tickets  []*eventstore.Ticket // nil for a command that the reader rejected
	verdicts []domain.Verdict
	decided  int // number of commands whose verdicts are known
}

// postBatch submits many commands in order and answers with their verdicts in the same
// order. The answer includes the verdicts of invalid commands.
func (s *Server) postBatch(c *call, w *answer, r *http.Request) error {
	body, release, err := s.batches.readLimited(c, w, r, batchBytesMax, batchBodyWithin)
	if err != nil {
		return err
	}
	defer release()
	b, err := s.readBatch(c, body)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(r.Context(), verdictWithin)
	defer cancel()
	if err := b.submit(ctx, c.ledger); err != nil {
		for _, in := range b.received[b.decided:] {
			s.observe(in.command.Data, "unknown")
		}
		return err
	}
	out := []byte{'['}
	for i := range b.verdicts {
		if i > 0 {
			out = append(out, ',')
		}
		out = wire.AppendVerdict(out, &b.verdicts[i])
		s.observe(b.received[i].command.Data, string(b.verdicts[i].Status))
	}
	w.writeJSON(append(out, ']'))
	return nil
}

// readBatch reads the commands and returns an error if the caller may not submit one of
// them. It charges the caller for each command after the first, because the server charged
// the caller for one when the request arrived.
func (s *Server) readBatch(c *call, body []byte) (*batch, error) {
	events, err := wire.SplitBatch(body, commandsMax)
	if err != nil {
		return nil, bad("the batch: %v", err)
	}
	if err := limited(s.limits.credential(c.caller, max(len(events)-1, 0))); err != nil {
		return nil, err
	}
	b := &batch{received: make([]received, len(events)), verdicts: make([]domain.Verdict, len(events))}
	for i, event := range events {
		in := &b.received[i]
		if in.command, in.rejection = wire.ReadCommand(event); in.rejection != nil {
			continue
		}
		if err := s.authorize(c, &in.command); err != nil {
			return nil, &access.Denied{Text: fmt.Sprintf("event %d of the batch: %v; no command of the batch was submitted", i, err)}
		}
	}
	return b, nil
}

// submit passes the commands to the ledger and waits for all verdicts. It prepares all
// commands before it enqueues the first one, so that an error that a retry can't change
// prevents the whole batch.
func (b *batch) submit(ctx context.Context, l *eventstore.Ledger) (err error) {
	b.tickets = make([]*eventstore.Ticket, len(b.received))
	for i := range b.received {
		if b.received[i].rejection != nil {
			continue
		}
		if b.tickets[i], err = l.Prepare(b.received[i].command); err != nil {
			return err
		}
	}
	for i, ticket := range b.tickets {
		if ticket == nil {
			continue
		}
		if err := b.enqueue(ctx, l, i); err != nil {
			return err
		}
	}
	return b.wait(ctx, len(b.received))
}

// enqueue adds one command to the queue of the ledger. While the queue is full, enqueue
// waits for the verdicts of earlier commands of the batch, so that the batch takes longer
// instead of failing.
func (b *batch) enqueue(ctx context.Context, l *eventstore.Ledger, i int) error {
	for {
		err := l.Enqueue(ctx, b.tickets[i])
		if !errors.Is(err, eventstore.ErrBusy) || b.decided >= i {
			return err
		}
		if err := b.wait(ctx, b.decided+1); err != nil {
			return err
		}
	}
}

// wait waits for the verdicts of the commands before index until.
func (b *batch) wait(ctx context.Context, until int) (err error) {
	for ; b.decided < until; b.decided++ {
		i := b.decided
		if b.tickets[i] == nil {
			b.verdicts[i] = b.received[i].verdict()
			continue
		}
		if b.verdicts[i], err = b.tickets[i].Wait(ctx); err != nil {
			return err
		}
	}
	return nil
}
