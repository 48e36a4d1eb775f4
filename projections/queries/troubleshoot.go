package queries

import (
	"context"
	"fmt"
	"time"

	"authledger/domain"
)

// Troubles lists the possible causes of a user's login problem, each with its remedy
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

// Troubleshoot returns the possible causes of a user's login problem. One of the causes is
// an invalid user name.
func (q *Queries) Troubleshoot(ctx context.Context, user string, at time.Time, asOf *uint64) (*Troubles, error) {
	var t *Troubles
	err := q.withMoment(ctx, at, asOf, func(m *moment) error {
		u, err := m.user(ctx, user)
		t = &Troubles{User: user, Cases: u.Troubles(m.policy, user, at), AsOf: m.asOf}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("troubleshoot %s: %w", user, err)
	}
	return t, nil
}
