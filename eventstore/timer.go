package eventstore

import (
	"errors"
	"fmt"
	"time"

	"authledger/domain"
)

// timerEvery is the interval at which the ledger looks for due deadlines.
const timerEvery = time.Second

// firingMax is the maximum number of deadlines that the ledger submits before it waits for
// their verdicts.
const firingMax = 256

// runTimers records the deadlines that precede the watermark of the stored commands by at least
// the permitted clock skew. Verdicts do not depend on these records, because each
// decision applies the passed deadlines itself.
func (l *Ledger) runTimers() error {
	tick := time.NewTicker(timerEvery)
	defer tick.Stop()
	clock := wallClock{last: l.now(), lastMonotonic: time.Now()}
	for {
		select {
		case <-tick.C:
		case <-l.accepting.Done():
			return nil
		}
		now := l.now()
		skew := l.state.Policy().MaxClockSkew()
		if jump := clock.jump(now, time.Now()); jump > skew || -jump > skew {
			why := fmt.Sprintf("the wall clock jumped by %v against the monotonic clock: correct the wall clock, then start again", jump)
			l.held.Store(&why)
			l.log.Error("the timers are held", "cause", why)
		}
		if l.held.Load() != nil {
			continue
		}
		if err := l.fire(l.watermark(now).Add(-skew)); err != nil {
			return err
		}
	}
}

// fire records the deadlines at or before t.
func (l *Ledger) fire(t time.Time) error {
	for !l.isStopping() {
		due, err := l.state.Due(t, firingMax)
		if err != nil {
			return fmt.Errorf("find the due deadlines: %w", err)
		}
		err = l.fireAll(due)
		if errors.Is(err, ErrBusy) || errors.Is(err, ErrDiskFull) || errors.Is(err, ErrStopped) {
			return nil // the next tick fires the remaining deadlines
		}
		if err != nil || len(due) < firingMax {
			return err
		}
	}
	return nil
}

func (l *Ledger) fireAll(due []domain.Deadline) error {
	tickets := make([]*Ticket, 0, len(due))
	for _, d := range due {
		t, err := l.Prepare(domain.NewTimerFire(d.Entity, d.At))
		if err != nil {
			return err
		}
		t.timer = true
		if err := l.Enqueue(l.ctx, t); err != nil {
			return err
		}
		tickets = append(tickets, t)
	}
	for _, t := range tickets {
		if _, err := t.Wait(l.ctx); err != nil {
			return err
		}
	}
	return nil
}

// wallClock detects a wall clock that is set while the process runs.
type wallClock struct{ last, lastMonotonic time.Time }

// jump returns the duration that the wall clock advanced since the last call, minus the
// duration that the monotonic clock advanced.
func (c *wallClock) jump(wall, monotonic time.Time) time.Duration {
	jump := wall.Round(0).Sub(c.last.Round(0)) - monotonic.Sub(c.lastMonotonic)
	c.last, c.lastMonotonic = wall, monotonic
	return jump
}
