package projections

import (
	"flag"
	"fmt"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"authledger/domain"
)

// lone is the states of whom one habit is about. Of the items it keeps only what
// is still asked for.
type lone struct {
	users   map[string]domain.User
	account domain.Account
	items   map[domain.ItemKey]domain.Item
	fold    domain.Fold
	seq     uint64
}

func newLone() *lone {
	return &lone{users: map[string]domain.User{}, items: map[domain.ItemKey]domain.Item{}}
}

func (l *lone) Policy() *domain.Policy                                      { return ibkr }
func (l *lone) User(name string) (domain.User, error)                       { return l.users[name], nil }
func (l *lone) Account(string) (domain.Account, error)                      { return l.account, nil }
func (l *lone) Item(k domain.ItemKey) (domain.Item, error)                  { return l.items[k], nil }
func (l *lone) Clock(domain.Entity) (time.Time, error)                      { return time.Time{}, nil }
func (l *lone) Withdrawals(string, time.Time) ([]*domain.Withdrawal, error) { return nil, nil }

var ibkr = domain.IBKRSLS()

func (l *lone) do(t testing.TB, at time.Time, data domain.CommandData) {
	c := domain.Command{Source: "gateway/portal", Time: at, Data: data}
	d, err := domain.Decide(l, &c)
	if err != nil || d.Status == domain.Invalid {
		t.Fatalf("%s: %+v, %v", data.CommandType(), d, err)
	}
	l.seq++
	changes, err := l.fold.Take(l, &domain.Record{Seq: l.seq, Entities: d.Entities, Command: c, Time: d.Time, Status: d.Status, Events: d.Events})
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range changes.Users {
		l.users[u.Name] = u.After
	}
	if changes.Account.ID != "" {
		l.account = changes.Account.After
	}
	for _, i := range changes.Items {
		switch i.Item.(type) {
		case *domain.Withdrawal, *domain.Code: // asked for by ids that no later command names
		default:
			l.items[i.Key] = i.Item
		}
	}
}

// bytes is the size of the greatest row.
func (l *lone) bytes() int {
	most := len(encodeRow(nil, &accountRow{int64(l.seq), l.account}))
	for _, u := range l.users {
		most = max(most, len(encodeRow(nil, &userRow{int64(l.seq), u})))
	}
	return most
}

var growth = flag.Int("growth", 200_000, "how often TestRowsOfUsersAndAccountsDoNotGrow does what is soonest done")

// habits are what a user may do for ever, a step at a time.
var habits = []struct {
	name  string
	part  int           // of -growth: it is done 1/part as often
	every time.Duration // so often
	most  int           // bytes of a row
	step  func(i int) []domain.CommandData
}{
	{"reports failures", 1, 10 * time.Second, 256, func(int) []domain.CommandData {
		return []domain.CommandData{&domain.LoginReport{User: "alice", Outcome: domain.Failed, Reason: "bad_code"}}
	}},
	{"withdraws", 1, time.Minute, 1024, func(i int) []domain.CommandData {
		ask := &domain.WithdrawalRequest{
			Withdrawal: fmt.Sprint("w", i), Account: "U1", User: "alice", Device: "gold", Amount: "1000000000000", Currency: "USD",
		}
		if i == 0 {
			return []domain.CommandData{&domain.DeviceActivate{User: "alice", Device: "gold", Class: domain.Gold, Method: domain.Portal}, ask}
		}
		return []domain.CommandData{ask}
	}},
	{"asks for codes", 10, 10 * time.Second, 4096, func(i int) []domain.CommandData {
		return []domain.CommandData{&domain.CodeIssue{User: "alice", Code: fmt.Sprint("c", i), Kind: domain.SMS}}
	}},
	{"begins logins", 10, 10 * time.Second, 1024, func(i int) []domain.CommandData {
		return []domain.CommandData{&domain.LoginBegin{User: "alice", Attempt: fmt.Sprint("a", i), Platform: "tws"}}
	}},
	{"loses devices", 20, 10 * time.Second, 256, func(i int) []domain.CommandData {
		device := fmt.Sprint("d", i)
		return []domain.CommandData{
			&domain.DeviceActivate{User: "alice", Device: device, Class: domain.Gold, Method: domain.Portal},
			&domain.DeviceDeactivate{User: "alice", Device: device, Reason: domain.Lost},
		}
	}},
	{"collects devices", 200, 10 * time.Second, 4096, func(i int) []domain.CommandData {
		return []domain.CommandData{&domain.DeviceActivate{User: "alice", Device: fmt.Sprint("d", i), Class: domain.Gold, Method: domain.Portal}}
	}},
	{"shares", 20, 10 * time.Second, 512, func(i int) []domain.CommandData {
		sharing := fmt.Sprint("s", i)
		share := []domain.CommandData{
			&domain.SharingRequest{Sharing: sharing, Requester: "bob", Owner: "alice", Device: "gold"},
			&domain.SharingCancel{Sharing: sharing, By: "bob"},
		}
		if i > 0 {
			return share
		}
		const same = "0123456789abcdef0123456789abcdef"
		return append([]domain.CommandData{
			&domain.IdentityRecord{User: "alice", Fingerprint: same}, &domain.IdentityRecord{User: "bob", Fingerprint: same},
			&domain.DeviceActivate{User: "alice", Device: "gold", Class: domain.Gold, Method: domain.Portal},
		}, share...)
	}},
}

// What the rules read of a user and an account is bounded, whatever they do and
// however often.
func TestRowsOfUsersAndAccountsDoNotGrow(t *testing.T) {
	for _, habit := range habits {
		t.Run(habit.name, func(t *testing.T) {
			t.Parallel()
			l, most, early, times := newLone(), 0, 0, *growth/habit.part
			if testing.Short() {
				times /= 20
			}
			for i := range times {
				for _, data := range habit.step(i) {
					l.do(t, epoch.Add(time.Duration(i)*habit.every), data)
				}
				if i == 10 {
					early = l.bytes()
				}
				if i%997 == 0 || i == times-1 {
					most = max(most, l.bytes())
				}
			}
			t.Logf("%d bytes after 10, at most %d after %d", early, most, times)
			if most > habit.most {
				t.Errorf("a row has %d bytes, want at most %d", most, habit.most)
			}
		})
	}
}

// grown is an engine with one user and one account, who both did something n
// times.
func grown(t *testing.T, n int) (*Engine, time.Time) {
	h := newHistory()
	at := epoch
	do := func(data domain.CommandData) {
		at = at.Add(time.Second)
		if d := h.do(domain.Command{Source: "s", ID: fmt.Sprint(len(h.records)), Time: at, Data: data}); d.Status == domain.Invalid {
			t.Fatalf("%+v", d)
		}
		if h.pending == 1000 {
			h.commit()
		}
	}
	do(&domain.DeviceActivate{User: "bob", Device: "gold", Class: domain.Gold, Method: domain.Portal})
	for i := range n {
		do(&domain.LoginReport{User: "alice", Outcome: domain.Failed, Reason: "bad_code"})
		do(&domain.CodeIssue{User: "carol", Code: fmt.Sprint("c", i), Kind: domain.TempPasscode})
		do(&domain.WithdrawalRequest{Withdrawal: fmt.Sprint("w", i), Account: "U1", User: "bob", Device: "gold", Amount: "1", Currency: "USD"})
	}
	h.commit()
	e := open(t, "/d", quiet(vfs.NewMem()))
	e.Bulk(true)
	fold(t, e, h)
	t.Cleanup(func() { closeAll(t, e) })
	return e, at.Add(time.Second)
}

// costs are how often an engine asks for memory to decide, and to answer.
func costs(t *testing.T, e *Engine, now time.Time) map[string]float64 {
	a := asking{e, nil, now, nil, 5}
	page := Page{Limit: 5}
	decide := func(data domain.CommandData) func() {
		c := domain.Command{Source: "s", ID: "next", Time: now, Data: data}
		return func() {
			_, err := domain.Decide(e, &c)
			require{t}.NoError(err)
		}
	}
	all := map[string]func(){
		"decide login.report": decide(&domain.LoginReport{User: "alice", Outcome: domain.Failed, Reason: "bad_code"}),
		"decide withdrawal.request": decide(&domain.WithdrawalRequest{
			Withdrawal: "next", Account: "U1", User: "bob", Device: "gold", Amount: "1", Currency: "USD",
		}),
		"lockout": func() {
			_, err := e.Lockout(t.Context(), nil, "alice", now, nil)
			require{t}.NoError(err)
		},
		"codes": func() {
			_, err := e.Codes(t.Context(), nil, "carol", now, nil, page)
			require{t}.NoError(err)
		},
		"withdrawals": func() {
			_, err := e.AccountWithdrawals(t.Context(), nil, "U1", now, nil, page)
			require{t}.NoError(err)
		},
		"troubleshoot": func() { a.troubles(require{t}, "alice") },
	}
	counted := map[string]float64{}
	for name, run := range all {
		counted[name] = testing.AllocsPerRun(50, run)
	}
	return counted
}

// Deciding and answering cost the same after many thousand records as after ten:
// only the search for the first withdrawal of the window takes more, by the
// logarithm.
func TestDecidingAndAnsweringDoNotSlowDown(t *testing.T) {
	young, now := grown(t, 10)
	few := costs(t, young, now)
	n := 60_000
	if testing.Short() {
		n = 3_000
	}
	old, now := grown(t, n)
	many := costs(t, old, now)
	for name := range few {
		t.Logf("%s: %.0f allocations after 10, %.0f after %d", name, few[name], many[name], n)
		most := 2*few[name] + 10
		if name == "withdrawals" {
			most = 8 * few[name]
		}
		if many[name] > most {
			t.Errorf("%s: %.0f allocations, want at most %.0f", name, many[name], most)
		}
	}
}
