package queries

import (
	"cmp"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"authledger/domain"
	"authledger/domain/calendar"
	"authledger/projections"
	"authledger/projections/logtest"
)

// refRealm holds all entries of the lists of the realm at a moment, the oldest first.
type refRealm struct {
	users       []RealmUser
	devices     []RealmDevice
	codes       []RealmCode
	sharings    []Sharing
	withdrawals []RealmWithdrawal
}

// refRealm folds the records of each user and each account.
func (h *refLog) refRealm(at time.Time, asOf uint64) (all refRealm) {
	seen := map[domain.Entity]bool{}
	for _, r := range h.Records[:asOf] {
		for _, e := range r.Entities {
			if !seen[e] {
				seen[e] = true
				h.addEntity(&all, e, r.Seq, at, asOf)
			}
		}
	}
	slices.SortFunc(all.devices, func(a, b RealmDevice) int { return cmp.Compare(a.Seq, b.Seq) })
	slices.SortFunc(all.codes, func(a, b RealmCode) int { return cmp.Compare(a.Seq, b.Seq) })
	slices.SortFunc(all.sharings, func(a, b Sharing) int { return cmp.Compare(a.Seq, b.Seq) })
	slices.SortFunc(all.withdrawals, func(a, b RealmWithdrawal) int { return cmp.Compare(a.Seq, b.Seq) })
	return all
}

func (h *refLog) addEntity(all *refRealm, e domain.Entity, first uint64, at time.Time, asOf uint64) {
	if account, ok := e.Account(); ok {
		h.addWithdrawals(all, account, at, asOf)
		return
	}
	name, ok := e.User()
	if !ok {
		return
	}
	var lastActive time.Time
	for _, r := range h.Records[:asOf] {
		if slices.Contains(r.Entities, e) && !r.Time.After(at) {
			lastActive = r.Time
		}
	}
	due := h.stateDueAt(name, at, asOf)
	u, _ := due.User(name) // a state in memory has no error
	if !lastActive.IsZero() {
		devices := int64(len(u.Active()))
		all.users = append(all.users, RealmUser{name, u.Lock.Held, u.Lock.Until, devices, lastActive, first})
	}
	ids, seqs := h.itemsAt(domain.DeviceItem, e, at, asOf)
	for i, id := range ids {
		if d, ok := due.Items(domain.DeviceItem, name)[id].(*domain.Device); ok {
			all.devices = append(all.devices,
				RealmDevice{name, id, d.Class, d.State, d.Since, d.Method, d.Due, h.refLabel(name, id, asOf), seqs[i]})
		}
	}
	for _, c := range h.refCodes(name, at, asOf) {
		all.codes = append(all.codes, RealmCode{name, Code{c.ID, c.Kind, c.State, c.Issued, c.Until, c.Seq}})
	}
	for _, s := range h.refSharings(name, at, asOf) {
		if s.Requester == name {
			all.sharings = append(all.sharings, s)
		}
	}
}

func (h *refLog) addWithdrawals(all *refRealm, account string, at time.Time, asOf uint64) {
	items := h.stateAt(domain.AccountEntity(account), at, asOf).Items(domain.WithdrawalItem, account)
	for _, r := range h.Records[:asOf] {
		for _, e := range r.Events {
			c, ok := r.Command.Data.(*domain.WithdrawalRequest)
			if !ok || c.Account != account {
				continue
			}
			class, day := "", ""
			switch data := e.Data.(type) {
			case *domain.WithdrawalApproved:
				class, day = data.Class, data.Day
			case *domain.WithdrawalDenied:
				class, day = cmp.Or(data.Class, "none"), calendar.DateOf(e.At, zoneOf(data.Zone)).String()
			default:
				continue
			}
			if w, ok := items[c.Withdrawal].(*domain.Withdrawal); ok {
				all.withdrawals = append(all.withdrawals, RealmWithdrawal{account, w.ID, w.State, class, day, w.Since,
					WithdrawalRequest{w.Amount, w.Currency, w.USD.String(), w.User, w.Device, w.Code, w.Time, r.Seq}})
			}
		}
	}
}

func zoneOf(name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil {
		panic(err) // the form of the policy is checked
	}
	return zone
}

// some draws one of the texts, or often "".
func some(c *logtest.Generator, of ...string) string {
	if c.IntN(2) == 0 {
		return ""
	}
	return logtest.Pick(c, of...)
}

func someFlag(c *logtest.Generator) *bool {
	if c.IntN(2) == 0 {
		return nil
	}
	is := c.IntN(2) == 0
	return &is
}

// drawFilter draws values for all fields of a filter.
func drawFilter(c *logtest.Generator, at time.Time) Filter {
	f := Filter{
		User: some(c, c.User()), Account: some(c, c.Account()), Prefix: some(c, "user", "user1", "x"),
		Locked: someFlag(c), HasDevice: someFlag(c), Day: some(c, calendar.DateOf(at, time.UTC).String()),
	}
	if c.IntN(2) == 0 {
		f.MinUSD = logtest.Pick[domain.USD](c, 1, 100_000_00, 400_000_00)
	}
	if c.IntN(2) == 0 {
		f.ActiveSince = at.Add(-logtest.Pick(c, time.Minute, time.Hour, 24*time.Hour, 30*24*time.Hour))
	}
	return f
}

// collect reads all pages of a list.
func collect[T any, D interface {
	*T
	domain.Data
}](t require, a querier, read func(Page) (*RealmList[T, D], error)) (all []T) {
	t.Helper()
	for next, more := "", true; more; {
		l, err := read(testPage(a.limit, a.oldest, next))
		t.NoError(err)
		if len(l.Items) > a.limit || l.More != (l.Next != "") || l.More && l.Next == next {
			t.Fatalf("page: got %d items, more %t and next %q, want at most %d", len(l.Items), l.More, l.Next, a.limit)
		}
		all, next, more = append(all, l.Items...), l.Next, l.More
	}
	return all
}

// matching returns the entries that match, in the order of the querier.
func matching[T any](a querier, all []T, isOf func(*T) bool) []T {
	return inOrder(a, slices.DeleteFunc(slices.Clone(all), func(e T) bool { return !isOf(&e) }))
}

func isAny(want, got string) bool { return want == "" || want == got }

// At any instant and position, the pages of each list hold the entries of the reference fold that
// match the filter, each once and in order.
func TestRealmListsEqualReferenceFold(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		c := logtest.NewGenerator(rapid.Uint64().Draw(rt, "seed"), rapid.IntRange(1, 5).Draw(rt, "users"))
		h := newRefLog()
		c.Write(h.History, rapid.IntRange(1, 300).Draw(rt, "records"), 9)
		q, closeRows := open(require{rt}, h)
		defer closeRows()
		for range 6 {
			at, asOf, up := question(c, h)
			if c.IntN(3) == 0 {
				at = at.AddDate(1, 0, 0) // every record is before the instant
			}
			checkRealm(require{rt}, c, h, querier{q, at, asOf, 1 + c.IntN(6), c.IntN(2) == 0}, up)
		}
	})
}

func checkRealm(t require, c *logtest.Generator, h *refLog, a querier, up uint64) {
	t.Helper()
	all, q, ctx := h.refRealm(a.at, up), a.queries, t.Context()
	f := drawFilter(c, a.at)
	users := matching(a, all.users, func(u *RealmUser) bool {
		return strings.HasPrefix(u.Name, f.Prefix) && (f.Locked == nil || *f.Locked == u.Locked) &&
			(f.HasDevice == nil || *f.HasDevice == (u.Devices > 0)) && !u.LastActive.Before(f.ActiveSince)
	})
	t.Same("users", users,
		collect(t, a, func(p Page) (*RealmUsers, error) { return q.Users(ctx, a.at, a.asOf, f, p) }))

	f.Class = some(c, domain.IBKRMobile, domain.Gold, domain.DigitalSecurityCardPlus)
	f.State = some(c, domain.Active, domain.Shipped, domain.Deactivated, domain.Requested, domain.Dormant)
	devices := matching(a, all.devices, func(d *RealmDevice) bool {
		return isAny(f.Class, d.Class) && isAny(f.State, d.State) && isAny(f.User, d.User)
	})
	t.Same("devices", devices,
		collect(t, a, func(p Page) (*RealmDevices, error) { return q.RealmDevices(ctx, a.at, a.asOf, f, p) }))

	f.Class = some(c, domain.SMS, domain.TempPasscode, domain.OnlineCard)
	f.State = some(c, domain.Full, domain.Restricted, domain.Live, domain.Used, domain.Expired, domain.Revoked)
	codes := matching(a, all.codes, func(x *RealmCode) bool {
		return isAny(f.Class, x.Kind) && isAny(f.State, x.State) && isAny(f.User, x.User)
	})
	t.Same("codes", codes,
		collect(t, a, func(p Page) (*RealmCodes, error) { return q.RealmCodes(ctx, a.at, a.asOf, f, p) }))

	state := some(c, domain.Pending, domain.Approved, domain.Rejected, domain.Cancelled)
	sharings := matching(a, all.sharings, func(s *Sharing) bool { return isAny(state, s.State) })
	t.Same("sharings", sharings, collect(t, a, func(p Page) (*RealmSharings, error) {
		return q.RealmSharings(ctx, a.at, a.asOf, Filter{State: state}, p)
	}))

	f.Class = some(c, domain.IBKRMobile, domain.Gold, projections.NoClass)
	f.State = some(c, domain.Approved, domain.Denied, domain.Settled, domain.Cancelled)
	withdrawals := matching(a, all.withdrawals, func(w *RealmWithdrawal) bool {
		usd, _ := domain.ParseUSD(w.USD) // an amount in an answer is valid
		return isAny(f.Class, w.Class) && isAny(f.State, w.State) && isAny(f.User, w.User) &&
			isAny(f.Account, w.Account) && isAny(f.Day, w.Day) && usd >= f.MinUSD
	})
	t.Same("withdrawals", withdrawals,
		collect(t, a, func(p Page) (*RealmWithdrawals, error) {
			return q.RealmWithdrawals(ctx, a.at, a.asOf, f, p)
		}))
}
