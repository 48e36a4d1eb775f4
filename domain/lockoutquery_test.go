package domain

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// The lockout query uses the same code as the decisions. These rows are its answers at an instant.
func TestLockoutQuery(t *testing.T) {
	three := with(IBKRSLS(), func(p *Policy) { p.Failures = 3 })
	lower := with(IBKRSLS(), func(p *Policy) { p.Failures = 1 })
	for _, c := range []struct {
		says  string
		given given
		under *Policy
		at    time.Duration
		then  Lockout
	}{
		{"user without records is not locked", given{}, three, 0, Lockout{Remaining: 3}},
		{"LOCK-1 failures within the window, including its end", given{fail(0), fail(1)}, three, day,
			Lockout{Failures: 2, Remaining: 1}},
		{"LOCK-1 failures leave the window one by one", given{fail(0), fail(1)}, three, day + 1,
			Lockout{Failures: 1, Remaining: 2}},
		{"LOCK-2 locked until just before the end", given{times(3, fail(0))}, three, day - 1,
			Lockout{Locked: true, Until: epoch.Add(day), Failures: 3}},
		{"LOCK-2 not locked at the end, with or without the timer", given{times(3, fail(0))}, three, day,
			Lockout{Remaining: 3}},
		{"LOCK-6 open attempts reduce the remaining number", given{fail(0), begin("a", 0)}, three, 5*minute - 1,
			Lockout{Failures: 1, Remaining: 1, OpenAttempts: 1}},
		{"LOCK-6 expired attempts do not reduce it", given{fail(0), begin("a", 0)}, three, 5 * minute,
			Lockout{Failures: 1, Remaining: 2}},
		{"LOCK-6 remaining number is never negative", given{begin("a", 0), begin("b", 0), times(2, fail(0))},
			three, 0,
			Lockout{Failures: 2, OpenAttempts: 2}},
		{"LOCK-1 failures do not exceed a lower limit (A-06, A-43)", given{times(2, fail(0))}, lower, 0,
			Lockout{Failures: 1}},
	} {
		t.Run(c.says, func(t *testing.T) {
			l := newLedger(three)
			for _, s := range flat(c.given) {
				l.do(*s(l))
			}
			if diff := cmp.Diff(c.then, l.users["alice"].Lockout(c.under, epoch.Add(c.at))); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// An extended lockout keeps its start, and a run keeps the source of its newest counted failure
//
func TestLockout_KeepsStartAndSource(t *testing.T) {
	l := newLedger(with(IBKRSLS(), func(p *Policy) { p.Failures = 2 }))
	for _, s := range []step{
		fail(0), from("gateway/a", fail(minute)), from("gateway/b", fail(hour)),
		from("gateway/c", failed("cancelled", hour)), from("gateway/d", begin("a", hour)),
	} {
		l.do(*s(l))
	}
	u := l.users["alice"]
	want := Lock{Held: true, Since: epoch.Add(minute), Until: epoch.Add(hour + day)}
	if u.Lock != want || u.Run.Source != "gateway/b" {
		t.Errorf("got %+v with source %q, want %+v with gateway/b", u.Lock, u.Run.Source, want)
	}
}
