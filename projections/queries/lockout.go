package queries

import (
	"context"
	"fmt"
	"time"

	"authledger/domain"
)

// Lockout is the lockout state of a user at an instant.
type Lockout struct {
	AsOf AsOf
	At   time.Time
	User string
	domain.Lockout
	LastSource string // source of the newest counted failure, "" without counted failures

	// LockFailures is the number of failures that led to the lockout of a locked user, if
	// that number is greater than Failures, and 0 otherwise. Failures can be smaller, because
	// it counts only the failures in the window of the policy. The window moves with time,
	// and a new policy may shorten it.
	LockFailures int

	// Forgotten is the time at which the user was forgotten. It is zero if the user was never
	// forgotten, or if a later command names the user.
	Forgotten time.Time

	// Since and FailureTimes describe the lockout and the counted failures of the present run,
	// the oldest first. The answer in JSON does not contain them.
	Since        time.Time
	FailureTimes []time.Time
}

// Members visits the members of the answer to the query lockout.
func (l *Lockout) Members(v domain.Visitor) {
	failures, remaining, open := int64(l.Failures), int64(l.Remaining), int64(l.OpenAttempts)
	lockFailures := int64(l.LockFailures)
	v.Text("user", &l.User, domain.Need)
	v.Flag("locked", &l.Locked, domain.Need)
	v.Instant("until", &l.Until, domain.Free)
	v.Count("failures", &failures, domain.Need)
	v.Count("remaining", &remaining, domain.Need)
	v.Count("openAttempts", &open, domain.Need)
	v.Count("lockFailures", &lockFailures, domain.Free)
	v.Instant("forgotten", &l.Forgotten, domain.Free)
	v.Object("asOf", &l.AsOf, domain.Need)
}

// Lockout returns the lockout state of a user. A query about the present reads one row, and
// no record of the log.
func (q *Queries) Lockout(ctx context.Context, user string, at time.Time, asOf *uint64) (Lockout, error) {
	state, end, err := q.rows.CurrentUser(user)
	if err != nil {
		return Lockout{}, fmt.Errorf("lockout of %s: %w", user, err)
	}
	if asOf == nil && !state.Clock.After(at) {
		return lockoutOf(user, state, end.Policy, at, AsOf{end.Seq, end.Time}), nil
	}
	var l Lockout
	err = q.withMoment(ctx, at, asOf, func(m *moment) error {
		l, err = m.lockout(ctx, user)
		return err
	})
	if err != nil {
		return Lockout{}, fmt.Errorf("lockout of %s: %w", user, err)
	}
	return l, nil
}

func (m *moment) lockout(ctx context.Context, name string) (Lockout, error) {
	u, err := m.user(ctx, name)
	if err != nil {
		return Lockout{}, err
	}
	return lockoutOf(name, u, m.policy, m.at, m.asOf), nil
}

func lockoutOf(name string, u domain.User, p *domain.Policy, at time.Time, asOf AsOf) Lockout {
	l := Lockout{AsOf: asOf, At: at, User: name, Lockout: u.Lockout(p, at)}
	now := u.At(at)
	run := now.Run
	l.Forgotten = u.Forgotten
	l.LastSource, l.Since, l.FailureTimes = run.Source, now.Lock.Since, run.Failures
	if l.Locked && len(run.Failures) > l.Failures {
		l.LockFailures = len(run.Failures)
	}
	return l
}
