package domain

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// tried is a reported attempt.
type tried struct {
	at      time.Time
	failure bool
}

// naive returns whether each attempt was accepted, and the end of the lockout after it (zero for no
// lockout). It implements LOCK-1 to LOCK-4 without a state: it reads the whole history each time.
func naive(history []tried, failures int, window, duration time.Duration) (in []bool, until []time.Time) {
	start := 0          // the first attempt that may still count
	var lock *time.Time // the last counted failure of the lockout
	var clock time.Time
	var when []time.Time
	for i, a := range history {
		if a.at.After(clock) {
			clock = a.at
		}
		now := clock
		when = append(when, now)
		if lock != nil && !now.Before(lock.Add(duration)) { // LOCK-2: the lockout has ended
			lock, start = nil, i
		}
		accepted := !a.failure && lock == nil // LOCK-3
		if accepted {
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
		in = append(in, accepted)
		end := time.Time{}
		if lock != nil {
			end = lock.Add(duration)
		}
		until = append(until, end)
	}
	return in, until
}

// The gaps add up to the window, to a nanosecond less or to a nanosecond more. Some are 0, and some are
// negative.
func TestLockout_AgreesWithNaiveRules(t *testing.T) {
	gaps := rapid.SampledFrom([]time.Duration{0, 0, 0, 1, -1, 6 * hour, 8 * hour, 12 * hour, day - 1, day,
		day + 1, -8 * hour})
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
			accepted := !a.failure && d.Status == Accepted
			if accepted != in[i] || !result.Until.Equal(until[i]) || result.Locked == until[i].IsZero() {
				t.Fatalf("attempt %d of %v: got accepted %t, locked until %v, want %t, %v of the naive rules", i, history,
					accepted, result.Until, in[i], until[i])
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
		t.Errorf("histories with %d attempts during a lockout and %d expired lockouts, want more", locked,
			freed)
	}
}

// manyHistories reports whether rapid draws enough histories for every kind of event to occur. A short
// run draws a fifth of them.
func manyHistories() bool { return !testing.Short() }
