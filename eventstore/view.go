package eventstore

import (
	"context"
	"crypto/sha256"
	"fmt"
	"iter"

	"authledger/domain"
	"authledger/eventstore/seal"
)

// View reads the records of a log that is folded into a state. It decides and writes
// nothing. It is safe for concurrent use.
type View struct {
	manifest Manifest
	store    Reader
	state    State
	names    *Names
	recent   recent
}

// ViewOptions are the parts from which OpenView makes a view. All but Keys and Progress are required.
type ViewOptions struct {
	Dir      string // of the data directory, for its head
	Manifest Manifest
	Log      Reader
	State    State
	Keys     *seal.Store               // opens the names of persons; nil if the names stay sealed
	Progress func(stream, last uint64) // called for each commit that OpenView folds; may be nil
}

// OpenView checks the log against its manifest, its head and the state's position, and folds
// the commits that the state lacks. It returns a *Fault for a difference. The caller closes Log
// and State after its last use of the view.
func OpenView(ctx context.Context, o ViewOptions) (*View, error) {
	head, err := HeadAt(o.Dir)
	if err != nil {
		return nil, err
	}
	v := &View{manifest: o.Manifest, store: o.Log, state: o.State, names: newNames(o.Manifest, o.Keys, o.State)}
	_, err = v.start(ctx, head, o.Progress)
	return v, err
}

// start proves that the log holds the commits at the positions of the head and the state,
// and folds the commits that the state lacks. It returns the chain at the end of the log.
func (v *View) start(ctx context.Context, head domain.Position, progress func(stream, last uint64)) (Chain, error) {
	if err := v.store.Check(ctx); err != nil {
		return Chain{}, fmt.Errorf("check the log: %w", err)
	}
	if err := CheckHolds(ctx, v.store, "head", head); err != nil {
		return Chain{}, err
	}
	if err := CheckHolds(ctx, v.store, "projections", v.state.Position()); err != nil {
		return Chain{}, err
	}
	return catchUp(ctx, v.manifest, v.store, v.state, progress)
}

// Record reads one record. It returns ErrNoRecord if no record has the position seq.
func (v *View) Record(ctx context.Context, seq uint64) (domain.Record, error) {
	c, err := v.commitOf(ctx, seq)
	if err != nil {
		return domain.Record{}, err
	}
	r, err := c.record(seq)
	if err != nil {
		return r, &Fault{Stream: c.Stream, Seq: seq, Err: err}
	}
	return r, nil
}

// Commit returns the commit that holds a record, without its records. It returns ErrNoRecord if no
// record has the position seq.
func (v *View) Commit(ctx context.Context, seq uint64) (domain.Commit, error) {
	found, err := v.commitOf(ctx, seq)
	if err != nil {
		return domain.Commit{}, err
	}
	m, err := v.store.Get(ctx, found.Stream)
	if err != nil {
		return domain.Commit{}, fmt.Errorf("read the commit of record %d: %w", seq, err)
	}
	c := found.Commit
	c.Hash = sha256.Sum256(m.Data)
	return c, nil
}

// Records yields the records from seq from to seq to, both included; to 0 means the end of
// the log. It ends with a *Fault at a record that cannot be proved intact.
func (v *View) Records(ctx context.Context, from, to uint64) iter.Seq2[*domain.Record, error] {
	return v.records(ctx, from, to, v.store.Read)
}

// commitOf returns the commit that holds a record. It keeps the last commits in memory,
// because callers often read neighbouring records.
func (v *View) commitOf(ctx context.Context, seq uint64) (*openCommit, error) {
	if seq == 0 || seq > v.state.Position().Seq {
		return nil, fmt.Errorf("read record %d: %w", seq, ErrNoRecord)
	}
	if c := v.recent.find(seq); c != nil {
		return c, nil
	}
	stream, err := v.state.Locate(seq)
	if err != nil {
		return nil, fmt.Errorf("find record %d: %w", seq, err)
	}
	m, err := v.store.Get(ctx, stream)
	if err != nil {
		return nil, fmt.Errorf("read record %d: %w", seq, err)
	}
	c, err := readOpenCommit(v.manifest.Realm, m)
	if err != nil {
		return nil, &Fault{Stream: stream, Seq: seq, Err: err}
	}
	if !c.holds(seq) {
		return nil, &Fault{Stream: stream, Seq: seq, Err: fmt.Errorf("the commit there holds %d records beginning at %d", len(c.lines), c.First)}
	}
	v.recent.keep(c)
	return c, nil
}

// records is Records with the function that reads messages as a parameter.
func (v *View) records(ctx context.Context, from, to uint64, read func(context.Context, uint64) iter.Seq2[Message, error]) iter.Seq2[*domain.Record, error] {
	return func(yield func(*domain.Record, error) bool) {
		at, err := v.before(ctx, max(from, 1))
		if err != nil {
			yield(nil, err)
			return
		}
		for c, err := range proved(ctx, &at, read) {
			if err != nil {
				yield(nil, err)
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

// before returns the chain before the commit that holds seq, or the chain at the end of the
// log if seq is beyond it.
func (v *View) before(ctx context.Context, seq uint64) (Chain, error) {
	end := v.state.Position()
	if seq > end.Seq {
		return lastCommit(ctx, v.manifest, v.store, end)
	}
	c, err := v.commitOf(ctx, seq)
	if err != nil || c.Stream == 1 {
		return chainAt(v.manifest, domain.Position{}), err
	}
	m, err := v.store.Get(ctx, c.Stream-1)
	if err != nil {
		return Chain{}, fmt.Errorf("read the commit before record %d: %w", seq, err)
	}
	previous, err := ReadCommit(v.manifest.Realm, m)
	if err != nil {
		return Chain{}, &Fault{Stream: m.Stream, Err: err}
	}
	chain := chainAt(v.manifest, previous.End())
	chain.time = previous.Time
	return chain, nil
}
