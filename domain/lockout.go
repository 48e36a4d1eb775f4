package domain

import (
	"slices"
	"time"
)

// Run is a series of counted failures without a success in between, oldest first. It holds at
// most Policy.Failures failures, all within the window before the newest (LOCK-1, A-06).
type Run struct {
	Failures []time.Time
	Source   string // of the command that reported the newest failure
	Reason   string // of the newest failure (LOGIN-10)
}

func (r *Run) Members(v Visitor) {
	v.Instants("failures", &r.Failures)
	v.Text("source", &r.Source, Free)
	v.Text("reason", &r.Reason, Free)
}

// Within returns the number of failures that are not older than the failure window of p
// before t. It returns at most p.Failures, which may be lower than the number in force
// when the failures were recorded.
func (r Run) Within(p *Policy, t time.Time) int {
	old := 0
	for old < len(r.Failures) && t.Sub(r.Failures[old]) > p.FailureWindow() {
		old++
	}
	return min(len(r.Failures)-old, int(p.Failures))
}

// add returns a run of n failures, of which the newest was at t.
func (r Run) add(t time.Time, n int, source, reason string) Run {
	keep := min(max(n-1, 0), len(r.Failures))
	kept := r.Failures[len(r.Failures)-keep:]
	return Run{Failures: append(slices.Clip(kept), t), Source: source, Reason: reason}
}

// Lock is a lockout. It is in force if Held is set and Until has not passed (LOCK-2).
type Lock struct {
	Held  bool
	Since time.Time
	Until time.Time // zero: until released
}

func (l *Lock) Members(v Visitor) {
	v.Flag("held", &l.Held, Free)
	v.Instant("since", &l.Since, Free)
	v.Instant("until", &l.Until, Free)
}

// extended returns the end of the lockout after a failure at t. The end never becomes
// earlier, even under a new policy with a shorter lockout.
func (l Lock) extended(p *Policy, t time.Time) time.Time {
	until := p.lockEnd(t)
	if l.Until.IsZero() || until.IsZero() {
		return time.Time{}
	}
	if until.Before(l.Until) {
		return l.Until
	}
	return until
}

// fail records a failure, also during a lockout.
func (d *deciding) fail(reason string) {
	run := d.user.Run.Within(d.policy, d.Time)
	if !CountsAsFailure(reason) {
		d.accept(&LoginFailed{Failures: int64(run), Reason: reason})
		return
	}
	run = min(run+1, int(d.policy.Failures))
	d.accept(&LoginFailed{Failures: int64(run), Reason: reason})
	switch {
	case d.user.Lock.Held:
		d.emit(d.Time, &LockoutExtended{Until: d.user.Lock.extended(d.policy, d.Time)})
	case run >= int(d.policy.Failures):
		d.emit(d.Time, &LockoutStarted{Until: d.policy.lockEnd(d.Time)})
	}
}

// refuseLocked refuses an attempt during a lockout, even with the correct password (LOCK-3).
func (d *deciding) refuseLocked(reported Outcome) {
	d.refuse(LockedOut, "the user is locked out", &LoginRefused{Reason: LockedOut, Reported: reported})
	if d.policy.RefusalsExtend {
		d.emit(d.Time, &LockoutExtended{Until: d.user.Lock.extended(d.policy, d.Time)})
	}
}

// LockoutRelease ends a lockout early and closes the open attempts (LOCK-5, A-58).
type LockoutRelease struct{ User, Agent string }

func (c *LockoutRelease) CommandType() string        { return "lockout.release" }
func (c *LockoutRelease) names() [2]name             { return oneName(c.User) }
func (c *LockoutRelease) onBehalf() (string, string) { return "agent", c.Agent }
func (c *LockoutRelease) Members(v Visitor) {
	v.Text("user", &c.User, nameForm)
	v.Text("agent", &c.Agent, idForm)
}

func (c *LockoutRelease) decide(d *deciding) error {
	if err := d.addUser(c.User); err != nil {
		return err
	}
	closed := 0
	if d.command.decidedBy(rulesDecidingOnArrival) {
		closed = len(d.user.Attempts)
	}
	switch {
	case !d.user.Identity.verifiedAt(d.Time, d.policy.IdentityTTL()):
		d.refuse(IdentityNotVerified, "verify the user's identity by phone first", &LockoutRefused{IdentityNotVerified})
	case !d.user.Lock.Held && closed == 0:
		d.refuse(NotLocked, "the user is not locked out", &LockoutRefused{NotLocked})
	default:
		d.accept(&LockoutReleased{Attempts: int64(closed)})
	}
	return nil
}

// LockoutStarted is the event that a user was locked out (LOCK-1).
type LockoutStarted struct{ Until time.Time } // zero: until released

// LockoutExtended is the event that the end of a lockout changed (LOCK-2).
type LockoutExtended struct{ Until time.Time } // zero: until released

// LockoutExpired is the event that a lockout ended. The count of failures restarts at 0
// (LOCK-2).
type LockoutExpired struct{}

// LockoutReleased is the event that support released a user: it ended the lockout of a
// locked user, and closed the user's open attempts. The count of failures restarts at 0 (LOCK-5, A-58). Attempts is
// the number of closed attempts. It is always 0 under the rules of version 1.
type LockoutReleased struct{ Attempts int64 }

// LockoutRefused is the event that a release was refused.
type LockoutRefused struct{ Reason Reason }

func (e *LockoutStarted) EventType() string { return "lockout.started" }
func (e *LockoutStarted) Members(v Visitor) { v.Instant("until", &e.Until, Free) }
func (e *LockoutStarted) evolve(u *User, f *fold) {
	u.Lock = Lock{Held: true, Since: f.at, Until: e.Until}
}

func (e *LockoutExtended) EventType() string { return "lockout.extended" }
func (e *LockoutExtended) Members(v Visitor) { v.Instant("until", &e.Until, Free) }
func (e *LockoutExtended) evolve(u *User, _ *fold) {
	u.Lock.Until = e.Until
}

func (e *LockoutExpired) EventType() string { return "lockout.expired" }
func (e *LockoutExpired) Members(Visitor)   {}
func (e *LockoutExpired) evolve(u *User, _ *fold) {
	u.Lock, u.Run = Lock{}, Run{}
}

func (e *LockoutReleased) EventType() string { return "lockout.released" }
func (e *LockoutReleased) Members(v Visitor) { v.Count("attempts", &e.Attempts, Free) }
func (e *LockoutReleased) evolve(u *User, _ *fold) {
	u.Lock, u.Run = Lock{}, Run{}
	if e.Attempts > 0 {
		u.Attempts = nil
	}
}

func (e *LockoutRefused) EventType() string { return "lockout.refused" }
func (e *LockoutRefused) Members(v Visitor) { v.Text("reason", (*string)(&e.Reason), Need) }

// Lockout is the lockout state of a user at an instant.
type Lockout struct {
	Locked       bool
	Until        time.Time // zero: not locked, or locked until released
	Failures     int       // of the current run, within the window
	Remaining    int
	OpenAttempts int
}

// Lockout returns the lockout state of u at t. t MUST NOT be before u.Clock.
func (u User) Lockout(p *Policy, t time.Time) Lockout {
	u = u.At(t)
	l := Lockout{
		Locked: u.Lock.Held, Until: u.Lock.Until,
		Failures: u.Run.Within(p, t), OpenAttempts: len(u.Attempts),
	}
	if !l.Locked {
		l.Remaining = max(int(p.Failures)-l.Failures-l.OpenAttempts, 0)
	}
	return l
}
