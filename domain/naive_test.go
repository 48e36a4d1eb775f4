package domain

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// tried is one reported attempt of a history.
type tried struct {
	at      time.Time
	failure bool
}

// naive tells whether each attempt was let in, and until when the user is locked
// after it (zero: not at all), straight from the words of LOCK-1 to LOCK-4: it
// looks at the whole history anew each time and keeps no count.
func naive(history []tried, failures int, window, duration time.Duration) (in []bool, until []time.Time) {
	start := 0          // the first attempt that may still count
	var lock *time.Time // the last counted failure of a lock
	var clock time.Time
	var when []time.Time
	for i, a := range history {
		if a.at.After(clock) {
			clock = a.at
		}
		now := clock
		when = append(when, now)
		if lock != nil && !now.Before(lock.Add(duration)) { // LOCK-2: over at its end
			lock, start = nil, i
		}
		let := !a.failure && lock == nil // LOCK-3
		if let {
			start = i + 1 // LOCK-4
		}
		if a.failure {
			counted := 0
			for j := start; j <= i; j++ {
				if history[j].failure && now.Sub(when[j]) <= window { // LOCK-1
					counted++
				}
			}
			if lock != nil || counted >= failures {
				lock = &now
			}
		}
		in = append(in, let)
		end := time.Time{}
		if lock != nil {
			end = lock.Add(duration)
		}
		until = append(until, end)
	}
	return in, until
}

// Gaps add up to the window exactly, to a nanosecond less and to one more; some
// are ties, and some go back.
func TestLOCK1to4AgreeWithANaiveReading(t *testing.T) {
	gaps := rapid.SampledFrom([]time.Duration{0, 0, 0, 1, -1, 6 * hour, 8 * hour, 12 * hour, day - 1, day, day + 1, -8 * hour})
	locked, freed := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		failures := rapid.IntRange(1, 5).Draw(t, "failures")
		p := with(IBKRSLS(), func(p *Policy) { p.Failures = int64(failures) })
		l := newLedger(p)
		var history []tried
		now := epoch
		for range rapid.IntRange(1, 50).Draw(t, "attempts") {
			now = now.Add(gaps.Draw(t, "gap"))
			history = append(history, tried{now, rapid.IntRange(0, 5).Draw(t, "fails") > 0})
		}
		in, until := naive(history, failures, day, day)
		for i, a := range history {
			s := succeed(a.at.Sub(epoch))
			if a.failure {
				s = fail(a.at.Sub(epoch))
			}
			d := l.do(*s(l))
			result := d.Result.(*LoginResult)
			if let := !a.failure && d.Status == Accepted; let != in[i] || !result.Until.Equal(until[i]) || result.Locked == until[i].IsZero() {
				t.Fatalf("attempt %d of %v: let in %v, locked until %v; naively %v, %v", i, history, let, result.Until, in[i], until[i])
			}
			if result.Locked {
				locked++
			}
			for _, e := range d.Events {
				if _, ok := e.Data.(*LockoutExpired); ok {
					freed++
				}
			}
		}
	})
	if manyHistories() && (locked == 0 || freed == 0) {
		t.Errorf("%d attempts found the user locked and %d locks expired: the histories tell nothing", locked, freed)
	}
}

// manyHistories reports whether rapid draws enough of them that one which lacks a
// kind of event is a fault of the drawing: a short run draws a fifth.
func manyHistories() bool { return !testing.Short() }
