// Package ingest imports files into a ledger: it opens and unpacks files, reads their formats,
// decides the commands in order, and counts the results. It prints nothing.
package ingest

import (
	"context"
	"fmt"
	"slices"

	"authledger/adapters/importers/signins"
	"authledger/domain"
	"authledger/eventstore"
	"authledger/eventstore/wire"
)

// importCaller is the caller recorded for imported commands.
const importCaller = "import"

// Item is one line of an import. A line with a command has Text, the encoded command, or
// Commands, the decoded commands. An invalid line has a rejection. An item with an error is the
// last item.
type Item struct {
	Line         int // number among all lines of the import, from 1
	at           location
	Text         []byte
	Commands     []domain.Command
	rejection    *domain.Rejection
	adopted      string       // policy that the import adopted before this item
	unrecognized bool         // the line is not in the format of the import
	passedOver   bool         // an event that is not an attempt
	kind         signins.Kind // kind of an event that was passed over
	unmapped     string       // result code of a sign-in, if the gateway's table does not contain the code
	err          error
}

// needsVerdict reports whether the item results in a verdict.
func (it *Item) needsVerdict() bool {
	return len(it.Text) > 0 || len(it.Commands) > 0 || it.rejection != nil
}

// Pending is a command that waits for its verdict, or a rejected line with its verdict.
type Pending struct {
	line    int
	at      location
	ticket  *eventstore.Ticket // nil for a rejected line
	isFinal bool               // the pipeline has received the verdict
	Verdict domain.Verdict
}

// Batch is a list of consecutive items.
type Batch struct {
	items    []Item
	commands int
	Pending  []Pending
	err      error         // stopped the import after the last pending command
	prepared chan struct{} // closed when the fields above are set
}

func newBatch() *Batch {
	return &Batch{items: make([]Item, 0, batchCommands), prepared: make(chan struct{})}
}

// fill waits for one item, and then adds the items that are available without waiting, up to
// batchCommands commands. It returns false after the last item.
func (b *Batch) fill(ctx context.Context, items <-chan Item) (more bool) {
	select {
	case it, ok := <-items:
		if !ok {
			return false
		}
		b.add(it)
	case <-ctx.Done():
		b.add(Item{err: ctx.Err()})
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

func (b *Batch) add(it Item) {
	b.items = append(b.items, it)
	b.commands += max(len(it.Commands), 1)
}

// prepare reads and hashes the commands. Goroutines may prepare the batches in any order.
func (b *Batch) prepare(l *eventstore.Ledger) {
	defer close(b.prepared)
	b.Pending = make([]Pending, 0, b.commands)
	for i := range b.items {
		if b.err = b.prepareItem(l, &b.items[i]); b.err != nil {
			b.items = b.items[:i]
			return
		}
	}
}

func (b *Batch) prepareItem(l *eventstore.Ledger, it *Item) error {
	var one [1]domain.Command
	commands, rejection := it.Commands, it.rejection
	switch {
	case it.err != nil:
		return it.err
	case len(it.Text) > 0:
		one[0], rejection = wire.ReadCommand(it.Text)
		one[0].Caller, one[0].Backfill = importCaller, true
		commands = one[:]
		it.unrecognized = rejection != nil && (one[0].Source == "" || one[0].ID == "")
	}
	if rejection != nil {
		b.Pending = append(b.Pending, Pending{line: it.Line, at: it.at, Verdict: rejection.Verdict(&one[0])})
		return nil
	}
	for _, c := range commands {
		t, err := l.Prepare(c)
		if err != nil {
			return fmt.Errorf("prepare %s: %w", it.at.text(it.Line), err)
		}
		t.OrderWith(importCaller)
		b.Pending = append(b.Pending, Pending{line: it.Line, at: it.at, ticket: t})
	}
	return nil
}

// truncate removes the pending commands from index n on, the item of the first of them, and the
// items after that item. It sets the error of the batch. It finds the item by its line, because
// items are not always in the order of their lines.
func (b *Batch) truncate(n int, err error) {
	if n < len(b.Pending) {
		line := b.Pending[n].line
		if i := slices.IndexFunc(b.items, func(it Item) bool { return it.Line == line }); i >= 0 {
			b.items = b.items[:i]
		}
	}
	b.Pending, b.err = b.Pending[:n], err
}
