package eventstore

import (
	"fmt"
	"time"
)

// fold takes commits that are on disk into the state, and answers.
func (l *Ledger) fold(commits <-chan *layer, idle <-chan chan struct{}) error {
	for {
		select {
		case done := <-idle:
			for len(commits) > 0 {
				if err := l.foldOne(<-commits); err != nil {
					close(done)
					return err
				}
			}
			close(done)
		case c, ok := <-commits:
			if !ok {
				return nil
			}
			if err := l.foldOne(c); err != nil {
				return err
			}
		}
	}
}

func (l *Ledger) foldOne(c *layer) error {
	begun := time.Now()
	if err := l.state.Fold(&c.commit); err != nil {
		return fmt.Errorf("fold records %d to %d: %w", c.commit.First, c.commit.Last(), err)
	}
	l.policy.Store(l.state.Policy())
	for i, t := range c.waiting {
		t.answer(l.verdict(&c.commit.Records[i]))
	}
	for _, r := range c.answered() {
		r.ticket.repeats(&c.commit.Records[r.record])
	}
	l.feed.publish(&c.commit)
	l.observe.Folded(len(c.commit.Records), time.Since(begun))
	c.done.Store(true)
	return nil
}
