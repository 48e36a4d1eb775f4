package eventstore

import (
	"context"
	"io"

	"authledger/domain"
)

// Follower reads the records as they come. It is not safe for concurrent use.
type Follower struct {
	ledger *Ledger
	filter Filter
	to     uint64 // its last record; 0: there is none

	next   uint64        // the feed's lock guards it while asleep
	roused chan struct{} // closed when it is to look again; nil while awake
	closed bool
}

// Follow begins to follow the wanted records from seq from on, which may be to
// come, to seq to, or without an end if that is 0. [ErrTooManyFollowers] if there
// are too many; Close it.
func (l *Ledger) Follow(from, to uint64, filter Filter) (*Follower, error) {
	l.feed.mu.Lock()
	defer l.feed.mu.Unlock()
	if l.feed.count >= FollowersMax {
		return nil, ErrTooManyFollowers
	}
	l.feed.count++
	return &Follower{ledger: l, filter: filter, to: to, next: max(from, 1)}, nil
}

// Close lets it go.
func (f *Follower) Close() {
	feed := &f.ledger.feed
	feed.mu.Lock()
	defer feed.mu.Unlock()
	if f.closed {
		return
	}
	f.closed = true
	feed.count--
	feed.forget(f)
}

// Position is the record up to which everything that is wanted has been returned.
func (f *Follower) Position() uint64 {
	feed := &f.ledger.feed
	feed.mu.Lock()
	defer feed.mu.Unlock()
	return f.position()
}

func (f *Follower) position() uint64 {
	if f.roused != nil { // what came while it slept was not wanted
		return max(f.next-1, f.ledger.feed.last)
	}
	return f.next - 1
}

// Next returns the wanted records that come next, the oldest first: at least one
// and not very many. It waits for them until ctx ends, and may be called again
// afterwards without missing any. io.EOF behind its last record, also if that was
// not wanted; [ErrStopped] when the ledger ends; a *Fault of a place in the log that
// can't be proved intact.
//
// The records are shared, and only to be read. They may still hold their personal
// members: show them with wire.AppendShown.
func (f *Follower) Next(ctx context.Context) ([]*domain.Record, error) {
	for {
		found, until, asleep, err := f.look()
		switch {
		case err != nil || len(found) > 0:
			return found, err
		case until > 0:
			if found, err = f.read(ctx, until); err != nil || len(found) > 0 {
				return found, err
			}
			continue
		case asleep == nil:
			continue // none of those was wanted, but there are more
		}
		select {
		case <-asleep:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// look takes what is at hand: records, or until where the log must be read, or, if
// everything has been seen, what to wait for.
func (f *Follower) look() (found []*domain.Record, until uint64, asleep <-chan struct{}, err error) {
	feed := &f.ledger.feed
	feed.mu.Lock()
	defer feed.mu.Unlock()
	switch {
	case feed.stopped:
		return nil, 0, nil, f.ledger.stoppedBy()
	case f.to > 0 && f.position() >= f.to:
		return nil, 0, nil, io.EOF
	case f.roused != nil: // still asleep: Next was cut short
		return nil, 0, f.roused, nil
	case f.next > feed.last:
		return nil, 0, feed.sleep(f), nil
	}
	last := feed.last
	if f.to > 0 {
		last = min(last, f.to)
	}
	if first := feed.last - uint64(feed.kept) + 1; f.next < first {
		return nil, min(first-1, last), nil, nil
	}
	for ; f.next <= last && len(found) < followAtOnce; f.next++ {
		if r := feed.ring[f.next%feedMax]; f.filter.Wants(r) {
			found = append(found, r)
		}
	}
	return found, 0, nil, nil
}

// read takes what is no longer at hand from the log, up to a record.
func (f *Follower) read(ctx context.Context, until uint64) (found []*domain.Record, err error) {
	found, f.next, err = f.ledger.Page(ctx, f.next, until, f.filter)
	return found, err
}
