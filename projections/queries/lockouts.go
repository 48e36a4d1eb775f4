package queries

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"time"

	"authledger/domain"
)

// LockoutPage is a page of the users that are locked at an instant, in the order in which
// their lockouts began, or in the reverse order.
type LockoutPage struct {
	Lockouts []Lockout
	Part
}

// Members visits the members of the answer to the query lockouts.
func (p *LockoutPage) Members(v domain.Visitor) {
	users := make([]lockedUser, len(p.Lockouts))
	for i := range p.Lockouts {
		users[i].of = &p.Lockouts[i]
	}
	v.List("lockouts", domain.List(&users))
	p.Part.Members(v)
}

// lockedUser is one entry of the list of locked users.
type lockedUser struct{ of *Lockout }

func (l *lockedUser) Members(v domain.Visitor) {
	if l.of == nil { // a visitor that writes the schema visits a zero entry
		l.of = new(Lockout)
	}
	failures, lockFailures := int64(l.of.Failures), int64(l.of.LockFailures)
	v.Text("user", &l.of.User, domain.Need)
	v.Instant("since", &l.of.Since, domain.Need)
	v.Instant("until", &l.of.Until, domain.Free)
	v.Count("failures", &failures, domain.Need)
	v.Text("lastSource", &l.of.LastSource, domain.Need)
	v.Count("lockFailures", &lockFailures, domain.Free)
}

// Lockouts returns one page of the locked users.
//
// The cost grows with the number of lockouts in force around the instant. With asOf, a query
// reads all lockouts that began before the instant, which is slow in a long log. The list of
// users reads a bounded number of rows ([Queries.Users]).
func (q *Queries) Lockouts(ctx context.Context, at time.Time, asOf *uint64, page Page) (LockoutPage, error) {
	var p LockoutPage
	err := q.withMoment(ctx, at, asOf, func(m *moment) (err error) {
		p, err = m.lockouts(ctx, &page)
		return err
	})
	if err != nil {
		return LockoutPage{}, fmt.Errorf("lockouts: %w", err)
	}
	return p, nil
}

// lockouts computes the state of each candidate, limit+1 candidates at a time, because with
// asOf a candidate may not be locked.
func (m *moment) lockouts(ctx context.Context, page *Page) (LockoutPage, error) {
	p := LockoutPage{Part: Part{AsOf: m.asOf, At: page.At}}
	found := firstLockouts{limit: page.limit() + 1, oldest: page.Oldest}
	if err := found.begin(page.After); err != nil {
		return p, err
	}
	for {
		found.all = nil
		if err := m.lockedCandidates(ctx, &found); err != nil {
			return p, err
		}
		for _, c := range found.all {
			l, err := m.lockout(ctx, c.user)
			if err != nil {
				return p, err
			}
			if l.Locked && l.Since.Equal(c.begin) {
				if len(p.Lockouts) == page.limit() {
					p.More, p.Next = true, page.next(found.after.position())
					return p, nil
				}
				p.Lockouts = append(p.Lockouts, l)
			}
			found.after = &c
		}
		if len(found.all) < found.limit {
			return p, nil
		}
	}
}

// lockedCandidates adds the first users that may be locked. It omits no locked user.
func (m *moment) lockedCandidates(ctx context.Context, found *firstLockouts) error {
	if m.isNow {
		return m.view.LockedAt(ctx, m.at, found.add)
	}
	return m.view.MayBeLockedAt(ctx, m.at, m.asOf.Seq, found.add)
}

// begun is a user and the start of a lockout of the user.
type begun struct {
	begin time.Time
	user  string
}

func (b *begun) compare(o begun) int {
	if c := b.begin.Compare(o.begin); c != 0 {
		return c
	}
	return strings.Compare(b.user, o.user)
}

// position returns the position in the list: seconds, nanoseconds and the name.
func (b *begun) position() []byte {
	p := binary.BigEndian.AppendUint64(nil, uint64(b.begin.Unix()))
	return append(binary.BigEndian.AppendUint32(p, uint32(b.begin.Nanosecond())), b.user...)
}

// firstLockouts keeps the first limit lockouts after one lockout, in order, each once.
type firstLockouts struct {
	limit  int
	oldest bool
	after  *begun // nil: from the first one
	all    []begun
}

// begin sets the lockout of the position, after which the list continues.
func (f *firstLockouts) begin(position []byte) error {
	const instantBytes = 8 + 4
	if position == nil {
		return nil
	}
	if len(position) <= instantBytes {
		return ErrPosition
	}
	seconds, nanoseconds := binary.BigEndian.Uint64(position), binary.BigEndian.Uint32(position[8:])
	if nanoseconds >= uint32(time.Second) {
		return ErrPosition
	}
	f.after = &begun{time.Unix(int64(seconds), int64(nanoseconds)).UTC(), string(position[instantBytes:])}
	return nil
}

// compare compares two lockouts in the order of the list.
func (f *firstLockouts) compare(a, b begun) int {
	if f.oldest {
		return a.compare(b)
	}
	return b.compare(a)
}

func (f *firstLockouts) add(user string, begin time.Time) {
	b := begun{begin, user}
	if f.after != nil && f.compare(b, *f.after) <= 0 {
		return
	}
	i, found := slices.BinarySearchFunc(f.all, b, f.compare)
	if found || i == f.limit {
		return
	}
	if len(f.all) == f.limit {
		f.all = f.all[:f.limit-1]
	}
	f.all = slices.Insert(f.all, i, b)
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
		if err := v.LockedAt(ctx, at[i], func(string, time.Time) { counts[i]++ }); err != nil {
			return nil, fmt.Errorf("count lockouts: %w", err)
		}
	}
	return counts, nil
}
