package queries

import (
	"cmp"
	"context"
	"iter"
	"slices"
	"strings"
	"time"

	"authledger/domain"
	"authledger/domain/calendar"
	"authledger/projections"
)

// RealmDevice is an own device of a user.
type RealmDevice struct {
	User, ID, Class, State string
	Since                  time.Time
	Method                 string    // method of activation of an active device
	Due                    time.Time // deadline at which the device activates without a command
	Label                  string
	Seq                    uint64 // record that named the device first
}

// RealmCode is a code of a user.
type RealmCode struct {
	User string
	Code
}

// RealmWithdrawal is a withdrawal of an account.
type RealmWithdrawal struct {
	Account, ID, State, Class, Day string
	Since                          time.Time // start of the state
	WithdrawalRequest
}

// Pages of lists of the realm.
type (
	RealmDevices     = RealmList[RealmDevice, *RealmDevice]
	RealmCodes       = RealmList[RealmCode, *RealmCode]
	RealmSharings    = RealmList[Sharing, *Sharing]
	RealmWithdrawals = RealmList[RealmWithdrawal, *RealmWithdrawal]
)

func (d *RealmDevice) Members(v domain.Visitor) {
	v.Text("user", &d.User, domain.Need)
	v.Text("device", &d.ID, domain.Need)
	v.Text("class", &d.Class, domain.Need)
	v.Text("state", &d.State, domain.Need)
	v.Instant("since", &d.Since, domain.Need)
	v.Text("method", &d.Method, domain.Free)
	v.Instant("activates", &d.Due, domain.Free)
	v.Text("label", &d.Label, domain.Free)
	seq := int64(d.Seq)
	v.Count("seq", &seq, domain.Need)
}

func (c *RealmCode) Members(v domain.Visitor) {
	v.Text("user", &c.User, domain.Need)
	c.Code.Members(v)
}

func (w *RealmWithdrawal) Members(v domain.Visitor) {
	v.Text("account", &w.Account, domain.Need)
	v.Text("withdrawal", &w.ID, domain.Need)
	v.Text("state", &w.State, domain.Need)
	v.Instant("since", &w.Since, domain.Need)
	v.Text("class", &w.Class, domain.Need)
	v.Text("day", &w.Day, domain.Need)
	w.WithdrawalRequest.Members(v)
}

// sourcesOf holds the newest states of the entries that may be in a state at present: the state,
// and the states that a deadline can change into the state.
var sourcesOf = map[domain.ItemKind]map[string][]string{
	domain.DeviceItem: {domain.Active: {domain.Active, domain.Shipped}},
	domain.CodeItem: {
		domain.Restricted: {domain.Restricted, domain.Full},
		domain.Expired:    {domain.Expired, domain.Full, domain.Restricted, domain.Live},
		domain.Revoked:    {domain.Revoked, domain.Full, domain.Restricted},
	},
}

// items reads a page of a list of items. The function add adds an item, whose state matches.
func (r *realm) items(kind domain.ItemKind, part *Part, add func(*projections.Entry, domain.Item) error) error {
	var states []string
	if s := r.filter.State; s != "" {
		if states = sourcesOf[kind][s]; states == nil {
			states = []string{s}
		}
	}
	selection := r.selection(kind, states...)
	entries := func(v projections.View) iter.Seq[projections.Entry] { return v.Entries(selection) }
	day, _ := calendar.Parse(r.filter.Day) // the caller checks the form
	switch f := r.filter; {
	case kind != domain.WithdrawalItem && f.User != "":
		entries = r.entriesOfUser(kind)
	case kind == domain.WithdrawalItem && (f.Account != "" || f.User != "" || f.Day != ""):
		entries = func(v projections.View) iter.Seq[projections.Entry] {
			return v.EntriesOf(selection, f.Account, f.User, day)
		}
	}
	excludes := func(e *projections.Entry) bool { return r.excludesItem(kind, e, day) }
	return r.walk(part, entries, excludes, func(e *projections.Entry) (bool, error) {
		it, err := r.itemAt(e.Key)
		if err != nil || it == nil || !r.matches(it) {
			return false, err
		}
		return true, add(e, it)
	})
}

// entriesOfUser returns the items that are listed with a user.
func (r *realm) entriesOfUser(kind domain.ItemKind) func(projections.View) iter.Seq[projections.Entry] {
	of, err := r.page.seqsOfEntries(r.asOf.Seq)
	return func(v projections.View) iter.Seq[projections.Entry] {
		return func(yield func(projections.Entry) bool) {
			if err != nil {
				v.Fail(err)
				return
			}
			m := *r.moment
			m.view = v
			for seq, key := range m.listing(kind, r.filter.User, of) {
				if !yield(projections.Entry{Seq: seq, Key: key}) {
					return
				}
			}
		}
	}
}

// excludesItem reports whether the row of an entry shows that the item does not match.
func (r *realm) excludesItem(kind domain.ItemKind, e *projections.Entry, day calendar.Date) bool {
	f := r.filter
	switch {
	case f.Class != "" && e.Class != "" && e.Class != f.Class:
		return true
	case kind == domain.WithdrawalItem && (f.User != "" && e.User != f.User || f.Day != "" && e.Day != day || e.USD < f.MinUSD):
		return true
	case f.State == "" || e.State == "" || !r.isPresent:
		return false
	case e.State == f.State:
		return r.hasLapsed(e.Due)
	case f.State == domain.Revoked && (e.Class == domain.TempPasscode || e.Class == domain.OnlineCard):
		return false // a device that activates revokes the code
	}
	return !r.hasLapsed(e.Due)
}

// matches reports whether an item at the moment has the state and the class of the filter. The
// class of a withdrawal is in its row only.
func (r *realm) matches(it domain.Item) bool {
	state, class := "", r.filter.Class
	switch it := it.(type) {
	case *domain.Device:
		state, class = it.State, it.Class
	case *domain.Code:
		state, class = it.State, it.Kind
	case *domain.Sharing:
		state = it.State
	case *domain.Withdrawal:
		state = it.State
	}
	return (r.filter.State == "" || state == r.filter.State) && (r.filter.Class == "" || class == r.filter.Class)
}

// RealmDevices returns a page of the own devices of all users. As in the lists of sharings and
// withdrawals, the instant has no effect on the labels.
func (q *Queries) RealmDevices(ctx context.Context, at time.Time, asOf *uint64, f Filter, page Page) (*RealmDevices, error) {
	l := new(RealmDevices)
	return l, wrapList("devices", q.readList(ctx, at, asOf, &f, &page, &l.Part, func(r *realm) error {
		return r.items(domain.DeviceItem, &l.Part, func(e *projections.Entry, it domain.Item) error {
			d := it.(*domain.Device)
			label, err := r.label(e.Key.Owner, d.ID)
			l.Items = append(l.Items, RealmDevice{e.Key.Owner, d.ID, d.Class, d.State, d.Since, d.Method, d.Due, label, e.Seq})
			return err
		})
	}))
}

// RealmCodes returns a page of the codes of all users.
func (q *Queries) RealmCodes(ctx context.Context, at time.Time, asOf *uint64, f Filter, page Page) (*RealmCodes, error) {
	l := new(RealmCodes)
	return l, wrapList("codes", q.readList(ctx, at, asOf, &f, &page, &l.Part, func(r *realm) error {
		return r.items(domain.CodeItem, &l.Part, func(e *projections.Entry, it domain.Item) error {
			c := it.(*domain.Code)
			l.Items = append(l.Items, RealmCode{e.Key.Owner, Code{c.ID, c.Kind, c.State, c.Issued, c.Until, e.Seq}})
			return nil
		})
	}))
}

// RealmSharings returns a page of the sharings of all users.
func (q *Queries) RealmSharings(ctx context.Context, at time.Time, asOf *uint64, f Filter, page Page) (*RealmSharings, error) {
	l := new(RealmSharings)
	return l, wrapList("sharings", q.readList(ctx, at, asOf, &f, &page, &l.Part, func(r *realm) error {
		return r.items(domain.SharingItem, &l.Part, func(e *projections.Entry, it domain.Item) error {
			s := it.(*domain.Sharing)
			label, err := r.label(s.Owner, s.Device)
			l.Items = append(l.Items, Sharing{s.ID, s.Requester, s.Owner, s.Device, s.Class, s.State, s.Since, e.Seq, label})
			return err
		})
	}))
}

// RealmWithdrawals returns a page of the withdrawals of all accounts, denied ones included.
func (q *Queries) RealmWithdrawals(ctx context.Context, at time.Time, asOf *uint64, f Filter, page Page) (*RealmWithdrawals, error) {
	l := new(RealmWithdrawals)
	return l, wrapList("withdrawals", q.readList(ctx, at, asOf, &f, &page, &l.Part, func(r *realm) error {
		return r.items(domain.WithdrawalItem, &l.Part, func(e *projections.Entry, it domain.Item) error {
			w := it.(*domain.Withdrawal)
			l.Items = append(l.Items, RealmWithdrawal{e.Key.Owner, w.ID, w.State, e.Class, e.Day.String(), w.Since, requestOf(w, e.Seq)})
			return nil
		})
	}))
}

// sortEntries sorts entries in the order of the page, and keeps those after its position.
func (p *Page) sortEntries(all []projections.Entry) []projections.Entry {
	compare := func(a, b projections.Entry) int {
		c := cmp.Or(cmp.Compare(a.Seq, b.Seq), strings.Compare(a.Key.ID, b.Key.ID))
		if !p.Oldest {
			c = -c
		}
		return c
	}
	slices.SortFunc(all, compare)
	if p.After == nil {
		return all
	}
	begin := slices.IndexFunc(all, func(e projections.Entry) bool {
		c := slices.Compare(e.Position(), p.After)
		return c != 0 && c > 0 == p.Oldest
	})
	if begin < 0 {
		return nil
	}
	return all[begin:]
}

// seqsOfEntries returns the records of the page, for a list of the realm whose entries have
// different records.
func (p *Page) seqsOfEntries(last uint64) (seqs, error) {
	s := seqs{below: last + 1, oldest: p.Oldest}
	if p.After == nil {
		return s, nil
	}
	if !projections.IsPosition(p.After) {
		return s, ErrPosition
	}
	return s.after(positionSeq(p.After)), nil
}
