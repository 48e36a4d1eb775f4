package eventstore

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"authledger/domain"
)

// WhatIf asks how history would have gone under another policy.
type WhatIf struct {
	Policy   *domain.Policy // instead of every policy in force from From on
	From, To uint64         // records; To 0 is the log's end

	// Differs hears of each verdict that would have been another.
	Differs func(was *domain.Record, would *domain.Decision) error
}

// Supposed is what a supposition came to.
type Supposed struct {
	Decided uint64 // records decided again
	Differ  uint64
	End     domain.Position // of the log that was read
}

// Suppose decides the history again, from w.From on under w.Policy, each command
// on what would have come of those before it. It folds that into state, which
// must be empty, and writes nothing else. The verdicts before w.From stand as
// they are.
func Suppose(ctx context.Context, m Manifest, store Store, state State, w WhatIf, progress func(stream, last uint64)) (Supposed, error) {
	last, err := store.Last(ctx)
	if err != nil {
		return Supposed{}, fmt.Errorf("find the log's end: %w", err)
	}
	s := supposing{what: w, state: state}
	at := chain{realm: m.Realm, genesis: Genesis(m.LedgerID)}
	for c, err := range commits(ctx, store, &at) {
		if err != nil {
			return s.Supposed, err
		}
		if w.To > 0 && c.First > w.To {
			break
		}
		if err := s.commit(&c); err != nil {
			return s.Supposed, err
		}
		s.End = c.End()
		if progress != nil {
			progress(c.Stream, last)
		}
	}
	return s.Supposed, nil
}

type supposing struct {
	Supposed
	what  WhatIf
	state State // that the supposed history folds to
	layer *layer
	at    domain.Position // of the supposed log
}

// commit supposes the commit's records, and folds what would have come of them
// as a commit of its own: there may be fewer.
func (s *supposing) commit(c *domain.Commit) error {
	s.layer = newLayer()
	above := &supposedStates{overlay: overlay{state: s.state, layers: []*layer{s.layer}}}
	for i := range c.Records {
		r := &c.Records[i]
		if s.what.To > 0 && r.Seq > s.what.To {
			break
		}
		if err := s.record(above, r); err != nil {
			return fmt.Errorf("suppose record %d: %w", r.Seq, err)
		}
	}
	records := s.layer.commit.Records
	if len(records) == 0 {
		return nil
	}
	would := domain.Commit{
		First: s.at.Seq + 1, Stream: s.at.Stream + 1, Prev: s.at.Hash, Rules: c.Rules, Time: c.Time, Node: c.Node, Records: records,
	}
	would.Hash = sha256.Sum256(binary.BigEndian.AppendUint64(would.Prev[:], would.Stream))
	s.at = would.End()
	return s.state.Fold(&would)
}

// supposedStates is an overlay whose policy is the supposed one.
type supposedStates struct {
	overlay
	policy *domain.Policy // nil: the one in force
}

func (s *supposedStates) Policy() *domain.Policy {
	if s.policy != nil {
		return s.policy
	}
	return s.overlay.Policy()
}

func (s *supposing) record(above *supposedStates, r *domain.Record) error {
	if r.Seq < s.what.From {
		return s.keep(above, *r)
	}
	above.policy = s.what.Policy
	command := r.AsDecided()
	if command.Bucket == "" {
		command.Bucket = domain.SourceEntity(0) // the address is not known any more
	}
	d, err := domain.Decide(above, &command)
	if err != nil {
		return err
	}
	if err := s.compare(r, &d); err != nil {
		return err
	}
	if d.Status == domain.Invalid || d.Duplicate > 0 {
		return nil
	}
	p := prepared{command: r.Command, content: r.Content, personal: r.Personal}
	return s.keep(above, p.record(0, d))
}

// compare tells of a verdict that would have been another. When the timer came
// is no verdict.
func (s *supposing) compare(r *domain.Record, would *domain.Decision) error {
	s.Decided++
	if r.Command.Source == domain.TimerSource || sameVerdict(r, would) {
		return nil
	}
	s.Differ++
	return s.what.Differs(r, would)
}

// sameVerdict compares how a command was answered and what it brought about, but
// not until when, or how much was left.
func sameVerdict(r *domain.Record, would *domain.Decision) bool {
	was, is := domain.Own(r.Events), domain.Own(would.Events)
	if r.Status != would.Status || r.Reason != would.Reason || len(was) != len(is) {
		return false
	}
	for i := range was {
		if was[i].Data.EventType() != is[i].Data.EventType() {
			return false
		}
	}
	return true
}

// keep takes a record into what would have come.
func (s *supposing) keep(above *supposedStates, r domain.Record) error {
	r.Seq = s.at.Seq + uint64(len(s.layer.commit.Records)) + 1
	s.layer.commit.Records = append(s.layer.commit.Records, r)
	return s.layer.add(above, nil)
}
