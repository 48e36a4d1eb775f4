package eventstore

import (
	"bytes"
	"errors"
	"fmt"
	"time"
)

// Bounds of the pause before the sequencer sends a commit of unknown outcome again. The
// pause doubles with each attempt.
const (
	resendAfterMin = 20 * time.Millisecond
	resendAfterMax = 2 * time.Second
)

// unknownMax is the maximum duration for which the sequencer sends a commit again. Then
// the ledger stops with an error that is no *Fault, so that the process can be restarted:
// a server whose disk was full stores nothing more before it starts again.
const unknownMax = 30 * time.Second

// resend is the state of the attempts to store the oldest commit in flight while its
// outcome is unknown. The zero value means that no outcome is unknown.
type resend struct {
	since time.Time // by the ledger's clock
	begun time.Time // the same instant, with the monotonic reading
	after time.Duration
	timer *time.Timer // of the next attempt; nil if none is scheduled
}

func (r *resend) isWaiting() bool { return r.timer != nil }

// due returns the channel of the next attempt; nil if none is scheduled.
func (r *resend) due() <-chan time.Time {
	if r.timer == nil {
		return nil
	}
	return r.timer.C
}

// scheduleResend schedules the next attempt with the identical bytes: after a timeout the
// outcome of a commit is unknown. It returns an error when the outcome has been unknown
// for unknownMax.
func (s *sequencer) scheduleResend(cause error) error {
	if s.resend.since.IsZero() {
		s.resend.since, s.resend.begun = s.now(), time.Now()
		since := s.resend.since
		s.unknownSince.Store(&since)
	}
	if lasts := time.Since(s.resend.begun); lasts >= unknownMax {
		return fmt.Errorf("the disk has not confirmed a commit for %v: %w: free space on the disk or replace it, then start again: "+
			"clients without a verdict then send their commands again, under the same ids", lasts.Round(time.Second), cause)
	}
	s.resend.after = min(max(2*s.resend.after, resendAfterMin), resendAfterMax)
	s.resend.timer = time.NewTimer(s.resend.after)
	s.log.Warn("the outcome of a commit is unknown, sending the commit again",
		"stream", s.inFlight[0].expect+1, "records", len(s.inFlight[0].commit.Records), "after", s.resend.after, "cause", cause)
	return nil
}

// resendAll dispatches all commits in flight again, in order.
func (s *sequencer) resendAll() {
	s.resend.timer = nil
	for _, l := range s.inFlight {
		s.dispatch(l)
	}
}

// readBack reads the message at the position of the oldest commit in flight, after the
// store has fenced the commit. The message is either this commit, stored by an earlier
// attempt, or a commit of another writer.
func (s *sequencer) readBack(l *layer) error {
	m, err := s.store.Get(s.ctx, l.expect+1)
	var fault *Fault
	switch {
	case errors.As(err, &fault):
		return err
	case err != nil:
		return s.scheduleResend(err)
	case bytes.Equal(m.Data, l.data):
		s.commit(l)
		s.resendAll()
		return nil
	}
	return s.decideAgain()
}

// decideAgain drops all commits in flight, folds the commits of the other writer, and
// requeues the commands of the dropped commits in order of arrival.
func (s *sequencer) decideAgain() error {
	s.log.Warn("another writer has the position, deciding the commands again", "stream", s.inFlight[0].expect+1, "commits", len(s.inFlight))
	var dropped []*Ticket
	for _, l := range s.inFlight {
		for i, t := range l.waiting {
			if t != nil { // nil for an introduction, which is decided again with its command
				dropped = append(dropped, t)
			}
			for _, r := range l.repeats {
				if r.record == i {
					dropped = append(dropped, r.ticket)
				}
			}
		}
	}
	s.requeued = append(dropped, s.requeued...)
	s.inFlight = nil
	s.resend = resend{}
	s.unknownSince.Store(nil)
	s.waitFolded()
	s.overlay.layers = nil
	before := s.state.Position().Seq
	at, err := catchUp(s.ctx, s.manifest, s.store, s.state, nil)
	s.policy.Store(s.state.Policy())
	if err != nil {
		return err
	}
	if err := eraseKeys(s.keys, s.state, before+1, s.retire); err != nil {
		return err
	}
	if err := s.names.learn(before + 1); err != nil {
		return err
	}
	s.at, s.time = at.at, at.time
	s.ring.skip(at.at.Seq)
	return nil
}

// waitFolded waits until foldCommits has folded every commit that is on disk.
func (s *sequencer) waitFolded() {
	done := make(chan struct{})
	select {
	case s.idle <- done:
		<-done
	case <-s.failed:
	}
}
