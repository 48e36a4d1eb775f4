package eventstore

import (
	"context"
	"sync"
)

// queue holds waiting commands, one first-in-first-out line for each caller. The
// sequencer serves the callers round robin, one command each. newQueue makes a queue; the
// zero queue is not usable. A queue is safe for concurrent use.
//
// A caller may have as many waiting commands as the queue has free capacity. A single
// caller therefore gets half of the capacity, n callers that all flood the queue get
// 1/(n+1) of it each, and a caller without waiting commands can always add one.
type queue struct {
	max    int
	second int           // number of waiting commands at which the sequencer may send a second commit
	ready  chan struct{} // receives a value when the number of commands that wait here becomes 1 or second

	mu      sync.Mutex
	callers map[string]*callerLine // with at least one waiting command
	last    *callerLine            // end of the current round: last.next is served next; nil if no command waits
	waiting int                    // commands of all callers
	blocked int                    // goroutines in wait
	freed   chan struct{}          // closed and replaced when capacity becomes free while goroutines wait
}

// callerLine is the waiting commands of a caller in their order of arrival. It exists
// while at least one command waits.
type callerLine struct {
	caller  string
	tickets []*Ticket
	next    *callerLine // in the ring of callers
}

func newQueue(limit, second int) *queue {
	return &queue{max: limit, second: second, ready: make(chan struct{}, 1), callers: make(map[string]*callerLine), freed: make(chan struct{})}
}

// add appends t to its caller's line. It reports false when the caller's share is full.
func (q *queue) add(t *Ticket) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.addLocked(t)
}

func (q *queue) addLocked(t *Ticket) bool {
	caller := t.queueKey()
	line := q.callers[caller]
	own := 0
	if line != nil {
		own = len(line.tickets)
	}
	if own >= q.max-q.waiting {
		return false
	}
	if line == nil {
		line = &callerLine{caller: caller}
		q.callers[caller] = line
		q.join(line)
	}
	line.tickets = append(line.tickets, t)
	if q.waiting++; q.waiting == 1 || q.waiting == q.second {
		select {
		case q.ready <- struct{}{}:
		default:
		}
	}
	return true
}

// join adds a caller at the end of the current round, so that every other caller is served
// once before it.
func (q *queue) join(line *callerLine) {
	if q.last == nil {
		line.next = line
	} else {
		line.next, q.last.next = q.last.next, line
	}
	q.last = line
}

// wait adds t once its caller's share has capacity. It returns ctx.Err() when ctx ends
// first, and ErrStopped when ended is closed first.
func (q *queue) wait(ctx context.Context, t *Ticket, ended <-chan struct{}) error {
	for {
		q.mu.Lock()
		if q.addLocked(t) {
			q.mu.Unlock()
			return nil
		}
		freed := q.freed
		q.blocked++
		q.mu.Unlock()
		var err error
		select {
		case <-freed:
		case <-ctx.Done():
			err = ctx.Err()
		case <-ended:
			err = ErrStopped
		}
		q.mu.Lock()
		q.blocked--
		q.mu.Unlock()
		if err != nil {
			return err
		}
	}
}

// take removes and returns the next command, or nil if no command waits.
func (q *queue) take() *Ticket {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.last == nil {
		return nil
	}
	line := q.last.next
	t := line.tickets[0]
	line.tickets[0] = nil // so that the garbage collector can free the ticket
	line.tickets = line.tickets[1:]
	q.waiting--
	switch {
	case len(line.tickets) > 0:
		q.last = line
	case line.next == line:
		q.last = nil
		delete(q.callers, line.caller)
	default:
		q.last.next = line.next
		delete(q.callers, line.caller)
	}
	if q.blocked > 0 {
		close(q.freed)
		q.freed = make(chan struct{})
	}
	return t
}

// size returns the number of waiting commands.
func (q *queue) size() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.waiting
}
