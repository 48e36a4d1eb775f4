package ingest

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

// Limits of the pipeline.
const (
	OutstandingMax = 4096                             // commands without a verdict
	batchCommands  = 64                               // commands of one batch; batches reduce the synchronization of goroutines
	itemsAhead     = 256                              // lines that were read and are not in a batch yet
	batchesAhead   = 8                                // batches that wait to be prepared, and batches that wait to be enqueued
	batchesSent    = OutstandingMax/batchCommands - 2 // enqueued batches that wait for their verdicts
)

// stuckAfter is the maximum duration without a verdict before an import stops. A healthy disk
// needs milliseconds.
const stuckAfter = 30 * time.Second

// Pipeline decides the commands of items, and reports the verdicts in the order of the commands.
// A Pipeline runs once. One goroutine owns each step:
//
//	read ──▶ gather ──▶ prepare ──▶ enqueue ──▶ answer
//	         batches    in parallel  in order    in order
type Pipeline struct {
	Ledger *eventstore.Ledger
	Items  iter.Seq[Item]
	Strict bool // decide one command at a time, and stop at the first invalid one
	Report func(*Batch) error

	enqueued, answered atomic.Int64 // commands
}

// Run returns when all items have a verdict, or returns the error that stopped the import. After
// an error it still waits for the verdicts of the enqueued commands, if the ledger decides them.
func (in *Pipeline) Run(ctx context.Context) error {
	working, stop := context.WithCancelCause(context.WithoutCancel(ctx))
	var group sync.WaitGroup
	defer func() { stop(nil); group.Wait() }()

	items := make(chan Item, itemsAhead)
	go in.read(working, items) // Run does not wait for read, because a read from a pipe may never end
	ordered := make(chan *Batch, batchesAhead)
	work := make(chan *Batch, batchesAhead)
	sent := make(chan *Batch, batchesSent)
	group.Go(func() { gather(ctx, working, items, work, ordered) })
	for range runtime.GOMAXPROCS(0) {
		group.Go(func() {
			for b := range work {
				b.prepare(in.Ledger)
			}
		})
	}
	group.Go(func() { in.enqueue(working, ordered, sent) })
	group.Go(func() { in.watchProgress(working, stop) })
	return in.answer(working, sent)
}

func (in *Pipeline) read(ctx context.Context, items chan<- Item) {
	defer close(items)
	for it := range in.Items {
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

// gather collects items in batches, and sends each batch to the goroutines that prepare batches
// and to the goroutine that enqueues them in order. It stops when the context reading ends.
func gather(reading, working context.Context, items <-chan Item, work, ordered chan<- *Batch) {
	defer close(work)
	defer close(ordered)
	for more := true; more; {
		b := newBatch()
		more = b.fill(reading, items)
		for _, to := range []chan<- *Batch{work, ordered} {
			select {
			case to <- b:
			case <-working.Done():
				return
			}
		}
	}
}

// enqueue submits the prepared commands to the ledger in order, and stops at the first batch
// with an error.
func (in *Pipeline) enqueue(ctx context.Context, ordered <-chan *Batch, sent chan<- *Batch) {
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

func (in *Pipeline) enqueueBatch(ctx context.Context, b *Batch) {
	for i := range b.Pending {
		q := &b.Pending[i]
		if q.ticket != nil {
			if err := in.Ledger.Enqueue(ctx, q.ticket); err != nil {
				b.truncate(i, err)
				return
			}
			in.enqueued.Add(1)
		}
		if !in.Strict {
			continue
		}
		if err := in.await(ctx, q); err != nil {
			b.truncate(i, err)
			return
		}
		if q.Verdict.Status == domain.Invalid {
			b.truncate(i+1, &InvalidLineError{q.Verdict})
			return
		}
	}
}

// await waits for the verdict of q. It adds the line to the detail of an invalid verdict, because
// an invalid line may have no id.
func (in *Pipeline) await(ctx context.Context, q *Pending) (err error) {
	if q.isFinal {
		return nil
	}
	q.isFinal = true
	if q.ticket != nil {
		q.Verdict, err = q.ticket.Wait(ctx)
		in.answered.Add(1)
	}
	if q.Verdict.Status == domain.Invalid {
		q.Verdict.Detail = q.at.text(q.line) + ": " + q.Verdict.Detail
	}
	return err
}

func (in *Pipeline) answer(ctx context.Context, sent <-chan *Batch) error {
	for b := range sent {
		for i := range b.Pending {
			if err := in.await(ctx, &b.Pending[i]); err != nil {
				b.truncate(i, err)
				break
			}
		}
		if err := errors.Join(in.Report(b), b.err); err != nil {
			return orCause(ctx, err)
		}
	}
	return context.Cause(ctx)
}

// orCause returns the cause of the end of ctx instead of context.Canceled.
func orCause(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil && errors.Is(err, context.Canceled) {
		return cause
	}
	return err
}

// watchProgress stops the import if no verdict arrives, for example on a full disk.
func (in *Pipeline) watchProgress(ctx context.Context, stop context.CancelCauseFunc) {
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
		if answered != last || in.enqueued.Load() == answered {
			last, since = answered, time.Now()
		}
		if time.Since(since) > stuckAfter {
			stop(fmt.Errorf("no verdict for %v: %s", stuckAfter, strings.Join(in.Ledger.Health().Problems, "; ")))
			return
		}
	}
}

// InvalidLineError reports the line that stopped a strict import.
type InvalidLineError struct{ verdict domain.Verdict }

func (e *InvalidLineError) Error() string {
	return fmt.Sprintf("stopped at the first invalid line: %s: %s", e.verdict.Reason, e.verdict.Detail)
}
