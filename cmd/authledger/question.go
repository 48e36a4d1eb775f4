package main

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"authledger/cmd/internal/node"
	"authledger/domain"
	"authledger/domain/operations"
	"authledger/eventstore/wire"
	"authledger/projections"
)

// when holds the flags --at and --as-of.
type when struct{ at, asOf string }

func (w *when) register(f flagSet) {
	f.StringVar(&w.at, "at", "", parameterUsage("lockout", operations.At))
	f.StringVar(&w.asOf, "as-of", "", parameterUsage("lockout", operations.AsOf))
}

// moment is the parsed value of [when].
type moment struct {
	at   time.Time
	asOf *uint64 // number of the last record that counts; nil means the whole log
}

// ask opens the ledger and runs a query for a moment.
func (p *program) ask(ctx context.Context, w when, question func(context.Context, *node.View, moment) error) error {
	m := moment{at: p.now()}
	if w.at != "" {
		at, err := wire.ReadTime(w.at)
		if err != nil {
			return usagef("--at %q: %w", w.at, err)
		}
		m.at = at
	}
	seq, asOf, err := w.position()
	if err != nil {
		return err
	}
	if asOf.After(p.now()) {
		return fmt.Errorf("--as-of %s: %w", w.asOf, projections.ErrAhead)
	}
	return p.withView(ctx, func(n *node.View) error {
		if !asOf.IsZero() {
			if seq, err = n.Queries.SeqAt(ctx, asOf); err != nil {
				return err
			}
		}
		if w.asOf != "" {
			m.asOf = &seq
		}
		return question(ctx, n, m)
	})
}

// position parses --as-of: a record number or an instant.
func (w *when) position() (seq uint64, at time.Time, err error) {
	if w.asOf == "" {
		return 0, at, nil
	}
	if seq, err := strconv.ParseUint(w.asOf, 10, 63); err == nil {
		return seq, at, nil
	}
	if at, err = wire.ReadTime(w.asOf); err != nil {
		return 0, at, usagef("--as-of %q: want the number of a record, or a time: %w", w.asOf, err)
	}
	return 0, at, nil
}

// listDefault is the default length of a list.
const listDefault = operations.LimitDefault

// page holds the flags --limit and --after of a list.
type page struct {
	limit int
	after string
}

func (l *page) register(f flagSet, after string) {
	f.IntVar(&l.limit, "limit", listDefault, fmt.Sprintf("maximum `NUMBER` of items, at most %d", operations.LimitMax))
	f.StringVar(&l.after, "after", "", after)
}

func (l *page) check() error {
	if l.limit < 1 || l.limit > operations.LimitMax {
		return usagef("--limit %d: want 1 to %d", l.limit, operations.LimitMax)
	}
	return nil
}

func (l *page) afterSeq() (uint64, error) {
	if l.after == "" {
		return 0, nil
	}
	seq, err := strconv.ParseUint(l.after, 10, 63)
	if err != nil {
		return 0, usagef("--after %q: want the number of a record", l.after)
	}
	return seq, nil
}

// wantEntity returns the entity of a user name or of account/ID.
func wantEntity(n *node.View, name string) (domain.Entity, error) {
	if id, ok := domain.Entity(name).Account(); ok {
		return domain.AccountEntity(id), wantAccount(id)
	}
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
// records returns the zero answer.
func wantUser(n *node.View, name string) error {
	policy := n.Rows.Policy()
	if bad := policy.BadName(name); bad != nil {
		return usagef("user %q: %v in names like %s (policy %s)", name, bad, policy.UsernamePattern, policy.Version)
	}
	return nil
}
