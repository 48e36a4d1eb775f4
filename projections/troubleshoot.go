package projections

import (
	"context"
	"fmt"
	"time"

	"authledger/domain"
)

// Troubles is what may be wrong for a user who calls support, and what helps
// (LOGIN-10).
type Troubles struct {
	User  string
	Cases []domain.Trouble
	AsOf  AsOf
}

func (t *Troubles) Members(v domain.Visitor) {
	v.Text("user", &t.User, domain.Need)
	v.List("cases", domain.List(&t.Cases))
	v.Object("asOf", &t.AsOf, domain.Need)
}

// Troubleshoot answers for one user at an instant, from the whole log, or up to
// the record asOf if it is not nil, as [Engine.Lockout] does. A name that no user
// can have has a case of its own.
func (e *Engine) Troubleshoot(ctx context.Context, log Log, user string, at time.Time, asOf *uint64) (*Troubles, error) {
	v, err := e.view(ctx)
	if err != nil {
		return nil, fmt.Errorf("troubleshoot: %w", err)
	}
	defer v.close()
	p, err := v.past(log, at, asOf)
	if err != nil {
		return nil, fmt.Errorf("troubleshoot: %w", err)
	}
	u, err := p.user(ctx, user)
	if err != nil {
		return nil, fmt.Errorf("troubleshoot %s: %w", user, err)
	}
	return &Troubles{User: user, Cases: u.Troubles(p.policy, user, at), AsOf: p.asOf}, nil
}
