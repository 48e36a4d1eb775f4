package queries

import (
	"context"
	"fmt"
	"iter"
	"time"

	"authledger/domain"
	"authledger/projections"
)

// Bounds of one page of a list of the realm. A page that reaches a bound has fewer items than
// its limit, and a member next.
const (
	entriesMax = 3000 // entries that a page reads, most of which their rows exclude
	missesMax  = 200  // entries whose state a page reads and excludes
	refoldsMax = 200  // users whose records a page about the past folds
	namesMax   = 300  // users with a prefix that a page sorts; with more users it reads the list of all users
)

// Filter selects the items of a list of the realm. A zero field selects all items. Each list
// has some of the fields.
type Filter struct {
	User, Account string
	State, Class  string // the class of a device or withdrawal, the kind of a code
	Day           string // YYYY-MM-DD
	MinUSD        domain.USD

	Prefix            string
	Locked, HasDevice *bool
	ActiveSince       time.Time
}

// RealmList is a page of a list of the realm.
type RealmList[T any, D interface {
	*T
	domain.Data
}] struct {
	Items []T
	Part
}

// Members visits the members of the page. The member next is absent on the last page.
func (l *RealmList[T, D]) Members(v domain.Visitor) {
	v.List("items", domain.List[T, D](&l.Items))
	l.Part.members(v)
}

// realm is a page of a list of the realm while it is read.
type realm struct {
	*moment
	ctx       context.Context
	filter    *Filter
	page      *Page
	isPresent bool // reports whether the rows hold the states at the moment, except for deadlines
	refolds   int
	hasEnded  bool // reports whether the page has reached a bound of refolds
}

// readList reads a page of a list of the realm.
func (q *Queries) readList(ctx context.Context, at time.Time, asOf *uint64, filter *Filter, page *Page, part *Part, read func(*realm) error) error {
	return q.withMoment(ctx, at, asOf, func(m *moment) error {
		newest, err := m.view.NewestCounted()
		if err != nil {
			return err
		}
		if page.After != nil && !projections.IsPosition(page.After) {
			return ErrPosition
		}
		r := &realm{moment: m, ctx: ctx, filter: filter, page: page, isPresent: m.isNow && !newest.After(at)}
		part.AsOf, part.At = m.asOf, page.At
		return read(r)
	})
}

// selection returns the entries of a list that may match at the moment. At present these are
// the entries whose state is one of states.
func (r *realm) selection(list domain.ItemKind, states ...string) *projections.Selection {
	s := &projections.Selection{List: list, Oldest: r.page.Oldest, After: r.page.After, Last: r.asOf.Seq}
	if r.filter.Class != "" {
		s.Classes = []string{r.filter.Class}
	}
	if r.isPresent && len(states) > 0 {
		s.States = states
	}
	return s
}

// walk adds entries to the page until it is full or reaches a bound. The function excludes
// decides from the row of an entry; add reads the state of the entry, and reports whether it
// belongs to the page.
func (r *realm) walk(part *Part, entries func(projections.View) iter.Seq[projections.Entry], excludes func(*projections.Entry) bool, add func(*projections.Entry) (bool, error)) error {
	view := r.view.Fork() // add also scans
	var last projections.Entry
	read, missed, found := 0, 0, 0
	for e := range entries(view) {
		if read++; read%256 == 0 && r.ctx.Err() != nil {
			return r.ctx.Err()
		}
		if read > entriesMax || missed > missesMax {
			part.More = true
			break
		}
		if excludes(&e) {
			last = e
			continue
		}
		if found == r.page.limit() {
			part.More = true
			break
		}
		isOf, err := add(&e)
		if err != nil {
			return err
		}
		if r.hasEnded {
			part.More = true
			break
		}
		if isOf {
			found++
		} else {
			missed++
		}
		last = e
	}
	if part.More {
		part.Next = r.page.next(last.Position())
	}
	return view.Err()
}

// hasLapsed reports whether the newest state of an entry has ended at the instant without a
// command.
func (r *realm) hasLapsed(due time.Time) bool { return !due.IsZero() && !due.After(r.at) }

// userAt returns the state of a user at the moment, before its deadlines, and the time of the user's
// newest record up to the moment. It sets hasEnded if the page may fold the records of no more
// users.
func (r *realm) userAt(name string) (u domain.User, newest time.Time, err error) {
	u, last, err := r.view.User(name)
	if err != nil || last <= r.asOf.Seq && !u.Clock.After(r.at) {
		return u, u.Clock, err
	}
	if r.refolds == refoldsMax {
		r.hasEnded = true
		return u, newest, nil
	}
	r.refolds++
	t, err := r.refold(r.ctx, domain.UserEntity(name))
	if err != nil {
		return u, newest, err
	}
	return t.user, t.clock, nil
}

// wrapList adds the name of a list to an error.
func wrapList(name string, err error) error {
	if err != nil {
		return fmt.Errorf("list %s: %w", name, err)
	}
	return nil
}
