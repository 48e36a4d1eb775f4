package domain

import (
	"errors"
	"fmt"
	"math/big"
	"math/rand"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

// an account is as large after a hundred thousand withdrawals as after a
// few, and knows what it has to know.
func TestAnAccountStaysBounded(t *testing.T) {
	const withdrawals, mostDays = 100_000, 32
	l := newLedger(with(IBKRSLS(), func(p *Policy) { p.Zone = "UTC" }))
	l.do(*theOwner.has("gold", Gold, 0)(l))
	random := rand.New(rand.NewSource(1))
	perDay := map[string]*big.Int{}
	at := epoch
	for i := range withdrawals {
		at = at.Add(time.Duration(random.Int63n(int64(hour)))) // five and a half years in all
		usd := fmt.Sprintf("%d.%02d", random.Intn(1_000_000)+1, random.Intn(100))
		d := l.do(*theOwner.takes(fmt.Sprint("w", i), usd, "gold", at.Sub(epoch))(l))
		date := at.Format("2006-01-02")
		if perDay[date] == nil {
			perDay[date] = new(big.Int)
		}
		perDay[date].Add(perDay[date], cents(usd))
		if r := d.Result.(*WithdrawalResult); r.Limits.DayUSD != dollars(perDay[date]) {
			t.Fatalf("withdrawal %d: %s, want %s on the day", i, r.told(), dollars(perDay[date]))
		}
		if i%7 == 0 { // what was taken some days ago is cancelled
			l.do(*theOwner.recalls(fmt.Sprint("w", i/2), at.Sub(epoch))(l))
			w := l.items[withdrawalKey("acct", fmt.Sprint("w", i/2))].(*Withdrawal)
			if w.Since.Equal(at) && w.State == Cancelled {
				on := perDay[w.Time.Format("2006-01-02")]
				on.Sub(on, big.NewInt(int64(w.USD)))
			}
		}
		if n := len(l.accounts["acct"].Days); n > mostDays {
			t.Fatalf("after %d withdrawals the account keeps %d days", i+1, n)
		}
		l.records = l.records[:0]
	}
	if years := at.Sub(epoch) / (365 * day); years < 5 {
		t.Errorf("all of it in %d years", years)
	}
	full := l.accounts["acct"]
	if n := len(writeJSON(&full)); n > 4<<10 {
		t.Errorf("its row has %d bytes", n)
	}
}

// A state is kept as a row: what its Members forget, a restart forgets.
func TestAnAccountSurvivesItsRow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		atCounter(t, map[string]int{}, func(c *counter, command Command, _ *Decision) {
			c.naively(command.Data)
			for id, a := range c.accounts {
				var again Account
				reread(t, &a, &again)
				if diff := cmp.Diff(a, again, cmpopts.EquateEmpty()); diff != "" {
					t.Fatalf("%s (-state +row)\n%s", id, diff)
				}
			}
		})
	})
}

// what an event tells of a sum is read back as that sum.
func TestSumsAreReadAsTheyAreWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := Sum{Hi: rapid.Int64Range(0, 1<<40).Draw(t, "hi"), Lo: rapid.Int64Range(0, sumBase-1).Draw(t, "lo")}
		if again, ok := parseSum(s.String()); !ok || again != s {
			t.Fatalf("%+v is %s, which is %+v, %v", s, s, again, ok)
		}
	})
	for _, text := range []string{"", "1", "1.", ".", "1.0", "1.000", "-1.00", "x.00", "1.0x"} {
		if s, ok := parseSum(text); ok {
			t.Errorf("%q is %+v", text, s)
		}
	}
}

// unread is a ledger of which one kind of state can't be read.
type unread struct {
	*ledger
	accounts, items, recent, clocks, users bool
}

func (s unread) User(name string) (User, error) {
	if s.users {
		return User{}, errDisk
	}
	return s.ledger.User(name)
}
func (s unread) Account(id string) (Account, error) {
	if s.accounts {
		return Account{}, errDisk
	}
	return s.ledger.Account(id)
}
func (s unread) Item(k ItemKey) (Item, error) {
	if s.items {
		return nil, errDisk
	}
	return s.ledger.Item(k)
}
func (s unread) Clock(e Entity) (time.Time, error) {
	if s.clocks {
		return time.Time{}, errDisk
	}
	return s.ledger.Clock(e)
}
func (s unread) Withdrawals(account string, since time.Time) ([]*Withdrawal, error) {
	if s.recent {
		return nil, errDisk
	}
	return s.ledger.Withdrawals(account, since)
}

// Who can't read an account, a sharing or what they rest on must not answer as
// if there were none: that would let a limit be passed (WD-8).
func TestNothingIsWithdrawnOrSharedOnAStateThatCannotBeRead(t *testing.T) {
	l := newLedger(IBKRSLS())
	for _, s := range append(pending(), theOwner.takes("w1", "1", "g", 0), inZone("tokyo@1", "Asia/Tokyo", 0)) {
		l.do(*s(l))
	}
	request := theOwner.takes("w2", "1", "g", 0)
	ask := theRequester.asks("s2", theOwner, "g", 0)
	for says, c := range map[string]struct {
		states  unread
		command step
	}{
		"request, account":        {unread{accounts: true}, request},
		"request, ids":            {unread{items: true}, request},
		"request, user":           {unread{users: true}, request},
		"request, other zone":     {unread{recent: true}, request},
		"settle, account":         {unread{accounts: true}, theOwner.settles("w1", 0)},
		"settle, ids":             {unread{items: true}, theOwner.settles("w1", 0)},
		"cancel, account":         {unread{accounts: true}, theOwner.recalls("w1", 0)},
		"cancel, ids":             {unread{items: true}, theOwner.recalls("w1", 0)},
		"sharing, users":          {unread{users: true}, ask},
		"sharing, ids":            {unread{items: true}, ask},
		"sharing, nobody's clock": {unread{clocks: true}, theRequester.asks("s2", "nobody", "g", 0)},
		"review, users":           {unread{users: true}, theOfficer.approves("s", 0)},
		"review, ids":             {unread{items: true}, theOfficer.approves("s", 0)},
		"review, nobody's clock":  {unread{clocks: true}, theOfficer.approves("none", 0)},
		"end, users":              {unread{users: true}, theOwner.ends("s", 0)},
		"end, ids":                {unread{items: true}, theOwner.ends("s", 0)},
	} {
		c.states.ledger = l
		if d, err := Decide(c.states, c.command(l)); !errors.Is(err, errDisk) || d.Status != "" {
			t.Errorf("%s: %q, %v", says, d.Status, err)
		}
	}
}
