package queries

import (
	"context"
	"encoding/binary"
	"iter"
	"slices"
	"strings"
	"time"

	"authledger/domain"
	"authledger/projections"
)

// RealmUser is a user of the list of users.
type RealmUser struct {
	Name       string
	Locked     bool
	Until      time.Time // end of the lockout; zero: not locked, or locked until released
	Devices    int64     // active devices, own and shared
	LastActive time.Time // effective time of the newest record
	Seq        uint64    // first record that names the user
}

// RealmUsers is a page of the list of users.
type RealmUsers = RealmList[RealmUser, *RealmUser]

func (u *RealmUser) Members(v domain.Visitor) {
	v.Text("user", &u.Name, domain.Need)
	v.Flag("locked", &u.Locked, domain.Need)
	v.Instant("until", &u.Until, domain.Free)
	v.Count("devices", &u.Devices, domain.Need)
	v.Instant("lastActive", &u.LastActive, domain.Need)
	seq := int64(u.Seq)
	v.Count("seq", &seq, domain.Need)
}

// Users returns a page of the users that records name, in the order of their first records or in
// the reverse order.
func (q *Queries) Users(ctx context.Context, at time.Time, asOf *uint64, f Filter, page Page) (*RealmUsers, error) {
	l := new(RealmUsers)
	return l, wrapList("users", q.readList(ctx, at, asOf, &f, &page, &l.Part, func(r *realm) error { return r.users(l) }))
}

func (r *realm) users(l *RealmUsers) error {
	entries, err := r.userEntries()
	if err != nil {
		return err
	}
	return r.walk(&l.Part, entries, r.excludesUser, func(e *projections.Entry) (bool, error) {
		u, lastActive, err := r.userAt(e.Key.ID)
		if err != nil || r.hasEnded || lastActive.IsZero() { // the user's first record is after the instant
			return false, err
		}
		u = u.At(r.at)
		found := RealmUser{Name: e.Key.ID, Locked: u.Lock.Held, Devices: int64(len(u.Active())), LastActive: lastActive, Seq: e.Seq}
		if f := r.filter; f.Locked != nil && *f.Locked != found.Locked || f.HasDevice != nil && *f.HasDevice != (found.Devices > 0) ||
			lastActive.Before(f.ActiveSince) {
			return false, nil
		}
		if found.Locked {
			found.Until = u.Lock.Until
		}
		l.Items = append(l.Items, found)
		return true, nil
	})
}

// userEntries returns the users that may match.
func (r *realm) userEntries() (func(projections.View) iter.Seq[projections.Entry], error) {
	if r.filter.Prefix != "" {
		all, isComplete, err := r.view.UsersWithPrefix(r.filter.Prefix, namesMax)
		if err != nil {
			return nil, err
		}
		if isComplete {
			all = slices.DeleteFunc(all, func(e projections.Entry) bool { return e.Seq > r.asOf.Seq })
			return func(projections.View) iter.Seq[projections.Entry] { return slices.Values(r.page.sortEntries(all)) }, nil
		}
	}
	selection := r.selection(projections.UserList, r.userStates()...)
	return func(v projections.View) iter.Seq[projections.Entry] { return v.Entries(selection) }, nil
}

// userStates returns the newest states of the users that may match at present. A deadline can end
// a lockout.
func (r *realm) userStates() []string {
	if locked := r.filter.Locked; locked != nil && *locked {
		return []string{projections.LockedUser}
	}
	return nil
}

// excludesUser reports whether the row of an entry shows that the user does not match.
func (r *realm) excludesUser(e *projections.Entry) bool {
	f := r.filter
	switch {
	case !strings.HasPrefix(e.Key.ID, f.Prefix):
		return true
	case !f.ActiveSince.IsZero() && e.Week < projections.WeekOf(f.ActiveSince):
		return true
	case !r.isPresent:
		return false
	case f.Locked != nil && *f.Locked != (e.IsLocked && !r.hasLapsed(e.Due)):
		return true
	case f.HasDevice != nil && *f.HasDevice != (e.HasDevice || r.hasLapsed(e.Activation)):
		return true
	}
	return false
}

// positionSeq returns the record in a position of a list of the realm.
func positionSeq(position []byte) uint64 { return binary.BigEndian.Uint64(position) }
