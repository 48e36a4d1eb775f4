package eventstore

import (
	"fmt"

	"authledger/domain"
	"authledger/eventstore/wire"
)

// decide answers t, or adds its record to l. It reports false when the record does not fit
// into l.
func (s *sequencer) decide(l *layer, t *Ticket) (fits bool, err error) {
	if s.isStale(&t.prepared) {
		if err := s.prepareAgain(t, s.overlay.Policy()); err != nil {
			return true, err
		}
	}
	if answered, err := s.answerDuplicate(t); answered || err != nil {
		return true, err
	}
	policy := s.overlay.Policy()
	if t.prepared.policy != policy {
		if err := s.prepareAgain(t, policy); err != nil {
			return true, err
		}
	}
	p := &t.prepared
	if p.naming.wrong != nil {
		t.reject(p.naming.wrong)
		return true, nil
	}
	newcomers, err := s.meet(p)
	if err != nil {
		return true, err
	}
	states := memo{Overlay: &s.overlay}
	d, err := domain.Decide(&states, &p.command)
	if err != nil {
		return true, err
	}
	if fault := t.fault(policy, d); fault != nil {
		t.reject(fault)
		return true, nil
	}
	if d.Duplicate > 0 {
		s.answerSameRequest(t, d.Duplicate)
		return true, nil
	}
	if len(newcomers) > 0 {
		if !l.hasRoom(len(newcomers)) {
			return false, nil
		}
		if err := s.introduce(l, &p.command, newcomers); err != nil {
			return true, err
		}
		states = memo{Overlay: &s.overlay}
		if d, err = domain.Decide(&states, &p.command); err != nil { // the persons have clocks
			return true, err
		}
	}
	if s.isPastRetention(p) {
		p.personal, p.plain = nil, nil
	} else if s.isErased(p) {
		p.personal, p.plain = nil, wire.Personal(&p.command, p.anonymous)
	}
	key := assignment{personal: p.personal}
	if p.plain != nil {
		if key, err = s.assign(&states, p); err != nil {
			return true, err
		}
	}
	r := NewRecord(s.at.Seq+uint64(len(l.commit.Records))+1, &p.command, p.content, key.personal, d)
	if fits, err = l.append(r); err != nil {
		t.reject(&domain.Rejection{Reason: domain.TooLarge, Detail: err.Error()})
		return true, nil
	}
	if !fits {
		return false, nil
	}
	if key.slot > 0 {
		l.assign(key.owner, key.slot)
	}
	return true, l.add(&states, t)
}

// fault returns the rejection of t, nil for a valid command. It returns the first fault in the
// order of A-12: a fault of the command alone, then of its time, then one that depends on states.
func (t *Ticket) fault(policy *domain.Policy, d domain.Decision) *domain.Rejection {
	misstated := d.Status == domain.Invalid && t.prepared.command.Validate(policy) != nil
	if !misstated && !t.timer {
		if fault := policy.CheckClock(&t.prepared.command, t.prepared.arrived); fault != nil {
			return fault
		}
	}
	if d.Status != domain.Invalid {
		return nil
	}
	return &domain.Rejection{Reason: d.Reason, Detail: d.Detail}
}

// answerDuplicate answers t with the recorded verdict if a command with the same source and
// id is recorded (docs/rules.md, "Idempotency"). It reports true if t is answered, or waits for
// a commit that will answer it.
func (s *sequencer) answerDuplicate(t *Ticket) (bool, error) {
	c := &t.prepared.command
	if l, i, found := s.overlay.find(commandKey{c.Source, c.ID}); found {
		if !l.attach(t, i) {
			t.answerFrom(&l.commit.Records[i])
		}
		return true, nil
	}
	seq, content, found, err := s.overlay.state.Command(c.Source, c.ID)
	switch {
	case err != nil || !found:
		return false, err
	case t.prepared.sameContent(content):
		t.duplicateOf(seq)
	default:
		t.reject(t.prepared.reused())
	}
	return true, nil
}

// answerSameRequest answers t with the verdict of record seq, which answered the same
// request under another command id.
func (s *sequencer) answerSameRequest(t *Ticket, seq uint64) {
	t.request = true
	if l, i, found := s.overlay.recorded(seq); found {
		if !l.attach(t, i) {
			t.answerFrom(&l.commit.Records[i])
		}
		return
	}
	t.duplicateOf(seq)
}

var errTooLarge = fmt.Errorf("the record is too large: want at most %d bytes", RecordBytesMax)

// append appends r to the commit, encoded. If r does not fit, it leaves the commit
// unchanged and reports false; errTooLarge means that r fits into no commit.
func (l *layer) append(r domain.Record) (fits bool, err error) {
	records, lines := len(l.commit.Records), len(l.lines)
	if records == CommitRecordsMax {
		return false, nil
	}
	l.commit.Records = append(l.commit.Records, r)
	l.lines = append(wire.AppendRecord(l.lines, &l.commit.Records[records]), '\n')
	if len(l.lines) <= linesMax && len(l.lines)-lines <= RecordBytesMax {
		return true, nil
	}
	if len(l.lines)-lines > RecordBytesMax {
		err = errTooLarge
	}
	l.commit.Records, l.lines = l.commit.Records[:records], l.lines[:lines]
	return false, err
}

// NewRecord returns the record of the decision d on c. The argument content is the hash of
// the content of c; personal holds its sealed members.
func NewRecord(seq uint64, c *domain.Command, content domain.Hash, personal *domain.Sealed, d domain.Decision) domain.Record {
	return domain.Record{
		Seq: seq, Entities: d.Entities, Command: *c, Content: content,
		Time: d.Time, Late: d.Late, Policy: d.Policy, Status: d.Status, Reason: d.Reason,
		Detail: d.Detail, Result: d.Result, Events: d.Events, Personal: personal,
	}
}
