package httpapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"authledger/access"
	"authledger/domain"
	"authledger/eventstore"
	"authledger/eventstore/wire"
)

// batch is commands that came together, each with its verdict in the end.
type batch struct {
	received []received
	tickets  []*eventstore.Ticket // nil where a command is invalid as it stands
	verdicts []domain.Verdict
	waited   int // how many verdicts are there
}

// postBatch gives many commands, in order, and answers with their verdicts, in
// order. Invalid ones are among them.
func (s *Server) postBatch(c *call, w *answer, r *http.Request) error {
	leave, err := s.batches.enter(r.Context())
	if err != nil {
		return err
	}
	defer leave()
	b, err := s.readBatch(c, w, r)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(r.Context(), verdictWithin)
	defer cancel()
	if err := b.give(ctx, c.ledger); err != nil {
		for _, in := range b.received[b.waited:] {
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
	writeJSON(w, append(out, ']'))
	return nil
}

// readBatch reads the commands, all of which the caller may give.
func (s *Server) readBatch(c *call, w *answer, r *http.Request) (*batch, error) {
	body, err := readBody(w, r, batchBytesMax)
	if err != nil {
		return nil, err
	}
	events, err := wire.SplitBatch(body, commandsMax)
	if err != nil {
		return nil, bad("the batch: %v", err)
	}
	if err := limited(s.limits.credential(c.caller, max(len(events), 1))); err != nil {
		return nil, err
	}
	b := &batch{received: make([]received, len(events)), verdicts: make([]domain.Verdict, len(events))}
	for i, event := range events {
		in := &b.received[i]
		if in.command, in.rejection = wire.ReadCommand(event); in.rejection != nil {
			continue
		}
		if err := s.allow(c, &in.command); err != nil {
			return nil, &access.Denied{Says: fmt.Sprintf("event %d of the batch: %v; none of it was given", i, err)}
		}
	}
	return b, nil
}

// give hands the commands to the ledger and waits for all verdicts. Whatever can
// fail for good fails before the first is handed over.
func (b *batch) give(ctx context.Context, l *eventstore.Ledger) (err error) {
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

// enqueue hands over one command. When the queue is full it waits for those before
// it: a batch slows down rather than fail.
func (b *batch) enqueue(ctx context.Context, l *eventstore.Ledger, i int) error {
	for {
		err := l.Enqueue(ctx, b.tickets[i])
		if !errors.Is(err, eventstore.ErrBusy) || b.waited >= i {
			return err
		}
		if err := b.wait(ctx, b.waited+1); err != nil {
			return err
		}
	}
}

// wait waits for the verdicts before until.
func (b *batch) wait(ctx context.Context, until int) (err error) {
	for ; b.waited < until; b.waited++ {
		i := b.waited
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
