package eventstore_test

import (
	"context"
	"errors"
	"sync"

	"authledger/eventstore"
	"authledger/eventstore/memory"
)

var errLost = errors.New("the answer is lost")

// trouble is what may happen to one message on its way.
type trouble int

const (
	none         trouble = iota
	ackDropped           // it is stored, and the answer is lost
	errorBefore          // it is lost
	twice                // it arrives twice
	twiceSecond          // it arrives twice, and the second answer is the one that comes
	lateBefore           // it arrives when all has been given up, before it is sent again
	lateAfter            // it arrives after it was sent again
	unreadable           // as twiceSecond, and reading back fails at first
	troubleCount         // how many there are
)

func (t trouble) String() string {
	return [...]string{"none", "ack dropped", "error before", "twice", "twice, second answer", "late, before", "late, after", "unreadable"}[t]
}

// faulty is a Store whose first message to one position meets trouble. It can
// hold answers back, to have two commits in flight.
type faulty struct {
	eventstore.Store
	wire *memory.Store // the log, past this handle

	mu       sync.Mutex
	meets    map[uint64]trouble                    // by position, once
	late     func(expect uint64)                   // what is still under way
	before   bool                                  // it arrives before the next message, not after
	asked    map[uint64]chan struct{}              // closed when a position was first sent to
	unread   int                                   // how many Gets fail from now on
	troubled int                                   // how often it was
	hold     func(position uint64) <-chan struct{} // until when an answer is held back, nil for not

	interject func(position uint64) // called before a message is taken
}

func newFaulty(store *memory.Store, meets map[uint64]trouble) *faulty {
	return &faulty{Store: store, wire: store.Join(), meets: meets, asked: map[uint64]chan struct{}{}}
}

// sent is closed once a message was sent to a position.
func (f *faulty) sent(position uint64) <-chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.sentLocked(position)
}

func (f *faulty) sentLocked(position uint64) chan struct{} {
	if f.asked[position] == nil {
		f.asked[position] = make(chan struct{})
	}
	return f.asked[position]
}

func (f *faulty) Append(ctx context.Context, data []byte, expect uint64) <-chan error {
	if f.interject != nil {
		f.interject(expect + 1)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	outcome := make(chan error, 1)
	err := f.deliver(ctx, data, expect)
	var until <-chan struct{}
	if f.hold != nil {
		until = f.hold(expect + 1)
	}
	if seen := f.sentLocked(expect + 1); !isClosed(seen) {
		close(seen)
	}
	if until == nil {
		outcome <- err
		return outcome
	}
	go func() {
		select {
		case <-until:
			outcome <- err
		case <-ctx.Done():
			outcome <- ctx.Err()
		}
	}()
	return outcome
}

func (f *faulty) deliver(ctx context.Context, data []byte, expect uint64) error {
	arrive := f.late
	f.late = nil
	if arrive != nil && f.before {
		arrive(expect)
		arrive = nil
	}
	defer func() {
		if arrive != nil {
			arrive(expect)
		}
	}()
	meets := f.meets[expect+1]
	delete(f.meets, expect+1)
	if meets != none {
		f.troubled++
	}
	stored := func() error { return <-f.Store.Append(ctx, data, expect) }
	switch meets {
	case ackDropped:
		stored()
		return errLost
	case errorBefore:
		return errLost
	case twice:
		err := stored()
		<-f.wire.Append(ctx, data, expect)
		return err
	case twiceSecond:
		stored()
		return <-f.Store.Append(ctx, data, expect)
	case unreadable:
		stored()
		f.unread = 2
		return <-f.Store.Append(ctx, data, expect)
	case lateBefore, lateAfter:
		f.before = meets == lateBefore
		f.late = func(uint64) { <-f.wire.Append(ctx, data, expect) }
		return errLost
	}
	return stored()
}

func (f *faulty) Get(ctx context.Context, stream uint64) (eventstore.Message, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.unread > 0 {
		f.unread--
		return eventstore.Message{}, errLost
	}
	return f.Store.Get(ctx, stream)
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}
