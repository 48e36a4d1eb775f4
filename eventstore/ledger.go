package eventstore

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"authledger/domain"
	"authledger/eventstore/seal"
)

// Options says what a ledger is opened on. Everything but Log, Now and Node
// must be there.
type Options struct {
	Dir      string // of the data directory, for its head and its free space
	Manifest Manifest
	Store    Store
	State    State
	Keys     *seal.Store
	Node     string // name of this node, in each commit

	Unsynced    bool   // play on a server that doesn't sync; every verdict says so
	DiskFreeMin uint64 // bytes below which nothing is accepted; 0 for [DiskFreeMin]
	ScrubBytes  int64  // a second; 0 for [ScrubBytes]
	Now         func() time.Time
	Log         *slog.Logger
	Progress    func(stream, last uint64) // while catching up; may be nil
	Observe     Observer

	// Horizon is the instant, at most now, before which all commands have come that
	// were stored for the ledger: no deadline fires that one of them could still be
	// before. Nil where commands come at once or not at all.
	Horizon func(now time.Time) time.Time
}

// DiskFreeMin is the space that is left free for projections, keys and the head
// when nothing is accepted any more.
const DiskFreeMin = 256 << 20

// Ledger is one realm's log, opened for deciding. It is safe for concurrent
// use. Whoever opened Store, State and Keys closes them, after the ledger.
type Ledger struct {
	manifest Manifest
	store    Store
	state    State
	keys     *seal.Store
	head     *Head
	dir      string
	node     string
	unsynced bool
	freeMin  uint64
	now      func() time.Time
	horizon  func(now time.Time) time.Time
	log      *slog.Logger
	scrub    scrub
	recent   recent
	feed     feed
	pages    chan struct{} // a place for each that is being read
	observe  Observer

	sequencer    *sequencer
	policy       atomic.Pointer[domain.Policy]
	diskFull     atomic.Bool
	held         atomic.Pointer[string] // why the timers are held, nil if they are not
	unknownSince atomic.Pointer[time.Time]

	ctx       context.Context // ends when all is done
	cancel    context.CancelFunc
	accepting context.Context // ends when nothing new is taken
	stop      context.CancelFunc
	failed    chan struct{} // closed by the first fault
	ended     chan struct{} // closed when no ticket will be answered any more
	once      sync.Once
	cause     error // of failed
	group     sync.WaitGroup
}

// Open checks the log against its manifest, its head and the state's position,
// folds what the state lacks, and starts to take commands. A log that is not
// the one that was left is a *Fault.
func Open(ctx context.Context, o Options) (*Ledger, error) {
	l := &Ledger{
		manifest: o.Manifest, store: o.Store, state: o.State, keys: o.Keys, dir: o.Dir, node: o.Node,
		unsynced: o.Unsynced, freeMin: o.DiskFreeMin, now: wallOf(o.Now), log: o.Log,
		failed: make(chan struct{}), ended: make(chan struct{}), observe: o.Observe, horizon: o.Horizon,
		pages: make(chan struct{}, pagesAtOnce),
	}
	l.observe.complete()
	if l.horizon == nil {
		l.horizon = func(now time.Time) time.Time { return now }
	}
	if l.log == nil {
		l.log = slog.Default()
	}
	if l.freeMin == 0 {
		l.freeMin = DiskFreeMin
	}
	l.scrub.bytesPerSecond = o.ScrubBytes
	var err error
	if l.head, err = OpenHead(o.Dir); err != nil {
		return nil, err
	}
	at, err := l.start(ctx, o.Progress)
	if err == nil {
		err = l.lookAtDisk() // before the first command, not soon after
	}
	if err != nil {
		return nil, errors.Join(err, l.head.Close())
	}
	l.ctx, l.cancel = context.WithCancel(context.WithoutCancel(ctx))
	l.accepting, l.stop = context.WithCancel(l.ctx)
	l.policy.Store(l.state.Policy())
	l.feed.begin(at.at.Seq)
	l.launch(at)
	return l, nil
}

// wallOf is the clock that is compared and stored: UTC, and without the
// monotonic reading, which the log doesn't keep and comparisons would prefer.
func wallOf(now func() time.Time) func() time.Time {
	if now == nil {
		now = time.Now
	}
	return func() time.Time { return now().UTC().Round(0) }
}

// start proves that the log is the one that was left, and catches up.
func (l *Ledger) start(ctx context.Context, progress func(stream, last uint64)) (chain, error) {
	if err := l.store.Check(ctx); err != nil {
		return chain{}, fmt.Errorf("check the log: %w", err)
	}
	if err := holds(ctx, l.store, "head", l.head.At()); err != nil {
		return chain{}, err
	}
	if err := holds(ctx, l.store, "projections", l.state.Position()); err != nil {
		return chain{}, err
	}
	return catchUp(ctx, l.manifest, l.store, l.state, progress)
}

// launch starts the goroutines. Each ends with the ledger.
func (l *Ledger) launch(at chain) {
	s := &sequencer{
		ledger: l, live: make(chan *Ticket, queueMax), backfill: make(chan *Ticket, queueMax),
		overlay: overlay{state: l.state}, at: at.at, time: at.time,
		sending: make(chan sending, inFlightMax), folding: make(chan *layer, foldingMax), idle: make(chan chan struct{}),
	}
	l.sequencer = s
	var line sync.WaitGroup
	line.Go(func() { l.transmit(l.ctx, s.sending) })
	line.Go(func() { l.failOn(l.fold(s.folding, s.idle)) })
	l.group.Go(func() {
		l.failOn(s.run())
		close(s.sending)
		close(s.folding)
		line.Wait()
		close(l.ended)
		l.feed.stop()
	})
	for _, run := range []func() error{l.runTimers, l.runScrub, l.watch} {
		l.group.Go(func() { l.failOn(run()) })
	}
}

// Submit puts c into its queue. Live commands are refused with ErrBusy when
// their queue is full; a backfill waits for a place. Commands submitted by one
// goroutine, all live or all backfill, are decided in that order.
func (l *Ledger) Submit(ctx context.Context, c domain.Command) (*Ticket, error) {
	t, err := l.Prepare(c)
	if err != nil {
		return nil, err
	}
	return t, l.Enqueue(ctx, t)
}

// Prepare does what can be done before c's turn: it hashes and seals. It may be
// called by many goroutines, ahead of Enqueue, to spread that work.
func (l *Ledger) Prepare(c domain.Command) (*Ticket, error) {
	return l.prepareAt(c, l.now())
}

// PrepareStored is Prepare for a command that an intake has kept since an instant,
// which is the one that its clock is judged against: it came in then. An instant that
// is still to come is of a clock that is wrong, and can't vouch for another. It waits
// for its turn as a backfill does, behind what somebody waits for.
func (l *Ledger) PrepareStored(c domain.Command, at time.Time) (*Ticket, error) {
	if now := l.now(); at.After(now) {
		at = now
	}
	t, err := l.prepareAt(c, at.UTC().Round(0))
	if err == nil {
		t.stored = true
	}
	return t, err
}

func (l *Ledger) prepareAt(c domain.Command, arrived time.Time) (*Ticket, error) {
	p, err := l.prepare(c, l.policy.Load(), arrived)
	if err != nil {
		return nil, err
	}
	return &Ticket{prepared: p, ledger: l, done: make(chan struct{})}, nil
}

// Enqueue puts a prepared command into its queue, once. See Submit.
func (l *Ledger) Enqueue(ctx context.Context, t *Ticket) error {
	switch {
	case l.isStopping():
		return l.stoppedBy()
	case l.diskFull.Load():
		return ErrDiskFull
	}
	if !t.prepared.command.Backfill && !t.stored {
		select {
		case l.sequencer.live <- t:
			return nil
		default:
			return ErrBusy
		}
	}
	select {
	case l.sequencer.backfill <- t:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-l.ended:
		return l.stoppedBy()
	}
}

// Do submits c and waits for its verdict.
func (l *Ledger) Do(ctx context.Context, c domain.Command) (domain.Verdict, error) {
	t, err := l.Submit(ctx, c)
	if err != nil {
		return domain.Verdict{}, err
	}
	return t.Wait(ctx)
}

// Close takes nothing new, answers what was taken, as long as ctx lasts, and
// stops. It returns the fault that stopped the ledger earlier, if one did.
func (l *Ledger) Close(ctx context.Context) error {
	l.stop()
	select {
	case <-l.ended:
	case <-ctx.Done():
		l.failOn(fmt.Errorf("close the ledger: %w", ctx.Err()))
	}
	<-l.ended
	l.cancel()
	l.group.Wait()
	err := errors.Join(l.Err(), l.head.Write(l.state.Position()))
	return errors.Join(err, l.head.Close())
}

// failOn stops the ledger at the first error: whatever can't be proved intact
// isn't served. What merely ends because all is done is none.
func (l *Ledger) failOn(err error) {
	if err == nil || (l.ctx.Err() != nil && errors.Is(err, context.Canceled)) {
		return
	}
	l.once.Do(func() {
		l.cause = err
		l.log.Error("the ledger stops", "cause", err)
		close(l.failed)
		l.stop()
	})
}

// Failed is closed when a fault has stopped the ledger.
func (l *Ledger) Failed() <-chan struct{} { return l.failed }

// Err is the fault that stopped the ledger, nil while there is none.
func (l *Ledger) Err() error {
	select {
	case <-l.failed:
		return l.cause
	default:
		return nil
	}
}

func (l *Ledger) isStopping() bool { return l.accepting.Err() != nil }

func (l *Ledger) stoppedBy() error {
	if err := l.Err(); err != nil {
		return fmt.Errorf("%w: %w", ErrStopped, err)
	}
	return ErrStopped
}
