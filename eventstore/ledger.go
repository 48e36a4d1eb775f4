package eventstore

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"authledger/eventstore/seal"
)

// DiskFreeMin is the default number of bytes that a ledger keeps free on the disk for
// projections, keys and the head.
const DiskFreeMin = 256 << 20

// Options are the parts from which Open makes a ledger. Dir, Manifest, Store, State and Keys
// are required.
type Options struct {
	Dir      string // data directory, for the head and the check of free space
	Manifest Manifest
	Store    Store
	State    State
	Keys     *seal.Store
	Node     string // name of this node, recorded in each commit

	Unsynced    bool   // the server does not sync (unsafe, for testing only); every verdict is marked
	DiskFreeMin uint64 // free bytes below which commands are rejected; 0 for [DiskFreeMin]

	// Scrubs check the log and the rows while the ledger runs. Package audit implements them.
	Scrubs []Scrub

	Now      func() time.Time          // nil for [time.Now]
	Log      *slog.Logger              // nil for [slog.Default]
	Progress func(stream, last uint64) // called for each commit that Open folds; may be nil
	Observe  Observer

	// Proven is called after the checks of the log and before the first append; nil for
	// no call.
	Proven func() error

	// Intact returns a *Fault if files of the log or the keys were deleted, replaced or
	// truncated since the ledger was opened. The ledger calls it before it answers the
	// commands of a commit, and at the interval watchEvery; nil for no call.
	Intact func() error

	// Trouble returns the error that prevents writing the state to disk at present, nil if
	// there is no such error. The field is nil for no call.
	Trouble func() error

	// Watermark returns an instant at or before now. The intake has submitted all commands
	// that it stored before that instant. The timers fire only deadlines before the
	// watermark, because a stored command could still precede a later deadline. Nil if no
	// intake stores commands.
	Watermark func(now time.Time) time.Time

	secondMin int // commands that must wait before a second commit is sent; 0 for [secondMin]; tests change it
}

// Ledger is the open log of one realm. It is safe for concurrent use. The caller closes
// Store, State and Keys after the ledger.
type Ledger struct {
	// Constant after Open.
	manifest  Manifest
	dir       string
	unsynced  bool
	freeMin   uint64
	now       func() time.Time
	log       *slog.Logger
	watermark func(now time.Time) time.Time
	intact    func() error // Options.Intact
	trouble   func() error // Options.Trouble
	scrubs    []Scrub
	state     State
	keys      *seal.Store
	store     Store
	view      *View

	// Safe for concurrent use.
	head      *Head
	ring      ring
	pages     chan struct{} // semaphore of the pages that are read at the same time
	sequencer *sequencer
	diskFull  atomic.Bool
	held      atomic.Pointer[string] // the reason for which no timer fires until the next start; nil if timers fire

	// Life cycle.
	ctx       context.Context // ends after all goroutines have ended
	cancel    context.CancelFunc
	accepting context.Context // ends when the ledger takes no more commands
	stop      context.CancelFunc
	failed    chan struct{} // closed by the first fault
	ended     chan struct{} // closed when no more tickets will be answered
	once      sync.Once
	cause     error // fault that stopped the ledger; written before failed is closed
	group     sync.WaitGroup
}

// Realm returns the name of the realm.
func (l *Ledger) Realm() string { return l.manifest.Realm }

// Open checks the log against its manifest, its head and the position of the state, folds
// the commits that the state lacks, and starts to take commands. It returns a *Fault if
// the log does not hold the commits to which the positions of the head and the state refer.
func Open(ctx context.Context, o Options) (*Ledger, error) {
	l := &Ledger{
		manifest: o.Manifest, store: o.Store, state: o.State, keys: o.Keys, dir: o.Dir,
		unsynced: o.Unsynced, freeMin: o.DiskFreeMin, now: wallOf(o.Now), log: o.Log,
		failed: make(chan struct{}), ended: make(chan struct{}), watermark: o.Watermark, trouble: o.Trouble,
		pages: make(chan struct{}, pagesAtOnce), scrubs: o.Scrubs,
	}
	l.view = &View{manifest: o.Manifest, store: o.Store, state: o.State, names: newNames(o.Manifest, o.Keys, o.State)}
	if l.watermark == nil {
		l.watermark = func(now time.Time) time.Time { return now }
	}
	if l.log == nil {
		l.log = slog.Default()
	}
	if o.secondMin == 0 {
		o.secondMin = secondMin
	}
	if l.freeMin == 0 {
		l.freeMin = DiskFreeMin
	}
	var err error
	if l.head, err = OpenHead(o.Dir); err != nil {
		return nil, err
	}
	at, err := l.view.start(ctx, l.head.At(), o.Progress)
	if err == nil {
		err = l.checkDisk() // here, because watch checks for the first time after watchEvery
	}
	if err == nil {
		err = l.reserveKeys()
	}
	if err == nil {
		err = EraseKeys(l.keys, l.state)
	}
	if err == nil {
		err = l.view.names.fill()
	}
	if err == nil {
		l.intact = o.Intact
		err = l.checkFiles()
	}
	if err == nil && o.Proven != nil {
		err = o.Proven()
	}
	if err != nil {
		return nil, errors.Join(err, l.head.Close())
	}
	l.ctx, l.cancel = context.WithCancel(context.WithoutCancel(ctx))
	l.accepting, l.stop = context.WithCancel(l.ctx)
	l.ring.start(at.at.Seq)
	l.launch(at, o)
	return l, nil
}

// wallOf returns a clock of UTC instants without the monotonic reading. Comparisons of instants
// would use that reading, and the log does not store it.
func wallOf(now func() time.Time) func() time.Time {
	if now == nil {
		now = time.Now
	}
	return func() time.Time { return now().UTC().Round(0) }
}

// launch starts the goroutines of the ledger. All of them end before Close returns.
func (l *Ledger) launch(at Chain, o Options) {
	s := &sequencer{
		preparer: preparer{keys: l.keys, names: l.view.names, ledgerID: l.manifest.LedgerID},
		manifest: l.manifest, node: o.Node, store: l.store, state: l.state, now: l.now, log: l.log,
		observe: o.Observe, checkFiles: l.checkFiles, ring: &l.ring, secondMin: o.secondMin,
		ctx: l.ctx, accepting: l.accepting, failed: l.failed,
		live: newQueue(queueMax, o.secondMin), backfill: newQueue(queueMax, o.secondMin),
		folding: make(chan *layer, foldingMax), idle: make(chan chan struct{}),
		overlay: Overlay{state: l.state}, at: at.at, time: at.time,
	}
	s.observe.complete()
	s.policy.Store(l.state.Policy())
	l.sequencer = s
	folded := make(chan struct{})
	l.group.Go(func() {
		defer close(folded)
		l.failOn(s.foldCommits())
	})
	l.group.Go(func() {
		l.failOn(s.decideCommands())
		close(s.folding)
		<-folded
		close(l.ended)
		l.ring.stop()
	})
	for _, run := range []func() error{l.runTimers, l.watch} {
		l.group.Go(func() { l.failOn(run()) })
	}
	for _, scrub := range l.scrubs {
		l.group.Go(func() { l.failOn(scrub.Run(l.accepting)) })
	}
}
