package queries

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"authledger/domain"
)

// LockoutPage is a page of the users that are locked at an instant, by name.
type LockoutPage struct {
	AsOf     AsOf
	At       time.Time
	Lockouts []Lockout
	More     bool // locked users follow after the last one
}

// Members visits the members of the answer to the query lockouts.
func (p *LockoutPage) Members(v domain.Visitor) {
	users := make([]lockedUser, len(p.Lockouts))
	for i := range p.Lockouts {
		users[i].of = &p.Lockouts[i]
	}
	v.List("lockouts", domain.List(&users))
	v.Flag("more", &p.More, domain.Need)
	v.Object("asOf", &p.AsOf, domain.Need)
}

// lockedUser is one entry of the list of locked users.
type lockedUser struct{ of *Lockout }

func (l *lockedUser) Members(v domain.Visitor) {
	if l.of == nil { // a visitor that writes the schema visits a zero entry
		l.of = new(Lockout)
	}
	failures, lockFailures := int64(l.of.Failures), int64(l.of.LockFailures)
	v.Text("user", &l.of.User, domain.Need)
	v.Instant("until", &l.of.Until, domain.Free)
	v.Count("failures", &failures, domain.Need)
	v.Text("lastSource", &l.of.LastSource, domain.Need)
	v.Count("lockFailures", &lockFailures, domain.Free)
}

// Lockouts returns at most limit locked users whose names are after the given name. The
// limit is at most [ListMax].
//
// The cost grows with the number of lockouts in force around the instant. With asOf, a query
// reads all lockouts that began before the instant, which is slow in a long log.
func (q *Queries) Lockouts(ctx context.Context, at time.Time, asOf *uint64, limit int, after string) (LockoutPage, error) {
	var page LockoutPage
	err := q.withMoment(ctx, at, asOf, func(m *moment) (err error) {
		page, err = m.lockouts(ctx, min(max(limit, 1), ListMax), after)
		return err
	})
	if err != nil {
		return LockoutPage{}, fmt.Errorf("lockouts: %w", err)
	}
	return page, nil
}

// lockouts computes the state of each candidate, limit+1 candidates at a time, because with
// asOf a candidate may not be locked.
func (m *moment) lockouts(ctx context.Context, limit int, after string) (LockoutPage, error) {
	page := LockoutPage{AsOf: m.asOf, At: m.at}
	for {
		names, err := m.lockedCandidates(ctx, limit+1, after)
		if err != nil {
			return page, err
		}
		for _, name := range names {
			l, err := m.lockout(ctx, name)
			switch {
			case err != nil:
				return page, err
			case l.Locked && len(page.Lockouts) == limit:
				page.More = true
				return page, nil
			case l.Locked:
				page.Lockouts = append(page.Lockouts, l)
			}
			after = name
		}
		if len(names) <= limit {
			return page, nil
		}
	}
}

// lockedCandidates returns the first limit users after the given name, by name, that may be
// locked. It omits no locked user.
func (m *moment) lockedCandidates(ctx context.Context, limit int, after string) ([]string, error) {
	found := firstNames{limit: limit, after: after}
	var err error
	if m.isNow {
		err = m.view.LockedAt(ctx, m.at, found.add)
	} else {
		err = m.view.MayBeLockedAt(ctx, m.at, m.asOf.Seq, found.add)
	}
	return found.names, err
}

// firstNames keeps the first limit names after one name, in order, each once.
type firstNames struct {
	limit int
	after string
	names []string
}

func (f *firstNames) add(name string) {
	if name <= f.after {
		return
	}
	i, found := slices.BinarySearchFunc(f.names, name, strings.Compare)
	if found || i == f.limit {
		return
	}
	if len(f.names) == f.limit {
		f.names = f.names[:f.limit-1]
	}
	f.names = slices.Insert(f.names, i, name)
}

// LockedCounts returns the number of locked users at each of the instants.
func (q *Queries) LockedCounts(ctx context.Context, at []time.Time) ([]int64, error) {
	v, err := q.rows.View(ctx)
	if err != nil {
		return nil, fmt.Errorf("count lockouts: %w", err)
	}
	defer v.Close()
	counts := make([]int64, len(at))
	for i := range at {
		if err := v.LockedAt(ctx, at[i], func(string) { counts[i]++ }); err != nil {
			return nil, fmt.Errorf("count lockouts: %w", err)
		}
	}
	return counts, nil
}
