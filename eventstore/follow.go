package eventstore

import (
	"context"
	"io"

	"authledger/domain"
)

// Follower returns the records of a ledger that match a filter, as they are folded. It is
// not safe for concurrent use.
type Follower struct {
	ledger *Ledger
	filter Filter
	to     uint64 // last record to follow; 0 for no end

	next      uint64        // next record to look at; guarded by ring.mu while the follower is blocked
	unblocked chan struct{} // closed by the ring; nil while the follower is not blocked
	closed    bool
}

// Follow returns a follower of the records that filter matches, from record from to
// record to; to 0 means no end. Record from may be in the future. It returns
// [ErrTooManyFollowers] if FollowersMax followers are open. The caller MUST close the
// follower.
func (l *Ledger) Follow(from, to uint64, filter Filter) (*Follower, error) {
	l.ring.mu.Lock()
	defer l.ring.mu.Unlock()
	if l.ring.count >= FollowersMax {
		return nil, ErrTooManyFollowers
	}
	l.ring.count++
	return &Follower{ledger: l, filter: filter, to: to, next: max(from, 1)}, nil
}

// Close frees the follower. A second call has no effect.
func (f *Follower) Close() {
	ring := &f.ledger.ring
	ring.mu.Lock()
	defer ring.mu.Unlock()
	if f.closed {
		return
	}
	f.closed = true
	ring.count--
	ring.remove(f)
}

// Position returns the position up to which Next has returned all matching records.
func (f *Follower) Position() uint64 {
	ring := &f.ledger.ring
	ring.mu.Lock()
	defer ring.mu.Unlock()
	return f.position()
}

func (f *Follower) position() uint64 {
	if f.unblocked != nil { // no record since the follower blocked has matched
		return max(f.next-1, f.ledger.ring.last)
	}
	return f.next - 1
}

// Next returns the next matching records, the oldest first: at least one, at most
// followAtOnce. It waits for them until ctx ends; a later call then continues without a
// gap. It returns io.EOF after the last record to follow, even if that record does not
// match, [ErrStopped] when the ledger has stopped, and a *Fault if a record in the log
// cannot be proved intact.
//
// The caller MUST NOT change the records, because they are shared. They may hold personal
// members: encode them with wire.AppendShown before they are shown.
func (f *Follower) Next(ctx context.Context) ([]*domain.Record, error) {
	for {
		found, until, blocked, err := f.look()
		switch {
		case err != nil || len(found) > 0:
			return found, err
		case until > 0:
			if found, err = f.read(ctx, until); err != nil || len(found) > 0 {
				return found, err
			}
			continue
		case blocked == nil:
			continue // these records did not match, and there are more
		}
		select {
		case <-blocked:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// look returns matching records of the ring, or the record until which the follower must
// read the log. If the follower has seen all records, it returns a channel that is closed
// when there is a matching record.
func (f *Follower) look() (found []*domain.Record, until uint64, blocked <-chan struct{}, err error) {
	ring := &f.ledger.ring
	ring.mu.Lock()
	defer ring.mu.Unlock()
	switch {
	case ring.stopped:
		return nil, 0, nil, f.ledger.stoppedBy()
	case f.to > 0 && f.position() >= f.to:
		return nil, 0, nil, io.EOF
	case f.unblocked != nil: // still blocked: the context of an earlier Next ended
		return nil, 0, f.unblocked, nil
	case f.next > ring.last:
		return nil, 0, ring.block(f), nil
	}
	last := ring.last
	if f.to > 0 {
		last = min(last, f.to)
	}
	if first := ring.last - uint64(ring.kept) + 1; f.next < first {
		return nil, min(first-1, last), nil, nil
	}
	for ; f.next <= last && len(found) < followAtOnce; f.next++ {
		if r := ring.records[f.next%ringRecords]; f.filter.Wants(r) {
			found = append(found, r)
		}
	}
	return found, 0, nil, nil
}

// read reads one page of the log, at most up to record until.
func (f *Follower) read(ctx context.Context, until uint64) (found []*domain.Record, err error) {
	found, f.next, err = f.ledger.Page(ctx, f.next, until, f.filter)
	return found, err
}
