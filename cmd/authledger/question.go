package main

import (
	"context"
	"fmt"
	"time"

	"authledger/cmd/internal/node"
	"authledger/domain"
	"authledger/domain/operations"
	"authledger/projections"
	"authledger/projections/queries"
)

// moment is the instant and the position of the log for which a query returns the state.
type moment struct {
	at    time.Time // now without --at
	until time.Time // the value of --at, zero without --at
	asOf  *uint64   // number of the last record that the answer reflects; nil for the whole log
}

// ask opens the ledger for reading, and calls question with the instant and the record number
// of the parameters --at and --as-of.
func (p *program) ask(ctx context.Context, v operations.Values, question func(context.Context, *node.View, moment) error) error {
	m := moment{at: p.now(), until: v.Instant(operations.At)}
	if v.Has(operations.At) {
		m.at = m.until
	}
	asOf := v.Instant(operations.AsOf)
	if asOf.After(p.now()) {
		return fmt.Errorf("--as-of %s: %w", v.Text(operations.AsOf), projections.ErrAhead)
	}
	return p.withView(ctx, func(n *node.View) error {
		if v.Has(operations.AsOf) {
			seq := v.Number(operations.AsOf)
			if !asOf.IsZero() {
				var err error
				if seq, err = n.Queries.SeqAt(ctx, asOf); err != nil {
					return err
				}
			}
			m.asOf = &seq
		}
		return question(ctx, n, m)
	})
}

// pageOf returns the part of a list that the parameters select.
func pageOf(v operations.Values) queries.Page {
	return queries.Page{Limit: int(v.Number(operations.Limit)), After: v.Number(operations.After)}
}

// wantEntity returns the entity of the user or the account in the parameters.
func wantEntity(n *node.View, v operations.Values) (domain.Entity, error) {
	if v.Has(operations.Account) {
		id := v.Text(operations.Account)
		return domain.AccountEntity(id), wantAccount(id)
	}
	name := v.Text(operations.User)
	return domain.UserEntity(name), wantUser(n, name)
}

// wantAccount returns an error if id is not a valid account number.
func wantAccount(id string) error {
	if wrong := domain.WrongID(id); wrong != "" {
		return usagef("account %q: %s", id, wrong)
	}
	return nil
}

// wantUser returns an error if the policy rejects the name. A query for a valid name without
// records returns the answer for a user without a history.
func wantUser(n *node.View, name string) error {
	policy := n.Rows.Policy()
	if bad := policy.BadName(name); bad != nil {
		return usagef("user %q: %v; a name must match %s (policy %s)", name, bad, policy.UsernamePattern, policy.Version)
	}
	return nil
}
