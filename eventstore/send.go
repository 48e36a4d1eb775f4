package eventstore

import (
	"errors"
	"time"
)

// send closes the commit of l and appends it to the store at the position that it must follow.
func (s *sequencer) send(l *layer) {
	now := s.commitTime()
	c := &l.commit
	c.First, c.Prev, c.Time, c.Node = s.at.Seq+1, s.at.Hash, now, s.node
	if s.at.Seq == 0 {
		c.Prev = Genesis(s.ledgerID)
	}
	l.expect = s.at.Stream
	c.Stream = l.expect + 1
	l.data = sealCommit(l.data, s.manifest.Realm, c, l.lines)
	s.at, s.time = c.End(), now
	s.inFlight = append(s.inFlight, l)
	l.sent = time.Now()
	s.observe.Decided(len(c.Records), l.sent.Sub(l.begun))
	s.dispatch(l)
}

// commitTime returns the time of a commit that is closed now. It does not decrease, although the clock of
// the node may.
func (s *sequencer) commitTime() time.Time {
	if now := s.now(); now.After(s.time) {
		return now
	}
	return s.time
}

// dispatch appends a closed commit to the store. It replaces the outcome channel of an earlier attempt.
func (s *sequencer) dispatch(l *layer) { l.outcome = s.store.Append(s.ctx, l.data, l.expect) }

// handleOutcome handles the outcome of the oldest commit in flight. Unless the commit is on
// disk, it first waits for the outcomes of the later commits, because no append of an old
// attempt may reach the store after the log was read back.
func (s *sequencer) handleOutcome(outcome error) error {
	l := s.inFlight[0]
	if outcome != nil {
		for _, later := range s.inFlight[1:] {
			select {
			case <-later.outcome:
			case <-s.failed: // the ledger has stopped
				return nil
			}
		}
	}
	var fault *Fault
	switch {
	case outcome == nil:
		if err := s.checkFiles(); err != nil {
			return err // no ticket is answered, because the commit may be in a deleted file
		}
		s.commit(l)
		return nil
	case errors.Is(outcome, ErrFenced):
		return s.readBack(l)
	case errors.As(outcome, &fault):
		return outcome
	}
	return s.scheduleResend(outcome)
}

// commit passes the oldest commit in flight, which is on disk, to foldCommits.
func (s *sequencer) commit(l *layer) {
	s.inFlight = s.inFlight[1:]
	s.observe.Committed(len(l.commit.Records), time.Since(l.sent))
	s.resend = resend{}
	s.unknownSince.Store(nil)
	select {
	case s.folding <- l:
	case <-s.failed:
	}
}
