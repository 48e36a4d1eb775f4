package main

import (
	"context"
	"fmt"
	"slices"

	"authledger/domain"
	"authledger/eventstore"
	"authledger/eventstore/wire"
)

// importCaller is who commands come from that a file tells.
const importCaller = "import"

// item is one line on its way into the ledger: a text to be read, or commands,
// or a rejection, or nothing to ask. An error ends what is read.
type item struct {
	line      int // from 1
	text      []byte
	commands  []domain.Command
	rejection *domain.Rejection
	adopted   string // policy that came into force ahead of it
	passed    bool   // an event that tells of no attempt
	unmapped  string // the code that no table holds
	err       error
}

// asks reports whether there is anything to answer.
func (it *item) asks() bool {
	return len(it.text) > 0 || len(it.commands) > 0 || it.rejection != nil
}

// pending is one command, waiting for its verdict, or none, with one.
type pending struct {
	line    int
	ticket  *eventstore.Ticket // nil: it is no command
	heard   bool               // the verdict is final
	verdict domain.Verdict
}

// batch is some items that follow one another.
type batch struct {
	items    []item
	commands int
	pending  []pending
	err      error         // what stopped the intake, behind the last pending
	prepared chan struct{} // closed: the fields above are
}

func newBatch() *batch {
	return &batch{items: make([]item, 0, batchCommands), prepared: make(chan struct{})}
}

// fill takes an item, and what else is waiting. It reports false when there
// will be no more.
func (b *batch) fill(ctx context.Context, items <-chan item) (more bool) {
	select {
	case it, ok := <-items:
		if !ok {
			return false
		}
		b.add(it)
	case <-ctx.Done():
		b.add(item{err: ctx.Err()})
		return false
	}
	for b.commands < batchCommands {
		select {
		case it, ok := <-items:
			if !ok {
				return false
			}
			b.add(it)
		default:
			return true
		}
	}
	return true
}

func (b *batch) add(it item) {
	b.items = append(b.items, it)
	b.commands += max(len(it.commands), 1)
}

// prepare does all that can be done before the batch's turn.
func (b *batch) prepare(l *eventstore.Ledger) {
	defer close(b.prepared)
	b.pending = make([]pending, 0, b.commands)
	for i := range b.items {
		if b.err = b.prepareItem(l, &b.items[i]); b.err != nil {
			b.items = b.items[:i]
			return
		}
	}
}

func (b *batch) prepareItem(l *eventstore.Ledger, it *item) error {
	var one [1]domain.Command
	commands, rejection := it.commands, it.rejection
	switch {
	case it.err != nil:
		return it.err
	case len(it.text) > 0:
		one[0], rejection = wire.ReadCommand(it.text)
		one[0].Caller, one[0].Backfill = importCaller, true
		commands = one[:]
	}
	if rejection != nil {
		b.pending = append(b.pending, pending{line: it.line, verdict: rejection.Verdict(&one[0])})
		return nil
	}
	for _, c := range commands {
		t, err := l.Prepare(c)
		if err != nil {
			return fmt.Errorf("prepare line %d: %w", it.line, err)
		}
		b.pending = append(b.pending, pending{line: it.line, ticket: t})
	}
	return nil
}

// cut ends the batch before its nth pending, and before the item of that. Items may
// be in another order than their lines.
func (b *batch) cut(n int, err error) {
	if n < len(b.pending) {
		line := b.pending[n].line
		if i := slices.IndexFunc(b.items, func(it item) bool { return it.line == line }); i >= 0 {
			b.items = b.items[:i]
		}
	}
	b.pending, b.err = b.pending[:n], err
}
