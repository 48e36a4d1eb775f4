package projections

import (
	"context"
	"fmt"
	"time"

	"authledger/domain"
)

// Lockout is the answer to "is this user locked?" at an instant.
type Lockout struct {
	AsOf AsOf
	At   time.Time
	User string
	domain.Lockout
	LastSource string // that reported the newest failure of the run, "" if there is no run
}

// Lockout answers for one user at an instant, from the whole log, or up to the
// record asOf if it is not nil: it folds the user's events whose own time is at
// or before at, in log order, and lets everything due by then happen. The
// policy is the newest adopted up to there. A name that no record holds gets the
// zero answer.
//
// Unless the question is about the past, it reads one row and not the log.
func (e *Engine) Lockout(ctx context.Context, log Log, user string, at time.Time, asOf *uint64) (Lockout, error) {
	row, head, err := e.userRow(user)
	if err != nil {
		return Lockout{}, fmt.Errorf("lockout of %s: %w", user, err)
	}
	if asOf == nil && !row.user.Clock.After(at) {
		return answer(user, row.user, head.Policy, at, AsOf{head.Seq, head.Time}), nil
	}
	v, err := e.view(ctx)
	if err != nil {
		return Lockout{}, fmt.Errorf("lockout of %s: %w", user, err)
	}
	defer v.close()
	p, err := v.past(log, at, asOf)
	if err != nil {
		return Lockout{}, fmt.Errorf("lockout of %s: %w", user, err)
	}
	l, err := p.lockout(ctx, user)
	if err != nil {
		return Lockout{}, fmt.Errorf("lockout of %s: %w", user, err)
	}
	return l, nil
}

func (p *past) lockout(ctx context.Context, name string) (Lockout, error) {
	u, err := p.user(ctx, name)
	if err != nil {
		return Lockout{}, err
	}
	return answer(name, u, p.policy, p.at, p.asOf), nil
}

func answer(name string, u domain.User, p *domain.Policy, at time.Time, asOf AsOf) Lockout {
	return Lockout{AsOf: asOf, At: at, User: name, Lockout: u.Lockout(p, at), LastSource: u.At(at).Run.Source}
}
