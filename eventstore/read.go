package eventstore

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"authledger/domain"
)

// decodeAhead is how many commits are decoded while the one before is used.
const decodeAhead = 4

// ErrNoRecord reports a position that the log doesn't have, yet or ever.
var ErrNoRecord = errors.New("eventstore: no such record")

// commits yields the commits behind the chain's place to the end, proven one by
// one. Reading and decoding run ahead on a goroutine of their own.
func commits(ctx context.Context, store Store, at *chain) iter.Seq2[domain.Commit, error] {
	return follow(ctx, at, store.Read)
}

// decoded is a commit on its way from the reading goroutine.
type decoded struct {
	commit domain.Commit
	chain  chain
	err    error
}

// follow yields what read reads from behind the chain's place.
func follow(ctx context.Context, at *chain, read func(context.Context, uint64) iter.Seq2[Message, error]) iter.Seq2[domain.Commit, error] {
	return func(yield func(domain.Commit, error) bool) {
		reading, cancel := context.WithCancel(ctx)
		ahead := make(chan decoded, decodeAhead)
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			defer close(ahead)
			decode(reading, *at, read, ahead)
		}()
		defer func() { cancel(); <-ended }()
		for d := range ahead {
			if d.err == nil {
				*at = d.chain
			}
			if !yield(d.commit, d.err) || d.err != nil {
				return
			}
		}
		if err := ctx.Err(); err != nil { // cut short, not at the end
			yield(domain.Commit{}, err)
		}
	}
}

func decode(ctx context.Context, at chain, read func(context.Context, uint64) iter.Seq2[Message, error], ahead chan<- decoded) {
	for m, err := range read(ctx, at.at.Stream+1) {
		var c domain.Commit
		if err == nil {
			c, err = at.next(m)
		}
		select {
		case ahead <- decoded{c, at, err}:
		case <-ctx.Done():
			return
		}
		if err != nil {
			return
		}
	}
}

// Record reads one record. A position that is not there is ErrNoRecord.
func (l *Ledger) Record(ctx context.Context, seq uint64) (domain.Record, error) {
	c, err := l.commitOf(ctx, seq)
	if err != nil {
		return domain.Record{}, err
	}
	return c.Records[seq-c.First], nil
}

// commitOf reads the commit that holds a record, from the few last read if it
// is among them: those who ask for one record often ask for its neighbours.
func (l *Ledger) commitOf(ctx context.Context, seq uint64) (*domain.Commit, error) {
	if seq == 0 || seq > l.state.Position().Seq {
		return nil, fmt.Errorf("read record %d: %w", seq, ErrNoRecord)
	}
	if c := l.recent.find(seq); c != nil {
		return c, nil
	}
	stream, err := l.state.Locate(seq)
	if err != nil {
		return nil, fmt.Errorf("find record %d: %w", seq, err)
	}
	m, err := l.store.Get(ctx, stream)
	if err != nil {
		return nil, fmt.Errorf("read record %d: %w", seq, l.touched(err))
	}
	c, err := ReadCommit(l.manifest.Realm, m)
	if err != nil {
		return nil, l.touched(&Fault{Stream: stream, Seq: seq, Err: err})
	}
	if seq < c.First || seq > c.Last() {
		return nil, l.touched(&Fault{Stream: stream, Seq: seq, Err: fmt.Errorf("it holds records %d to %d", c.First, c.Last())})
	}
	l.recent.keep(&c)
	return &c, nil
}

// touched stops the ledger when a read has come upon damage.
func (l *Ledger) touched(err error) error {
	var fault *Fault
	if errors.As(err, &fault) {
		l.failOn(err)
	}
	return err
}

// Records yields the records from seq from to seq to, both included, or to the
// end if to is 0; with tail it goes on with what comes until ctx ends. A place
// that can't be proved intact ends it with a *Fault.
func (l *Ledger) Records(ctx context.Context, from, to uint64, tail bool) iter.Seq2[*domain.Record, error] {
	return func(yield func(*domain.Record, error) bool) {
		at, err := l.before(ctx, max(from, 1))
		if err != nil {
			yield(nil, err)
			return
		}
		read := l.store.Read
		if tail {
			read = l.store.Tail
		}
		for c, err := range follow(ctx, &at, read) {
			if err != nil {
				yield(nil, l.touched(err))
				return
			}
			for i := range c.Records {
				r := &c.Records[i]
				if to > 0 && r.Seq > to {
					return
				}
				if r.Seq >= from && !yield(r, nil) {
					return
				}
			}
			if to > 0 && c.Last() >= to {
				return
			}
		}
	}
}

// before is the chain's place before the commit that holds seq, or at the end
// if seq is not there yet.
func (l *Ledger) before(ctx context.Context, seq uint64) (chain, error) {
	end := l.state.Position()
	if seq > end.Seq {
		return lastCommit(ctx, l.manifest, l.store, end)
	}
	c, err := l.commitOf(ctx, seq)
	if err != nil || c.Stream == 1 {
		return chain{realm: l.manifest.Realm, genesis: Genesis(l.manifest.LedgerID)}, err
	}
	m, err := l.store.Get(ctx, c.Stream-1)
	if err != nil {
		return chain{}, fmt.Errorf("read the commit before record %d: %w", seq, l.touched(err))
	}
	previous, err := ReadCommit(l.manifest.Realm, m)
	if err != nil {
		return chain{}, l.touched(&Fault{Stream: m.Stream, Err: err})
	}
	return chain{realm: l.manifest.Realm, genesis: Genesis(l.manifest.LedgerID), at: previous.End(), time: previous.Time}, nil
}
