package eventstore

import (
	"context"
	"errors"
	"iter"

	"authledger/domain"
)

// decodeAhead is the number of decoded commits that wait while the caller uses an earlier one.
const decodeAhead = 4

// ErrNoRecord reports a position that holds no record: 0, or beyond the newest record.
var ErrNoRecord = errors.New("eventstore: record not found")

// Commits yields the proved commits of a log after a position, up to the end of the log. The
// caller knows the commit at that position; the zero position is before the first commit.
// At the first commit that cannot be proved, it yields a *Fault and ends. A separate
// goroutine reads and decodes ahead, and ends with the iteration.
func Commits(ctx context.Context, m Manifest, log Reader, after domain.Position) iter.Seq2[domain.Commit, error] {
	return func(yield func(domain.Commit, error) bool) {
		at, err := lastCommit(ctx, m, log, after)
		if err != nil {
			yield(domain.Commit{}, err)
			return
		}
		proved(ctx, &at, log.Read)(yield)
	}
}

// decoded is a commit that the reading goroutine sends to the caller's goroutine.
type decoded struct {
	commit domain.Commit
	chain  Chain
	err    error
}

// proved yields the commits that read returns after the position of the chain, proves each,
// and advances the chain.
func proved(ctx context.Context, at *Chain, read func(context.Context, uint64) iter.Seq2[Message, error]) iter.Seq2[domain.Commit, error] {
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
		if err := ctx.Err(); err != nil { // ctx ended before the end of the log
			yield(domain.Commit{}, err)
		}
	}
}

func decode(ctx context.Context, at Chain, read func(context.Context, uint64) iter.Seq2[Message, error], ahead chan<- decoded) {
	for m, err := range read(ctx, at.at.Stream+1) {
		var c domain.Commit
		if err == nil {
			c, err = at.Next(m)
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

// Record reads one record. It returns ErrNoRecord if no record has the position seq.
func (l *Ledger) Record(ctx context.Context, seq uint64) (domain.Record, error) {
	r, err := l.view.Record(ctx, seq)
	return r, l.stopOnDamage(err)
}

// Commit returns the commit that holds a record, without its records. It returns ErrNoRecord if no
// record has the position seq.
func (l *Ledger) Commit(ctx context.Context, seq uint64) (domain.Commit, error) {
	c, err := l.view.Commit(ctx, seq)
	return c, l.stopOnDamage(err)
}

// stopOnDamage stops the ledger if err is a *Fault. It returns err.
func (l *Ledger) stopOnDamage(err error) error {
	var fault *Fault
	if errors.As(err, &fault) {
		l.failOn(err)
	}
	return err
}

// Records yields the records from seq from to seq to, both included; to 0 means the end of
// the log. With tail, it continues with new records until ctx ends. It ends with a *Fault
// at a record that cannot be proved intact; the ledger then stops.
func (l *Ledger) Records(ctx context.Context, from, to uint64, tail bool) iter.Seq2[*domain.Record, error] {
	read := l.store.Read
	if tail {
		read = l.store.Tail
	}
	return func(yield func(*domain.Record, error) bool) {
		for r, err := range l.view.records(ctx, from, to, read) {
			if !yield(r, l.stopOnDamage(err)) {
				return
			}
		}
	}
}
