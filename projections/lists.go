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
	byAccount                 // a withdrawal by its account
	byUser                    // a withdrawal by its user
	byDay                     // a withdrawal by its day
)

// UserList is the list of users. The other lists have the kinds of their items.
const UserList domain.ItemKind = 'u'

// listRow holds the members of an entry that filters need, except for those in its key. A zero
// member does not apply to the list.
type listRow struct {
	due        time.Time // when the state ends without a command: a code, a shipped device, the lockout of a user
	activation time.Time // of a user without an active device: when a device activates without a command
	hasDevice  bool      // of a user: a device is active
	active     int64     // of a user: the number of the week with the newest record

	user  string     // of a withdrawal
	class int64      // of a withdrawal: the position in withdrawalClasses
	day   int64      // of a withdrawal
	usd   domain.USD // of a withdrawal
}

func (r *listRow) Members(v domain.Visitor) {
	v.Instant("due", &r.due, domain.Free)
	v.Instant("activation", &r.activation, domain.Free)
	v.Flag("device", &r.hasDevice, domain.Free)
	v.Count("active", &r.active, domain.Free)
	v.Text("user", &r.user, domain.Free)
	v.Count("class", &r.class, domain.Free)
	v.Count("day", &r.day, domain.Free)
	v.Count("usd", (*int64)(&r.usd), domain.Free)
}

func foldLists(t *Table, s *Step) error {
	for i := range s.Users {
		foldUserList(t, s, &s.Users[i])
	}
	for i := range s.Changes.Items {
		if c := &s.Changes.Items[i]; c.Item != nil && divisions[c.Key.Kind].states != nil {
			if err := foldItemList(t, s, c, &s.items[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

func foldUserList(t *Table, s *Step, u *UserStep) {
	now := userListRow(u.After)
	if u.row.first < int64(s.Record.Seq) {
		if was := userListRow(u.Before); u.Before.Lock.Held != u.After.Lock.Held {
			t.Remove(groupKey(t.Key(), UserList, userGroup(u.Before), u.row.first, "", u.Name))
		} else if was == now {
			return
		}
	}
	t.Put(groupKey(t.Key(), UserList, userGroup(u.After), u.row.first, "", u.Name), &now)
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

func userListRow(u *domain.User) listRow {
	r := listRow{active: WeekOf(u.Clock), hasDevice: hasActiveDevice(u)}
	if u.Lock.Held {
		r.due = u.Lock.Until
	}
	for i := range u.Devices {
		if d := u.Devices[i].Due; !r.hasDevice && !d.IsZero() && (r.activation.IsZero() || d.Before(r.activation)) {
			r.activation = d
		}
	}
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

func foldItemList(t *Table, s *Step, c *domain.ItemChange, before *itemStep) error {
	var row listRow
	first, class := before.first, classOf(c.Item)
	w, isWithdrawal := c.Item.(*domain.Withdrawal)
	switch {
	case c.New:
		first = int64(s.Record.Seq)
		if isWithdrawal {
			row.user, row.usd = w.User, w.USD
			class, row.day = s.withdrawalClass()
			row.class = int64(place(withdrawalClasses, class))
		}
	case isWithdrawal:
		found, err := t.Get(ownedKey(t.Key().Byte(byAccount).Text(c.Key.Owner), first, &c.Key), &row)
		if err == nil && !found {
			err = rows.AsDamage(rows.ErrKey)
		}
		if err != nil {
			return err
		}
		class = nameAt(withdrawalClasses, row.class)
	}
	group := groupOf(c.Item, class)
	row.due = dueOf(c.Item)
	if !c.New {
		was := groupOf(before.item, class)
		if was == group && dueOf(before.item).Equal(row.due) {
			return nil
		}
		if was != group {
			t.Remove(groupKey(t.Key(), c.Key.Kind, was, first, c.Key.Owner, c.Key.ID))
		}
	}
	t.Put(groupKey(t.Key(), c.Key.Kind, group, first, c.Key.Owner, c.Key.ID), &row)
	if c.New && isWithdrawal {
		t.PutAgain(ownedKey(t.Key().Byte(byAccount).Text(c.Key.Owner), first, &c.Key))
		t.PutAgain(ownedKey(t.Key().Byte(byUser).Text(row.user), first, &c.Key))
		t.PutAgain(ownedKey(dayKey(t.Key(), byDay, row.day), first, &c.Key))
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
// only a command ends the state.
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

// ownedKey returns the key of a withdrawal in the list of an owner. The position ends the key,
// as in groupKey.
func ownedKey(k rows.Key, first int64, of *domain.ItemKey) rows.Key {
	return k.Number(uint64(first)).Text(of.Owner).Tail(of.ID)
}
