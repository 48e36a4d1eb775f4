package eventstore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"
)

// How long the sequencer waits before it sends an unknown commit again.
const (
	resendAfterMin = 20 * time.Millisecond
	resendAfterMax = 2 * time.Second
)

// unknown is the state of not knowing what became of the oldest commit in
// flight. The zero value is knowing.
type unknown struct {
	since time.Time
	after time.Duration
	timer *time.Timer
}

func (u *unknown) waiting() bool { return u.timer != nil }

func (u *unknown) due() <-chan time.Time {
	if u.timer == nil {
		return nil
	}
	return u.timer.C
}

// sending is a closed commit on its way to the store.
type sending struct {
	data    []byte
	expect  uint64
	outcome chan error
}

// send closes the layer's commit and sends it, fenced by what it must follow.
func (s *sequencer) send(l *layer) {
	now := s.ledger.now()
	if now.Before(s.time) {
		now = s.time
	}
	c := &l.commit
	c.First, c.Prev, c.Time, c.Node = s.at.Seq+1, s.at.Hash, now, s.ledger.node
	if s.at.Seq == 0 {
		c.Prev = Genesis(s.ledger.manifest.LedgerID)
	}
	l.expect = s.at.Stream
	c.Stream = l.expect + 1
	l.data = sealCommit(l.data, s.ledger.manifest.Realm, c, l.lines)
	s.at, s.time = c.End(), now
	s.flying = append(s.flying, l)
	l.sent = time.Now()
	s.ledger.observe.Decided(len(c.Records), l.sent.Sub(l.begun))
	s.transmit(l)
}

func (s *sequencer) transmit(l *layer) {
	outcome := make(chan error, 1)
	l.outcome = outcome
	s.sending <- sending{l.data, l.expect, outcome}
}

// transmit hands commits to the store in order. The keys that a commit uses are
// on disk before it is sent, or it is not sent.
func (l *Ledger) transmit(ctx context.Context, jobs <-chan sending) {
	for job := range jobs {
		if err := l.keys.Sync(); err != nil {
			job.outcome <- &Fault{Err: fmt.Errorf("sync the keys: %w: start again", err)}
			continue
		}
		appended := l.store.Append(ctx, job.data, job.expect)
		go func() { job.outcome <- <-appended }()
	}
}

// settle deals with what became of the oldest commit in flight. When it is not
// simply on disk, whatever was sent behind it is heard first: nothing of an old
// attempt may reach the store after this one has read it back.
func (s *sequencer) settle(outcome error) error {
	l := s.flying[0]
	if outcome != nil {
		for _, behind := range s.flying[1:] {
			select {
			case <-behind.outcome:
			case <-s.ledger.failed: // nothing is read back any more
				return nil
			}
		}
	}
	var fault *Fault
	switch {
	case outcome == nil:
		s.committed(l)
		return nil
	case errors.Is(outcome, ErrFenced):
		return s.fenced(l)
	case errors.As(outcome, &fault):
		return outcome
	}
	s.unsure(outcome)
	return nil
}

// committed passes the oldest commit on: it is on disk.
func (s *sequencer) committed(l *layer) {
	s.flying = s.flying[1:]
	s.ledger.observe.Committed(len(l.commit.Records), time.Since(l.sent))
	s.resend = unknown{}
	s.ledger.unknownSince.Store(nil)
	select {
	case s.folding <- l:
	case <-s.ledger.failed:
	}
}

// unsure plans to send the identical bytes again: a timeout is unknown, not
// failed.
func (s *sequencer) unsure(cause error) {
	if s.resend.since.IsZero() {
		s.resend.since = s.ledger.now()
		since := s.resend.since
		s.ledger.unknownSince.Store(&since)
	}
	s.resend.after = min(max(2*s.resend.after, resendAfterMin), resendAfterMax)
	s.resend.timer = time.NewTimer(s.resend.after)
	s.ledger.log.Warn("the outcome of a commit is unknown, sending it again",
		"stream", s.flying[0].expect+1, "records", len(s.flying[0].commit.Records), "after", s.resend.after, "cause", cause)
}

// sendAgain sends everything in flight once more, in order.
func (s *sequencer) sendAgain() {
	s.resend.timer = nil
	for _, l := range s.flying {
		s.transmit(l)
	}
}

// fenced reads back what stands where the oldest commit was to stand: its own
// bytes, from an earlier attempt, or another writer's.
func (s *sequencer) fenced(l *layer) error {
	m, err := s.ledger.store.Get(s.ledger.ctx, l.expect+1)
	var fault *Fault
	switch {
	case errors.As(err, &fault):
		return err
	case err != nil:
		s.unsure(err)
		return nil
	case bytes.Equal(m.Data, l.data):
		s.committed(l)
		s.sendAgain()
		return nil
	}
	return s.overtaken()
}

// overtaken drops everything in flight, takes in what the other writer wrote,
// and has the dropped commands decided anew in order of arrival.
func (s *sequencer) overtaken() error {
	s.ledger.log.Warn("another writer was faster, deciding anew", "stream", s.flying[0].expect+1, "commits", len(s.flying))
	var again []*Ticket
	for _, l := range s.flying {
		for i, t := range l.waiting {
			again = append(again, t)
			for _, r := range l.repeats {
				if r.record == i {
					again = append(again, r.ticket)
				}
			}
		}
	}
	s.again = append(again, s.again...)
	s.flying = nil
	s.resend = unknown{}
	s.ledger.unknownSince.Store(nil)
	s.settled()
	s.overlay.layers = nil
	at, err := s.ledger.catchUp(s.ledger.ctx)
	if err != nil {
		return err
	}
	s.at, s.time = at.at, at.time
	s.ledger.feed.skip(at.at.Seq)
	return nil
}

// settled waits until everything on disk is folded.
func (s *sequencer) settled() {
	done := make(chan struct{})
	select {
	case s.idle <- done:
		<-done
	case <-s.ledger.failed:
	}
}
