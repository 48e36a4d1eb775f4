// Package historytest folds a log in memory, for tests of explanations.
//
// # Decisions
//
// The history before a record is folded from the first record of the log, without
// snapshots and indexes, so that a test can compare an explanation from rows with it.
package historytest

import (
	"slices"
	"time"

	"authledger/domain"
	"authledger/domain/explain"
)

// History is the log before a record. It implements [explain.History].
type History struct {
	*domain.Folded
	adopted uint64
	items   map[domain.ItemKey]explain.Origin
	clocks  map[domain.Entity]explain.Origin
	parts   map[part][]explain.Origin
	drawn   map[string][]domain.ItemKey // the approved withdrawals of each account
}

type part struct {
	of   domain.Entity
	name string
}

// New returns the history before the first record of a log.
func New() *History {
	return &History{
		Folded: domain.NewFolded(domain.IBKRSLS()), items: map[domain.ItemKey]explain.Origin{},
		clocks: map[domain.Entity]explain.Origin{}, parts: map[part][]explain.Origin{}, drawn: map[string][]domain.ItemKey{},
	}
}

// Take adds the next record of the log.
func (h *History) Take(r *domain.Record) error {
	was := make([]time.Time, len(r.Entities))
	for i, e := range r.Entities {
		was[i], _ = h.Clock(e) // of a map: it has no error
	}
	changes, err := h.Folded.Take(r)
	if err != nil {
		return err
	}
	now := explain.Origin{Seq: r.Seq, At: r.Time}
	for i, e := range r.Entities {
		if !was[i].Equal(r.Time) {
			h.clocks[e] = now
		}
	}
	for i := range changes.Users {
		u := &changes.Users[i]
		explain.UserParts(u, r, h.set(domain.UserEntity(u.Name), now))
	}
	if a := &changes.Account; a.ID != "" {
		explain.AccountParts(a, h.set(domain.AccountEntity(a.ID), now))
	}
	for _, c := range changes.Items {
		h.items[c.Key] = now
		if w, ok := c.Item.(*domain.Withdrawal); ok && c.New && w.State != domain.Denied {
			h.drawn[c.Key.Owner] = append(h.drawn[c.Key.Owner], c.Key)
		}
	}
	if r.Adopted() != nil {
		h.adopted = r.Seq
	}
	return nil
}

func (h *History) set(e domain.Entity, now explain.Origin) func(string) {
	return func(name string) {
		k := part{e, name}
		h.parts[k] = append(h.parts[k], now)
		if name == explain.ClockPart {
			h.clocks[e] = now
		}
	}
}

func (h *History) Adopted() uint64 { return h.adopted }

func (h *History) ItemSetBy(k domain.ItemKey) (explain.Origin, error) { return h.items[k], nil }

func (h *History) ClockSetBy(e domain.Entity) (explain.Origin, error) { return h.clocks[e], nil }

func (h *History) PartSetBy(e domain.Entity, name string, later int) (explain.Origin, error) {
	all := h.parts[part{e, name}]
	if later >= len(all) {
		return explain.Origin{}, nil
	}
	return all[len(all)-1-later], nil
}

func (h *History) Drawn(account string, since time.Time, after uint64, limit int) (page []explain.Drawn, err error) {
	for d := range h.counting(account, since) {
		if d.Withdrawal.Seq > after && len(page) < limit {
			page = append(page, d)
		}
	}
	return page, nil
}

func (h *History) CountDrawn(account string, since time.Time) (n int64, err error) {
	for range h.counting(account, since) {
		n++
	}
	return n, nil
}

func (h *History) counting(account string, since time.Time) func(func(explain.Drawn) bool) {
	return func(yield func(explain.Drawn) bool) {
		for _, k := range slices.Clone(h.drawn[account]) {
			it, _ := h.Item(k) // of a map: it has no error
			if w := it.(*domain.Withdrawal); w.Counts(since) && !yield(explain.Drawn{Withdrawal: w, By: h.items[k]}) {
				return
			}
		}
	}
}
