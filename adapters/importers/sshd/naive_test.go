package sshd_test

import "time"

// This file implements LOCK-1 to LOCK-4 a second time, as a plain loop over all attempts,
// with the numbers of posix-host and ibkr-sls. It shares no code with the ledger, so that
// both are unlikely to have the same fault.

// naiveAttempt is one attempt of a user. Its failure counts.
type naiveAttempt struct {
	user string
	at   time.Time
	ok   bool
}

// naiveTally holds the counts and the lockout of one user.
type naiveTally struct {
	lockouts, extensions, refusals int

	clock    time.Time
	failures []time.Time // all since the count last started from zero
	until    time.Time   // of the newest lock, zero if none or reset
}

func naive(attempts []naiveAttempt) map[string]*naiveTally {
	tallies := map[string]*naiveTally{}
	for _, a := range attempts {
		t := tallies[a.user]
		if t == nil {
			t = &naiveTally{}
			tallies[a.user] = t
		}
		if a.at.After(t.clock) {
			t.clock = a.at
		}
		t.expire(t.clock)
		t.take(a.ok)
	}
	return tallies
}

func (t *naiveTally) expire(now time.Time) {
	if !t.until.IsZero() && !now.Before(t.until) {
		t.until, t.failures = time.Time{}, nil
	}
}

func (t *naiveTally) take(ok bool) {
	locked := !t.until.IsZero()
	switch {
	case ok && locked:
		t.refusals++
	case ok:
		t.failures = nil
	case locked:
		t.extensions++
		t.failures = append(t.failures, t.clock)
		t.until = t.clock.Add(24 * time.Hour)
	default:
		t.failures = append(t.failures, t.clock)
		if t.within(t.clock) >= 10 {
			t.lockouts++
			t.until = t.clock.Add(24 * time.Hour)
		}
	}
}

// within returns the number of failures that are at most 24 hours before now.
func (t *naiveTally) within(now time.Time) int {
	n := 0
	for _, f := range t.failures {
		if now.Sub(f) <= 24*time.Hour {
			n++
		}
	}
	return n
}
