package domain

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// One copy of each rule decides and answers: these are the answers at an instant.
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
		{"nobody is locked before anything happened", given{}, three, 0, Lockout{Remaining: 3}},
		{"LOCK-1 failures are those of the window, edge included", given{fail(0), fail(1)}, three, day,
			Lockout{Failures: 2, Remaining: 1}},
		{"LOCK-1 and leave it one by one", given{fail(0), fail(1)}, three, day + 1, Lockout{Failures: 1, Remaining: 2}},
		{"LOCK-2 locked until just before the end", given{times(3, fail(0))}, three, day - 1,
			Lockout{Locked: true, Until: epoch.Add(day), Failures: 3}},
		{"LOCK-2 and free at it, timer or not", given{times(3, fail(0))}, three, day, Lockout{Remaining: 3}},
		{"LOCK-6 open attempts take places", given{fail(0), begin("a", 0)}, three, 5*minute - 1,
			Lockout{Failures: 1, Remaining: 1, OpenAttempts: 1}},
		{"LOCK-6 until they lapse", given{fail(0), begin("a", 0)}, three, 5 * minute, Lockout{Failures: 1, Remaining: 2}},
		{"LOCK-6 never fewer than none remain", given{begin("a", 0), begin("b", 0), times(2, fail(0))}, three, 0,
			Lockout{Failures: 2, OpenAttempts: 2}},
		{"LOCK-1 failures saturate at a lower number (A-06, A-43)", given{times(2, fail(0))}, lower, 0, Lockout{Failures: 1}},
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

// A lock knows when it began, however often it was extended, and a run who
// reported its newest counted failure.
func TestLOCK2ALockKeepsItsBeginAndItsLastSource(t *testing.T) {
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
		t.Errorf("%+v, last source %q; want %+v of gateway/b", u.Lock, u.Run.Source, want)
	}
}
