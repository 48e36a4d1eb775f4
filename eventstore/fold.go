package eventstore

import (
	"fmt"
	"time"

	"authledger/domain"
)

// foldCommits folds the commits that are on disk and answers their tickets, until the
// channel folding is closed.
func (s *sequencer) foldCommits() error {
	for {
		select {
		case done := <-s.idle:
			for len(s.folding) > 0 {
				if err := s.foldOne(<-s.folding); err != nil {
					close(done)
					return err
				}
			}
			close(done)
		case l, ok := <-s.folding:
			if !ok {
				return nil
			}
			if err := s.foldOne(l); err != nil {
				return err
			}
		}
	}
}

// foldOne folds one commit, answers its tickets, publishes its records to the followers
// and releases its layer.
func (s *sequencer) foldOne(l *layer) error {
	begun := time.Now()
	if err := s.state.Fold(&l.commit); err != nil {
		return fmt.Errorf("fold records %d to %d: %w", l.commit.First, l.commit.Last(), err)
	}
	s.policy.Store(s.state.Policy())
	s.keepSlots(l)
	s.keepPersons(l)
	if err := s.eraseFolded(&l.commit); err != nil {
		return err
	}
	for i, t := range l.waiting {
		if t == nil { // an introduction, which the ledger adds itself
			continue
		}
		t.answer(t.ledger.verdict(&l.commit.Records[i]))
	}
	for _, r := range l.close() {
		r.ticket.answerFrom(&l.commit.Records[r.record])
	}
	s.ring.publish(&l.commit)
	for i := range l.commit.Records {
		if r := &l.commit.Records[i]; r.Status == domain.Refused {
			s.observe.Refused(r.Reason)
		}
	}
	s.observe.Folded(len(l.commit.Records), time.Since(begun))
	l.done.Store(true)
	return nil
}
