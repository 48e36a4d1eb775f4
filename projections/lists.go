package projections

import (
	"time"

	"authledger/domain"
	"authledger/domain/calendar"
	"authledger/projections/rows"
)

// lists holds the users, devices, codes, sharings and withdrawals of the realm, in the order of
// the records that named them first.
//
// A list is divided into groups by the present state of its entries, so that a page with a
// filter reads few other entries. An entry stays at its position in the order when its state
// changes. The rows of an entry also hold the members that filters need, so that a page reads
// the state of no entry that a filter excludes.
var lists = &Projection{Name: "lists", Version: 1, Table: 'r', Fold: foldLists}

// Kinds of rows. Keys contain them.
const (
	byGroup   byte = iota + 1 // an entry by its list, its group and its position
	byID                      // an item by its id, with the group and the record that it has in byGroup
	byAccount                 // a withdrawal by its account
	byUser                    // a withdrawal by its user
	byDay                     // a withdrawal by its day
)

// UserList is the list of users. The other lists have the kinds of their items.
const UserList domain.ItemKind = 'u'

// listRow holds the members of an entry that filters need. A zero member is unknown or does
// not apply to the list.
type listRow struct {
	first int64 // record that named the entry first
	group int64 // of the present state

	due        time.Time // when the state ends without a command: a code, a shipped device, the lockout of a user
	activation time.Time // of a user without an active device: when a device activates without a command
	active     int64     // of a user: the number of the week with the newest record

	user string     // of a withdrawal
	day  int64      // of a withdrawal
	usd  domain.USD // of a withdrawal
}

func (r *listRow) Members(v domain.Visitor) {
	v.Count("first", &r.first, domain.Need)
	v.Count("group", &r.group, domain.Free)
	v.Instant("due", &r.due, domain.Free)
	v.Instant("activation", &r.activation, domain.Free)
	v.Count("active", &r.active, domain.Free)
	v.Text("user", &r.user, domain.Free)
	v.Count("day", &r.day, domain.Free)
	v.Count("usd", (*int64)(&r.usd), domain.Free)
}

func foldLists(t *Table, s *Step) error {
	for _, u := range s.Users {
		foldUserList(t, s, &u)
	}
	for _, c := range s.Changes.Items {
		if c.Item == nil || groupOf(c.Item, "") == noGroup {
			continue
		}
		if err := foldItemList(t, s, &c); err != nil {
			return err
		}
	}
	return nil
}

func foldUserList(t *Table, s *Step, u *UserStep) {
	after := userListRow(u.row.first, u.After)
	if u.row.first < int64(s.Record.Seq) {
		before := userListRow(u.row.first, u.Before)
		if before == after {
			return
		}
		if before.group != after.group {
			t.Remove(groupKey(t.Key(), UserList, before.group, before.first, "", u.Name))
		}
	}
	t.Put(groupKey(t.Key(), UserList, after.group, after.first, "", u.Name), &after)
}

// activeWeek is the unit in which the list of users holds the newest activity. A shorter unit
// would write the row of a user more often.
const activeWeek = 7 * 24 * time.Hour

// WeekOf returns the number of the week that contains t.
func WeekOf(t time.Time) int64 {
	n := t.Unix() / int64(activeWeek/time.Second)
	if t.Unix() < 0 {
		n--
	}
	return n
}

func userListRow(first int64, u *domain.User) listRow {
	r := listRow{first: first, active: WeekOf(u.Clock)}
	hasDevice := hasActiveDevice(u)
	if u.Lock.Held {
		r.due = u.Lock.Until
	}
	for i := range u.Devices {
		if d := u.Devices[i].Due; !hasDevice && !d.IsZero() && (r.activation.IsZero() || d.Before(r.activation)) {
			r.activation = d
		}
	}
	r.group = userGroup(u.Lock.Held, hasDevice)
	return r
}

// hasActiveDevice reports whether an own or a shared device is active for the user.
func hasActiveDevice(u *domain.User) bool {
	for i := range u.Devices {
		if u.Devices[i].State == domain.Active {
			return true
		}
	}
	for i := range u.Shares {
		if u.Shares[i].Borrower && u.Shares[i].State == domain.Approved {
			return true
		}
	}
	return false
}

func foldItemList(t *Table, s *Step, c *domain.ItemChange) error {
	was, now := listRow{}, listRow{first: int64(s.Record.Seq)}
	if !c.New {
		found, err := t.Get(idKey(t.Key(), &c.Key), &was)
		if err == nil && !found {
			err = rows.AsDamage(rows.ErrKey)
		}
		if err != nil {
			return err
		}
		now = was
	}
	class := classOf(c.Item)
	if w, ok := c.Item.(*domain.Withdrawal); ok {
		if c.New {
			now.user, now.usd = w.User, w.USD
			class, now.day = s.withdrawalClass()
		} else {
			class = classIn(domain.WithdrawalItem, was.group)
		}
	}
	now.group, now.due = groupOf(c.Item, class), dueOf(c.Item)
	if !c.New && was == now {
		return nil
	}
	if !c.New && was.group != now.group {
		t.Remove(groupKey(t.Key(), c.Key.Kind, was.group, was.first, c.Key.Owner, c.Key.ID))
	}
	t.Put(groupKey(t.Key(), c.Key.Kind, now.group, now.first, c.Key.Owner, c.Key.ID), &now)
	t.PutAgain(idKey(t.Key(), &c.Key))
	if c.New && c.Key.Kind == domain.WithdrawalItem {
		t.PutAgain(ownedKey(t.Key().Byte(byAccount).Text(c.Key.Owner), &now, &c.Key))
		t.PutAgain(ownedKey(t.Key().Byte(byUser).Text(now.user), &now, &c.Key))
		t.PutAgain(ownedKey(dayKey(t.Key(), byDay, now.day), &now, &c.Key))
	}
	return nil
}

// withdrawalClass returns the class and the day of the withdrawal that the record requests.
func (s *Step) withdrawalClass() (class string, day int64) {
	for i := range s.Record.Events {
		switch data := s.Record.Events[i].Data.(type) {
		case *domain.WithdrawalApproved:
			d, _ := calendar.Parse(data.Day) // a coherent record has a valid day
			return data.Class, int64(d)
		case *domain.WithdrawalDenied:
			class = data.Class
			if class == "" {
				class = NoClass
			}
			return class, int64(calendar.DateOf(s.Record.Events[i].At, s.in(data.Zone)))
		}
	}
	return NoClass, 0
}

// dueOf returns the instant at which the state of an item ends without a command, zero if
// there is none.
func dueOf(it domain.Item) time.Time {
	switch it := it.(type) {
	case *domain.Device:
		return it.Due
	case *domain.Code:
		if it.IsLive() {
			return it.Until
		}
	}
	return time.Time{}
}

// groupKey returns the key of an entry of a list. Entries of a group sort by the record that
// named them first.
func groupKey(k rows.Key, list domain.ItemKind, group, first int64, owner, id string) rows.Key {
	return k.Byte(byGroup).Byte(byte(list)).Byte(byte(group)).Number(uint64(first)).Text(owner).Tail(id)
}

func idKey(k rows.Key, of *domain.ItemKey) rows.Key {
	return k.Byte(byID).Byte(byte(of.Kind)).Text(of.Owner).Tail(of.ID)
}

// ownedKey returns the key of a withdrawal in the list of an owner. The position ends the key,
// as in groupKey.
func ownedKey(k rows.Key, r *listRow, of *domain.ItemKey) rows.Key {
	return k.Number(uint64(r.first)).Text(of.Owner).Tail(of.ID)
}
