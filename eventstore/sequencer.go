package eventstore

import (
	"errors"
	"slices"
	"time"

	"authledger/domain"
	"authledger/eventstore/wire"
)

// Bounds of what is under way.
const (
	inFlightMax = 2    // commits sent and not known to be on disk
	queueMax    = 4096 // commands waiting, in each of the two queues
	foldingMax  = 4    // commits on disk and not folded yet
	headerBytes = 1 << 10
	linesMax    = CommitBytesMax - headerBytes
	lineBytes   = 640 // of a usual record, to make room ahead
)

// sequencer is the one writer of a realm. All its fields but the queues belong
// to the goroutine of run.
type sequencer struct {
	ledger   *Ledger
	live     chan *Ticket // before backfill, always
	backfill chan *Ticket
	again    []*Ticket // taken before, to be decided next, in order of arrival

	overlay overlay
	at      domain.Position // end of the newest commit closed
	time    time.Time       // of that commit

	flying  []*layer // sent, oldest first
	spare   []*layer // through, for their room
	sending chan sending
	folding chan *layer
	idle    chan chan struct{} // asks the folding goroutine to say when it is done
	resend  unknown
}

// run decides and sends until the ledger stops, and then until the queues and
// what was in flight are done.
func (s *sequencer) run() error {
	for {
		if len(s.again) > 0 && len(s.flying) < inFlightMax && !s.resend.waiting() {
			if err := s.batch(nil); err != nil {
				return err
			}
			continue
		}
		if done, err := s.step(); done || err != nil {
			return err
		}
	}
}

// step waits for one thing to happen and deals with it.
func (s *sequencer) step() (done bool, err error) {
	live, backfill, stop := s.live, s.backfill, s.ledger.accepting.Done()
	if len(s.flying) >= inFlightMax || s.resend.waiting() {
		live, backfill = nil, nil
	}
	if s.ledger.isStopping() {
		if len(s.flying) == 0 && len(s.again) == 0 && len(s.live) == 0 && len(s.backfill) == 0 {
			return true, nil
		}
		stop = nil
	}
	var outcome <-chan error
	if len(s.flying) > 0 && !s.resend.waiting() {
		outcome = s.flying[0].outcome
	}
	select {
	case t := <-live:
		return false, s.batch(t)
	default:
	}
	select {
	case t := <-live:
		return false, s.batch(t)
	case t := <-backfill:
		return false, s.batch(t)
	case err := <-outcome:
		return false, s.settle(err)
	case <-s.resend.due():
		s.sendAgain()
		return false, nil
	case <-stop:
		return false, nil
	case <-s.ledger.failed:
		return true, nil
	}
}

// batch decides first and what else is waiting, and sends it as one commit.
func (s *sequencer) batch(first *Ticket) error {
	l := s.layer()
	l.begun = time.Now()
	s.overlay.layers = append(s.overlay.layers, l)
	if first != nil {
		s.again = append(s.again, first)
	}
	for range CommitRecordsMax { // commands, not records: a flood of duplicates must not hold a commit back
		t := s.take()
		if t == nil {
			break
		}
		fits, err := s.decide(l, t)
		if err != nil {
			return err
		}
		if !fits {
			s.again = slices.Insert(s.again, 0, t)
			break
		}
	}
	if len(l.commit.Records) == 0 {
		s.overlay.layers = s.overlay.layers[:len(s.overlay.layers)-1]
		s.spare = append(s.spare, l)
		return nil
	}
	s.send(l)
	return nil
}

// layer makes an empty layer, out of one that is through if there is one.
func (s *sequencer) layer() *layer {
	s.spare = append(s.spare, s.overlay.drop()...)
	if len(s.spare) == 0 {
		return newLayer()
	}
	l := s.spare[len(s.spare)-1]
	s.spare = s.spare[:len(s.spare)-1]
	return l.reuse()
}

// take returns the next command that is waiting, nil if none is.
func (s *sequencer) take() *Ticket {
	if len(s.again) > 0 {
		t := s.again[0]
		s.again = s.again[1:]
		return t
	}
	select {
	case t := <-s.live:
		return t
	default:
	}
	select {
	case t := <-s.backfill:
		return t
	default:
		return nil
	}
}

// decide answers t, or adds its record to l. It reports false when the record
// no longer fits into l.
func (s *sequencer) decide(l *layer, t *Ticket) (fits bool, err error) {
	if answered, err := s.answered(t); answered || err != nil {
		return true, err
	}
	policy := s.overlay.Policy()
	if t.prepared.policy != policy {
		if t.prepared, err = s.ledger.prepareAgain(t, policy); err != nil {
			return true, err
		}
	}
	p := &t.prepared
	d, err := domain.Decide(&s.overlay, &p.command)
	if err != nil {
		return true, err
	}
	if fault := t.fault(policy, d); fault != nil {
		t.reject(fault)
		return true, nil
	}
	if d.Duplicate > 0 {
		s.sameAs(t, d.Duplicate)
		return true, nil
	}
	if fits, err = s.append(l, p.record(s.at.Seq+uint64(len(l.commit.Records))+1, d)); err != nil {
		t.reject(&domain.Rejection{Reason: domain.TooLarge, Detail: err.Error()})
		return true, nil
	}
	if !fits {
		return false, nil
	}
	return true, l.add(&s.overlay, t)
}

// fault says why t is invalid, nil if it is not. What its text alone shows is
// judged before the clock, the clock before the rest.
func (t *Ticket) fault(policy *domain.Policy, d domain.Decision) *domain.Rejection {
	misstated := d.Status == domain.Invalid && (d.Reason == domain.InvalidCharacter || d.Reason == domain.Amount)
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

// sameAs answers t with the verdict of the record that answered the same request
// under another command's id.
func (s *sequencer) sameAs(t *Ticket, seq uint64) {
	t.request = true
	if l, i, found := s.overlay.recorded(seq); found {
		if !l.attach(t, i) {
			t.repeats(&l.commit.Records[i])
		}
		return
	}
	t.duplicateOf(seq)
}

var errTooLarge = errors.New("its record is larger than the log takes")

// append puts r at the end of the commit, encoded. It reports false, and leaves
// the commit as it was, when there is no room.
func (s *sequencer) append(l *layer, r domain.Record) (fits bool, err error) {
	records, lines := len(l.commit.Records), len(l.lines)
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

// answered looks for the command in what is decided already, and answers t from
// there (domain.md, "Idempotency").
func (s *sequencer) answered(t *Ticket) (bool, error) {
	c := &t.prepared.command
	if l, i, found := s.overlay.find(commandKey{c.Source, c.ID}); found {
		if !l.attach(t, i) {
			t.repeats(&l.commit.Records[i])
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

// record is the decision on p as the log keeps it.
func (p *prepared) record(seq uint64, d domain.Decision) domain.Record {
	return domain.Record{
		Seq: seq, Entities: d.Entities, Command: p.command, Content: p.content,
		Time: d.Time, Late: d.Late, Policy: d.Policy, Status: d.Status, Reason: d.Reason,
		Detail: d.Detail, Result: d.Result, Events: d.Events, Personal: p.personal,
	}
}
