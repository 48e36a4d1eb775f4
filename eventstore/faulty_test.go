package eventstore_test

import (
	"context"
	"errors"
	"sync"

	"authledger/eventstore"
	"authledger/eventstore/memory"
)

var errLost = errors.New("the answer is lost")

// trouble is a disturbance of one append.
type trouble int

const (
	none         trouble = iota
	ackDropped           // the message is stored and the outcome is lost
	errorBefore          // the message is lost
	twice                // the message arrives twice
	twiceSecond          // the message arrives twice, and only the second outcome is returned
	lateBefore           // the message arrives after the outcome was unknown, before it is sent again
	lateAfter            // the message arrives after it was sent again
	unreadable           // like twiceSecond, and the first read back fails
	troubleCount         // number of values
)

func (t trouble) String() string {
	return [...]string{"none", "ack dropped", "error before", "twice", "twice, second answer", "late, before",
		"late, after", "unreadable"}[t]
}

// faulty is a Store that disturbs the first append at chosen positions. It can also
// delay outcomes, so that two commits are in flight.
type faulty struct {
	eventstore.Store
	wire *memory.Store // the log, past this handle

	mu       sync.Mutex
	meets    map[uint64]trouble       // trouble of the first append at a position
	late     func(expect uint64)      // delivers the delayed message; nil if no message is delayed
	before   bool                     // the delayed message arrives before the next message
	sentTo   map[uint64]chan struct{} // by position; closed when the first message to it is sent
	unread   int                      // number of next Gets that fail
	troubled int                      // number of disturbances
	// returns the channel that releases an outcome; nil for no delay
	hold func(position uint64) <-chan struct{}

	interject func(position uint64) // called before a message is appended
}

func newFaulty(store *memory.Store, meets map[uint64]trouble) *faulty {
	return &faulty{Store: store, wire: store.Join(), meets: meets, sentTo: map[uint64]chan struct{}{}}
}

// sent returns a channel that is closed when a message was sent to a position.
func (f *faulty) sent(position uint64) <-chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.sentLocked(position)
}

func (f *faulty) sentLocked(position uint64) chan struct{} {
	if f.sentTo[position] == nil {
		f.sentTo[position] = make(chan struct{})
	}
	return f.sentTo[position]
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
