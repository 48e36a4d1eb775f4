package projections

import (
	"bytes"
	"iter"
	"math"
	"slices"
	"time"

	"authledger/domain"
	"authledger/domain/calendar"
	"authledger/projections/rows"
)

// Entry is an entry of a list. The fields after Key describe the newest state, which may not be
// the state at another moment. They are zero if they do not apply.
type Entry struct {
	Seq uint64 // record that named the entry first
	Key domain.ItemKey

	State      string
	Class      string    // class of a device or of a withdrawal, kind of a code
	Due        time.Time // when the state ends without a command
	IsLocked   bool
	HasDevice  bool
	Activation time.Time // of a user without an active device
	Week       int64     // of the newest record of a user

	User string // of a withdrawal
	Day  calendar.Date
	USD  domain.USD
}

// Position returns the position of the entry in its list.
func (e *Entry) Position() []byte {
	return rows.Key(nil).Number(e.Seq).Text(e.Key.Owner).Tail(e.Key.ID)
}

// Selection selects entries of a list.
type Selection struct {
	List domain.ItemKind // UserList, or the kind of the items

	// Classes and States select groups; nil selects all. The list of users has no classes, and
	// the states LockedUser and UnlockedUser.
	Classes, States []string

	Oldest bool   // the order is ascending
	After  []byte // position after which the entries begin; nil for all
	Last   uint64 // the newest record that may have named an entry first
}

// States of users that a selection selects.
const (
	LockedUser   = "locked"
	UnlockedUser = "unlocked"
)

// IsPosition reports whether b can be the position of an entry.
func IsPosition(b []byte) bool {
	_, rest, err := rows.Key(b).CutNumber()
	if err == nil {
		_, rest, err = rest.CutText()
	}
	return err == nil && len(rest) > 0 && bytes.IndexByte(rest, 0) < 0
}

// Entries yields the selected entries of a list, in order. It merges the groups.
func (v View) Entries(s *Selection) iter.Seq[Entry] {
	return func(yield func(Entry) bool) {
		v.merge(s, s.groups(), yield)
	}
}

// groups returns the groups that the classes and the states select.
func (s *Selection) groups() (all []int64) {
	if s.List == UserList {
		if selects(s.States, UnlockedUser) {
			all = append(all, unlockedGroup)
		}
		if selects(s.States, LockedUser) {
			all = append(all, lockedGroup)
		}
		return all
	}
	d := divisions[s.List]
	for i := range len(d.classes) + 1 {
		for j := range len(d.states) + 1 {
			group := int64(i*statesMax + j)
			class, state := classIn(s.List, group), stateIn(s.List, group)
			if selects(s.Classes, class) && selects(s.States, state) {
				all = append(all, group)
			}
		}
	}
	return all
}

// CountDevices returns the number of devices in a state by class. It counts at most most devices of a
// class.
func (v View) CountDevices(state string, most int64) map[string]int64 {
	counts := make(map[string]int64)
	for _, class := range deviceClasses {
		group := lists.key().Byte(byGroup).Byte(byte(domain.DeviceItem)).Byte(byte(groupIn(domain.DeviceItem, class, state)))
		for range v.Scan(group.Clone().Number(0), group.Clone().Number(math.MaxUint64)) {
			if counts[class]++; counts[class] == most {
				break
			}
		}
	}
	return counts
}

func selects(names []string, name string) bool { return names == nil || slices.Contains(names, name) }

// EntriesOf yields the withdrawals of an account, of a user or of a day, in order. The states in the
// entries are unknown.
func (v View) EntriesOf(s *Selection, account, user string, day calendar.Date) iter.Seq[Entry] {
	of := dayKey(lists.key(), byDay, int64(day))
	switch {
	case account != "":
		of = lists.key().Byte(byAccount).Text(account)
	case user != "":
		of = lists.key().Byte(byUser).Text(user)
	}
	return func(yield func(Entry) bool) {
		for k, b := range s.scan(v, of) {
			var row listRow
			if err := v.Decode(k, b, &row); err != nil {
				v.Fail(err)
				return
			}
			e, err := v.entry(s.List, k, len(of), &row)
			if err != nil {
				v.Fail(err)
				return
			}
			if !yield(e) {
				return
			}
		}
	}
}

// scan returns the rows with a prefix that the selection contains, in order.
func (s *Selection) scan(v View, of rows.Key) iter.Seq2[rows.Key, []byte] {
	from, to := of, of.Clone().Number(s.Last+1)
	after := append(of.Clone(), s.After...)
	switch {
	case s.After != nil && s.Oldest:
		from = append(after, 0)
	case s.After != nil && bytes.Compare(after, to) < 0:
		to = after
	}
	if bytes.Compare(from, to) >= 0 {
		return func(func(rows.Key, []byte) bool) {}
	}
	if s.Oldest {
		return v.Scan(from, to)
	}
	return v.ScanBack(from, to)
}

// entry returns the entry of a row whose position begins at a part of the key.
func (v View) entry(list domain.ItemKind, k rows.Key, at int, row *listRow) (e Entry, err error) {
	seq, rest, err := k[at:].CutNumber()
	if err == nil {
		var owner string
		owner, rest, err = rest.CutText()
		e.Key = domain.ItemKey{Kind: list, Owner: owner, ID: string(rest)}
	}
	if err != nil {
		return e, v.Damage(k, err)
	}
	e.Seq, e.Due, e.Activation, e.Week = seq, row.due, row.activation, row.active
	e.User, e.Day, e.USD = row.user, calendar.Date(row.day), row.usd
	e.HasDevice = row.hasDevice
	if list == domain.WithdrawalItem {
		e.Class = nameAt(withdrawalClasses, row.class)
	}
	return e, nil
}

// setGroup sets the members that the group of the entry determines.
func (e *Entry) setGroup(group int64) {
	if e.Key.Kind == UserList {
		e.IsLocked = group == lockedGroup
		return
	}
	e.State, e.Class = stateIn(e.Key.Kind, group), classIn(e.Key.Kind, group)
}

// groupCursor is the next row of a group.
type groupCursor struct {
	view View
	next func() (rows.Key, []byte, bool)
	key  rows.Key
	row  []byte
}

// groupPrefix is the length of the part of a key that precedes the position.
const groupPrefix = 4

func (c *groupCursor) step() (ok bool, err error) {
	if c.key, c.row, ok = c.next(); !ok {
		return false, c.view.Err()
	}
	return true, nil
}

// merge yields the entries of groups in the order of their positions.
func (v View) merge(s *Selection, groups []int64, yield func(Entry) bool) {
	var cursors []*groupCursor
	for _, group := range groups {
		c := &groupCursor{view: v.Fork()}
		next, stop := iter.Pull2(s.scan(c.view, lists.key().Byte(byGroup).Byte(byte(s.List)).Byte(byte(group))))
		defer stop()
		c.next = next
		ok, err := c.step()
		if err != nil {
			v.Fail(err)
			return
		}
		if ok {
			cursors = append(cursors, c)
		}
	}
	for len(cursors) > 0 {
		first := 0
		for i := 1; i < len(cursors); i++ {
			if c := bytes.Compare(cursors[i].key[groupPrefix:], cursors[first].key[groupPrefix:]); c < 0 == s.Oldest {
				first = i
			}
		}
		c := cursors[first]
		var row listRow
		err := v.Decode(c.key, c.row, &row)
		var e Entry
		if err == nil {
			e, err = v.entry(s.List, c.key, groupPrefix, &row)
			e.setGroup(int64(c.key[groupPrefix-1]))
		}
		if err != nil {
			v.Fail(err)
			return
		}
		if !yield(e) {
			return
		}
		ok, err := c.step()
		if err != nil {
			v.Fail(err)
			return
		}
		if !ok {
			cursors = append(cursors[:first], cursors[first+1:]...)
		}
	}
}

// UsersWithPrefix returns the entries of the users whose names begin with a prefix, in no order.
// If more than limit users have such names, it returns no entries and false.
func (v View) UsersWithPrefix(prefix string, limit int) (all []Entry, isComplete bool, err error) {
	of := users.key().Tail(prefix)
	for k, b := range v.Scan(of, of.After()) {
		if len(all) == limit {
			return nil, false, nil
		}
		var row userRow
		if err := v.Decode(k, b, &row); err != nil {
			return nil, false, err
		}
		r := userListRow(&row.user)
		all = append(all, Entry{
			Seq: uint64(row.first), Key: domain.ItemKey{Kind: UserList, ID: string(k[1:])}, Due: r.due, Activation: r.activation, Week: r.active,
			IsLocked: row.user.Lock.Held, HasDevice: r.hasDevice,
		})
	}
	return all, true, v.Err()
}
