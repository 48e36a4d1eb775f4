package audit

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"authledger/domain"
	"authledger/eventstore"
)

// WhatIf describes which records are decided again, and under which policy.
type WhatIf struct {
	Policy   *domain.Policy // replaces every policy in force from record From on
	From, To uint64         // first and last record; To 0 means the end of the log

	// Differs receives each record whose verdict differs under Policy, and the decision under
	// Policy. An error of Differs ends Suppose.
	Differs func(recorded *domain.Record, supposed *domain.Decision) error
}

// Supposed is the result of Suppose.
type Supposed struct {
	Decided uint64          // records decided again
	Differ  uint64          // records whose verdict differs
	End     domain.Position // of the last commit read
}

// Suppose decides the records from w.From to w.To again under w.Policy, each on the
// supposed outcomes of the records before it. The verdicts before w.From stay as recorded.
// Suppose folds the supposed records into state, which MUST be empty, and writes nothing
// else. It calls progress, if that is not nil, with the stream position of each commit
// read and the last position of the log.
func Suppose(ctx context.Context, m eventstore.Manifest, log eventstore.Reader, state eventstore.State, w WhatIf, progress func(stream, last uint64)) (Supposed, error) {
	if err := log.Check(ctx); err != nil {
		return Supposed{}, fmt.Errorf("check the log: %w", err)
	}
	last, err := log.Last(ctx)
	if err != nil {
		return Supposed{}, fmt.Errorf("find the log's end: %w", err)
	}
	s := supposition{what: w, state: state}
	for c, err := range eventstore.Commits(ctx, m, log, domain.Position{}) {
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

// supposition is the supposed log while Suppose builds it.
type supposition struct {
	Supposed
	what  WhatIf
	state eventstore.State // the supposed records, folded
	at    domain.Position  // end of the supposed log
}

// supposedStates are the supposed states that the next record is decided on.
type supposedStates struct {
	*eventstore.Overlay
	policy *domain.Policy // replaces the policy in force; nil before record From
}

func (s *supposedStates) Policy() *domain.Policy {
	if s.policy != nil {
		return s.policy
	}
	return s.Overlay.Policy()
}

// commit decides the records of c again and folds the supposed records as one commit. The
// supposed commit may hold fewer records than c.
func (s *supposition) commit(c *domain.Commit) error {
	states := &supposedStates{Overlay: eventstore.NewOverlay(s.state)}
	for i := range c.Records {
		r := &c.Records[i]
		if s.what.To > 0 && r.Seq > s.what.To {
			break
		}
		if err := s.record(states, r); err != nil {
			return fmt.Errorf("suppose record %d: %w", r.Seq, err)
		}
	}
	records := states.Records()
	if len(records) == 0 {
		return nil
	}
	supposed := domain.Commit{
		First: s.at.Seq + 1, Stream: s.at.Stream + 1, Prev: s.at.Hash, Rules: c.Rules, Time: c.Time, Node: c.Node, Records: records,
	}
	supposed.Hash = sha256.Sum256(binary.BigEndian.AppendUint64(supposed.Prev[:], supposed.Stream))
	s.at = supposed.End()
	return s.state.Fold(&supposed)
}

// record decides one record again and adds the supposed record to states.
func (s *supposition) record(states *supposedStates, r *domain.Record) error {
	if r.Seq < s.what.From {
		return s.add(states, *r)
	}
	states.policy = s.what.Policy
	command := r.AsDecided()
	if command.Bucket == "" {
		command.Bucket = domain.SourceEntity(0) // the record does not hold the address
	}
	d, err := domain.Decide(states, &command)
	if err != nil {
		return err
	}
	if err := s.compare(r, &d); err != nil {
		return err
	}
	if d.Status == domain.Invalid || d.Duplicate > 0 {
		return nil
	}
	return s.add(states, eventstore.NewRecord(0, &r.Command, r.Content, r.Personal, d))
}

// add appends r to the supposed commit, at the next position of the supposed log.
func (s *supposition) add(states *supposedStates, r domain.Record) error {
	r.Seq = s.at.Seq + uint64(len(states.Records())) + 1
	return states.Add(&r, states)
}

// compare calls Differs if the verdicts differ. It does not compare the verdicts on timer
// commands, because no caller receives them.
func (s *supposition) compare(r *domain.Record, supposed *domain.Decision) error {
	s.Decided++
	if r.Command.Source == domain.TimerSource || isSameVerdict(r, supposed) {
		return nil
	}
	s.Differ++
	return s.what.Differs(r, supposed)
}

// isSameVerdict compares the status, the reason and the types of the events. It ignores
// instants and remaining amounts.
func isSameVerdict(r *domain.Record, supposed *domain.Decision) bool {
	was, is := domain.Own(r.Events), domain.Own(supposed.Events)
	if r.Status != supposed.Status || r.Reason != supposed.Reason || len(was) != len(is) {
		return false
	}
	for i := range was {
		if was[i].Data.EventType() != is[i].Data.EventType() {
			return false
		}
	}
	return true
}
