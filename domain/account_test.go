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

// TestAccount_StaysBounded is A-54: the size of an account does not grow with the number of
// withdrawals, and its sums stay correct.
func TestAccount_StaysBounded(t *testing.T) {
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
			t.Fatalf("withdrawal %d: got %s, want the sum %s of the day", i, r.formatted(), dollars(perDay[date]))
		}
		if i%7 == 0 { // cancels an earlier withdrawal
			l.do(*theOwner.recalls(fmt.Sprint("w", i/2), at.Sub(epoch))(l))
			w := l.items[WithdrawalKey("acct", fmt.Sprint("w", i/2))].(*Withdrawal)
			if w.Since.Equal(at) && w.State == Cancelled {
				on := perDay[w.Time.Format("2006-01-02")]
				on.Sub(on, big.NewInt(int64(w.USD)))
			}
		}
		if n := len(l.accounts["acct"].Days); n > mostDays {
			t.Fatalf("days after %d withdrawals: got %d, want at most %d", i+1, n, mostDays)
		}
		l.records = l.records[:0]
	}
	if years := at.Sub(epoch) / (365 * day); years < 5 {
		t.Errorf("duration of the history: got %d years, want at least 5", years)
	}
	full := l.accounts["acct"]
	if n := len(writeJSON(&full)); n > 4<<10 {
		t.Errorf("size of the row: got %d bytes, want at most %d", n, 4<<10)
	}
}

// A row stores only the members that Members lists.
func TestAccount_SurvivesItsRow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		runCounter(t, map[string]int{}, func(c *counter, command Command, _ *Decision) {
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

// TestSum_ParsesItsText is A-55: the text of a sum in an event is parsed as the same sum.
func TestSum_ParsesItsText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := Sum{Hi: rapid.Int64Range(0, 1<<40).Draw(t, "hi"), Lo: rapid.Int64Range(0, sumBase-1).Draw(t, "lo")}
		if again, ok := ParseSum(s.String()); !ok || again != s {
			t.Fatalf("sum with the text %s: got %+v, %t, want %+v", s, again, ok, s)
		}
	})
	for _, text := range []string{"", "1", "1.", ".", "1.0", "1.000", "-1.00", "x.00", "1.0x"} {
		if s, ok := ParseSum(text); ok {
			t.Errorf("parseSum(%q) = %+v, want an error", text, s)
		}
	}
}

// failingStates is a ledger in which reading the selected kinds of state fails.
type failingStates struct {
	*ledger
	accounts, items, recent, clocks, users bool
}

func (s failingStates) User(name string) (User, error) {
	if s.users {
		return User{}, errDisk
	}
	return s.ledger.User(name)
}
func (s failingStates) Account(id string) (Account, error) {
	if s.accounts {
		return Account{}, errDisk
	}
	return s.ledger.Account(id)
}
func (s failingStates) Item(k ItemKey) (Item, error) {
	if s.items {
		return nil, errDisk
	}
	return s.ledger.Item(k)
}
func (s failingStates) Clock(e Entity) (time.Time, error) {
	if s.clocks {
		return time.Time{}, errDisk
	}
	return s.ledger.Clock(e)
}
func (s failingStates) Withdrawals(account string, since time.Time) ([]*Withdrawal, error) {
	if s.recent {
		return nil, errDisk
	}
	return s.ledger.Withdrawals(account, since)
}

// If an account or a sharing cannot be read, Decide must return the error. A decision without the
// state could exceed a limit (WD-8).
func TestDecide_ReturnsReadErrorsOfAccountsAndSharings(t *testing.T) {
	l := newLedger(IBKRSLS())
	for _, s := range append(pending(), theOwner.takes("w1", "1", "g", 0), inZone("tokyo@1", "Asia/Tokyo", 0)) {
		l.do(*s(l))
	}
	request := theOwner.takes("w2", "1", "g", 0)
	ask := theRequester.asks("s2", theOwner, "g", 0)
	for says, c := range map[string]struct {
		states  failingStates
		command step
	}{
		"request, account":        {failingStates{accounts: true}, request},
		"request, ids":            {failingStates{items: true}, request},
		"request, user":           {failingStates{users: true}, request},
		"request, other zone":     {failingStates{recent: true}, request},
		"settle, account":         {failingStates{accounts: true}, theOwner.settles("w1", 0)},
		"settle, ids":             {failingStates{items: true}, theOwner.settles("w1", 0)},
		"cancel, account":         {failingStates{accounts: true}, theOwner.recalls("w1", 0)},
		"cancel, ids":             {failingStates{items: true}, theOwner.recalls("w1", 0)},
		"sharing, users":          {failingStates{users: true}, ask},
		"sharing, ids":            {failingStates{items: true}, ask},
		"sharing, unknown user":   {failingStates{clocks: true}, theRequester.asks("s2", "nobody", "g", 0)},
		"review, users":           {failingStates{users: true}, theOfficer.approves("s", 0)},
		"review, ids":             {failingStates{items: true}, theOfficer.approves("s", 0)},
		"review, unknown sharing": {failingStates{clocks: true}, theOfficer.approves("none", 0)},
		"end, users":              {failingStates{users: true}, theOwner.ends("s", 0)},
		"end, ids":                {failingStates{items: true}, theOwner.ends("s", 0)},
	} {
		c.states.ledger = l
		if d, err := Decide(c.states, c.command(l)); !errors.Is(err, errDisk) || d.Status != "" {
			t.Errorf("%s: got status %q and error %v, want the read error", says, d.Status, err)
		}
	}
}
