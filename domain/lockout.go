package domain

import (
	"slices"
	"time"
)

// Run is the counted failures in a row, oldest first: no success between, none
// older than the window before the newest, at most the policy's number (LOCK-1,
//
type Run struct {
	Failures []time.Time
	Source   string // of the command that reported the newest
	Reason   string // of the newest (LOGIN-10)
}

func (r *Run) Members(v Visitor) {
	v.Instants("failures", &r.Failures)
	v.Text("source", &r.Source, Free)
	v.Text("reason", &r.Reason, Free)
}

// within counts the failures not older than the window before t. It saturates
// at p's number, which may be lower than when they were kept.
func (r Run) within(p *Policy, t time.Time) int {
	old := 0
	for old < len(r.Failures) && t.Sub(r.Failures[old]) > p.window() {
		old++
	}
	return min(len(r.Failures)-old, int(p.Failures))
}

// add is the run of n failures that ends with the one at t.
func (r Run) add(t time.Time, n int, source, reason string) Run {
	keep := min(max(n-1, 0), len(r.Failures))
	kept := r.Failures[len(r.Failures)-keep:]
	return Run{Failures: append(slices.Clip(kept), t), Source: source, Reason: reason}
}

// Lock is a lockout, in force while Held and its end has not come (LOCK-2).
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

// extended is the end that a failure at t gives the lock. It never comes nearer
// than it was, whatever a new policy says.
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

// fail records a failure, which is a fact also while locked.
func (d *deciding) fail(reason string) {
	run := d.user.Run.within(d.policy, d.Time)
	if !counts(reason) {
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

// refuseLocked lets nobody in, right password or not (LOCK-3).
func (d *deciding) refuseLocked(reported Outcome) {
	d.refuse(LockedOut, "the user is locked out", &LoginRefused{Reason: LockedOut, Reported: reported})
	if d.policy.RefusalsExtend {
		d.emit(d.Time, &LockoutExtended{Until: d.user.Lock.extended(d.policy, d.Time)})
	}
}

// LockoutRelease asks to end a lock early (LOCK-5).
type LockoutRelease struct{ User, Agent string }

func (c *LockoutRelease) CommandType() string { return "lockout.release" }
func (c *LockoutRelease) names() [2]name      { return oneName(c.User) }
func (c *LockoutRelease) Members(v Visitor) {
	v.Text("user", &c.User, nameForm)
	v.Text("agent", &c.Agent, idForm)
}

func (c *LockoutRelease) decide(d *deciding) error {
	if err := d.onUser(c.User); err != nil {
		return err
	}
	switch {
	case !d.user.Identity.verifiedAt(d.Time, d.policy.identityTTL()):
		d.refuse(IdentityNotVerified, "verify the user's identity by phone first", &LockoutRefused{IdentityNotVerified})
	case !d.user.Lock.Held:
		d.refuse(NotLocked, "the user is not locked out", &LockoutRefused{NotLocked})
	default:
		d.accept(&LockoutReleased{})
	}
	return nil
}

// LockoutStarted: the user is locked (LOCK-1).
type LockoutStarted struct{ Until time.Time } // zero: until released

// LockoutExtended: the lock's end has moved (LOCK-2).
type LockoutExtended struct{ Until time.Time } // zero: until released

// LockoutExpired: the lock's end has come; the count starts from zero (LOCK-2).
type LockoutExpired struct{}

// LockoutReleased: support ended the lock; the count starts from zero (LOCK-5).
type LockoutReleased struct{}

// LockoutRefused: a release was refused.
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
func (e *LockoutReleased) Members(Visitor)   {}
func (e *LockoutReleased) evolve(u *User, _ *fold) {
	u.Lock, u.Run = Lock{}, Run{}
}

func (e *LockoutRefused) EventType() string { return "lockout.refused" }
func (e *LockoutRefused) Members(v Visitor) { v.Text("reason", (*string)(&e.Reason), Need) }

// Lockout is the answer to "is this user locked?" at one instant.
type Lockout struct {
	Locked       bool
	Until        time.Time // zero: not locked, or locked until released
	Failures     int       // of the current run, not older than the window
	Remaining    int
	OpenAttempts int
}

// Lockout answers for u as it stands at t, at or after u's clock.
func (u User) Lockout(p *Policy, t time.Time) Lockout {
	u = u.At(t)
	l := Lockout{
		Locked: u.Lock.Held, Until: u.Lock.Until,
		Failures: u.Run.within(p, t), OpenAttempts: len(u.Attempts),
	}
	if !l.Locked {
		l.Remaining = max(int(p.Failures)-l.Failures-l.OpenAttempts, 0)
	}
	return l
}
