package queries

import (
	"context"
	"fmt"
	"time"

	"authledger/domain"
)

// SecondFactors returns the second factors that a login of the user on a platform offers, in
// the order of the menu (LOGIN-7, LOGIN-8).
func (q *Queries) SecondFactors(
	ctx context.Context, user, platform, version string, at time.Time, asOf *uint64,
) (menu []domain.SecondFactor, err error) {
	err = q.withMoment(ctx, at, asOf, func(m *moment) error {
		u, err := m.user(ctx, user)
		if err != nil {
			return err
		}
		u = u.At(at)
		if menu = u.SecondFactors(platform, version); len(menu) == 0 {
			return nil
		}
		for i := range u.Shares { // the menu has the labels of own devices only
			s := &u.Shares[i]
			for j := range menu {
				if s.Borrower && menu[j].Device == s.Device && menu[j].Label == "" {
					if menu[j].Label, err = m.label(s.Other, s.Device); err != nil {
						return err
					}
				}
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("second factors of %s: %w", user, err)
	}
	return menu, nil
}
