package main

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"authledger/domain"
	"authledger/eventstore/wire"
	"authledger/projections"
)

// when is the instant and the position that a question is about, as asked.
type when struct{ at, asOf string }

func (w *when) register(f flagSet) {
	f.StringVar(&w.at, "at", "", "`TIME` at which the answer holds, RFC 3339 (default now)")
	f.StringVar(&w.asOf, "as-of", "", "`SEQ or TIME`: answer from the log up to there (default all of it)")
}

// moment is when, understood.
type moment struct {
	at   time.Time
	asOf *uint64 // nil: the whole log
}

// ask opens the ledger for a question about a moment.
func (p *program) ask(ctx context.Context, w when, question func(context.Context, *node, moment) error) error {
	m := moment{at: p.now()}
	if w.at != "" {
		at, err := wire.ParseTime([]byte(w.at))
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
	return p.withLedger(ctx, func(n *node) error {
		if !asOf.IsZero() {
			if seq, err = n.rows.SeqAt(ctx, asOf); err != nil {
				return err
			}
		}
		if w.asOf != "" {
			m.asOf = &seq
		}
		return question(ctx, n, m)
	})
}

// position is --as-of: a record, or else an instant.
func (w *when) position() (seq uint64, at time.Time, err error) {
	if w.asOf == "" {
		return 0, at, nil
	}
	if seq, err := strconv.ParseUint(w.asOf, 10, 63); err == nil {
		return seq, at, nil
	}
	if at, err = wire.ParseTime([]byte(w.asOf)); err != nil {
		return 0, at, usagef("--as-of %q: want the number of a record, or a time: %w", w.asOf, err)
	}
	return 0, at, nil
}

// listDefault is how many a list shows unless asked for more.
const listDefault = 100

// page is a part of a list.
type page struct {
	limit int
	after string
}

func (l *page) register(f flagSet, after string) {
	f.IntVar(&l.limit, "limit", listDefault, fmt.Sprintf("at most so many, up to %d", projections.ListMax))
	f.StringVar(&l.after, "after", "", after)
}

func (l *page) check() error {
	if l.limit < 1 || l.limit > projections.ListMax {
		return usagef("--limit %d: want 1 to %d", l.limit, projections.ListMax)
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

// wantEntity is the user of a name, or the account of account/ID.
func wantEntity(n *node, name string) (domain.Entity, error) {
	if id, ok := domain.Entity(name).Account(); ok {
		return domain.AccountEntity(id), wantAccount(id)
	}
	return domain.UserEntity(name), wantUser(n, name)
}

// wantAccount refuses an id that no account can have.
func wantAccount(id string) error {
	if wrong := domain.WrongID(id); wrong != "" {
		return usagef("account %q: %s", id, wrong)
	}
	return nil
}

// wantUser refuses a name that no user can have. One that nobody has gets the
// zero answer.
func wantUser(n *node, name string) error {
	policy := n.rows.Policy()
	if bad := policy.BadName(name); bad != nil {
		return usagef("user %q: %v in names like %s (policy %s)", name, bad, policy.UsernamePattern, policy.Version)
	}
	return nil
}
