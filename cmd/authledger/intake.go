package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"authledger/domain"
	"authledger/eventstore"
)

// Bounds of what is under way in an intake.
const (
	outstandingMax = 4096 // commands without a verdict
	batchCommands  = 64   // that travel together, so that goroutines meet less often
	itemsAhead     = 256  // lines read and not yet in a batch
	batchesAhead   = 8    // prepared before their turn
	batchesSent    = outstandingMax/batchCommands - 2
)

// stuckAfter is how long nothing may be answered before an intake gives up: a
// healthy disk answers in milliseconds.
const stuckAfter = 30 * time.Second

// intake takes commands in as fast as they are decided, and hears the verdicts
// in the order of the commands.
//
//	read ──▶ gather ──▶ prepare ──▶ enqueue ──▶ answer
//	         batches    in parallel  in order    in order
type intake struct {
	ledger *eventstore.Ledger
	items  iter.Seq[item]
	strict bool // one at a time, and none after the first that is invalid
	heard  func(*batch) error

	asked, answered atomic.Int64 // commands
}

// run ends when all items are answered, or with the error that stopped it. What
// was enqueued before is answered also then, if the ledger can.
func (in *intake) run(ctx context.Context) error {
	working, stop := context.WithCancelCause(context.WithoutCancel(ctx))
	var group sync.WaitGroup
	defer func() { stop(nil); group.Wait() }()

	items := make(chan item, itemsAhead)
	go in.read(working, items) // a read from a pipe may never end: nobody waits for it
	ordered := make(chan *batch, batchesAhead)
	work := make(chan *batch, batchesAhead)
	sent := make(chan *batch, batchesSent)
	group.Go(func() { gather(ctx, working, items, work, ordered) })
	for range runtime.GOMAXPROCS(0) {
		group.Go(func() {
			for b := range work {
				b.prepare(in.ledger)
			}
		})
	}
	group.Go(func() { in.enqueue(working, ordered, sent) })
	group.Go(func() { in.watch(working, stop) })
	return in.answer(working, sent)
}

func (in *intake) read(ctx context.Context, items chan<- item) {
	defer close(items)
	for it := range in.items {
		select {
		case items <- it:
		case <-ctx.Done():
			return
		}
		if it.err != nil {
			return
		}
	}
}

// gather puts items into batches, and each batch into both lines: of who
// prepares, and of who waits for its turn. It stops when reading does.
func gather(reading, working context.Context, items <-chan item, work, ordered chan<- *batch) {
	defer close(work)
	defer close(ordered)
	for more := true; more; {
		b := newBatch()
		more = b.fill(reading, items)
		for _, line := range []chan<- *batch{work, ordered} {
			select {
			case line <- b:
			case <-working.Done():
				return
			}
		}
	}
}

// enqueue hands prepared commands to the ledger, in order, up to the first
// batch with an error.
func (in *intake) enqueue(ctx context.Context, ordered <-chan *batch, sent chan<- *batch) {
	defer close(sent)
	for b := range ordered {
		select {
		case <-b.prepared:
		case <-ctx.Done():
			return
		}
		in.enqueueBatch(ctx, b)
		select {
		case sent <- b:
		case <-ctx.Done():
			return
		}
		if b.err != nil {
			return
		}
	}
}

func (in *intake) enqueueBatch(ctx context.Context, b *batch) {
	for i := range b.pending {
		q := &b.pending[i]
		if q.ticket != nil {
			if err := in.ledger.Enqueue(ctx, q.ticket); err != nil {
				b.cut(i, err)
				return
			}
			in.asked.Add(1)
		}
		if !in.strict {
			continue
		}
		if err := in.hear(ctx, q); err != nil {
			b.cut(i, err)
			return
		}
		if q.verdict.Status == domain.Invalid {
			b.cut(i+1, &invalidLine{q.verdict})
			return
		}
	}
}

// hear waits for the verdict, unless it is there. Of an invalid one it says
// which line it is about: such a line may have no id to find it by.
func (in *intake) hear(ctx context.Context, q *pending) (err error) {
	if q.heard {
		return nil
	}
	q.heard = true
	if q.ticket != nil {
		q.verdict, err = q.ticket.Wait(ctx)
		in.answered.Add(1)
	}
	if q.verdict.Status == domain.Invalid {
		q.verdict.Detail = fmt.Sprintf("line %d: %s", q.line, q.verdict.Detail)
	}
	return err
}

func (in *intake) answer(ctx context.Context, sent <-chan *batch) error {
	for b := range sent {
		for i := range b.pending {
			if err := in.hear(ctx, &b.pending[i]); err != nil {
				b.cut(i, err)
				break
			}
		}
		if err := errors.Join(in.heard(b), b.err); err != nil {
			return orCause(ctx, err)
		}
	}
	return context.Cause(ctx)
}

// orCause names why ctx ended where an error only says that it did.
func orCause(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil && errors.Is(err, context.Canceled) {
		return cause
	}
	return err
}

// watch gives up when nothing is answered any more, as on a disk that is full.
func (in *intake) watch(ctx context.Context, stop context.CancelCauseFunc) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	last, since := int64(0), time.Now()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		answered := in.answered.Load()
		if answered != last || in.asked.Load() == answered {
			last, since = answered, time.Now()
		}
		if time.Since(since) > stuckAfter {
			stop(fmt.Errorf("no verdict for %v: %s", stuckAfter, strings.Join(in.ledger.Health().Problems, "; ")))
			return
		}
	}
}

// invalidLine is what ends a strict intake.
type invalidLine struct{ verdict domain.Verdict }

func (e *invalidLine) Error() string {
	return fmt.Sprintf("stopped at the first invalid line: %s: %s", e.verdict.Reason, e.verdict.Detail)
}
