package domain

import (
	"strconv"
	"testing"
	"time"
)

// growing holds the states of one user and one account, but no items: the decisions of these tests must
// not need old items.
type growing struct {
	*Folded
	user    User
	account Account
	taking  Fold
}

func (g *growing) User(string) (User, error)       { return g.user, nil }
func (g *growing) Account(string) (Account, error) { return g.account, nil }
func (g *growing) Item(ItemKey) (Item, error)      { return nil, nil }

func (g *growing) do(t *testing.T, c *Command) {
	d, err := Decide(g, c)
	if err != nil || d.Status != Accepted {
		t.Fatalf("%s: got %s %s, %v, want accepted", c.ID, d.Status, d.Reason, err)
	}
	r := record(*c, d, 1)
	changes, err := g.taking.Take(g, &r)
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range changes.Users {
		g.user = u.After
	}
	if changes.Account.ID != "" {
		g.account = changes.Account.After
	}
}

// many is a number of commands for one user or account, one command each minute. They take 69 days,
// longer than an account keeps sums.
const many = 100_000

// TestUser_StaysBounded is: a user with many reported failures is as large as a user
// with a few.
func TestUser_StaysBounded(t *testing.T) {
	const few, check = 100, 1000
	g := &growing{Folded: NewFolded(IBKRSLS())}
	most := 0
	for n := 1; n <= many; n++ {
		g.do(t, &Command{ID: "f", Source: "g", Time: epoch.Add(time.Duration(n) * time.Minute), Data: &LoginReport{
			User: "alice", Outcome: Failed, Reason: "bad_code",
		}})
		if n != few && n%check != 0 {
			continue
		}
		switch bytes := len(writeJSON(&g.user)); {
		case n == few:
			most = bytes + 64
		case bytes > most:
			t.Fatalf("user after %d failures: got %d bytes, want at most %d", n, bytes, most)
		}
	}
	if len(g.user.Run.Failures) != 10 {
		t.Errorf("user after %d failures: got %d times of failures, want 10", many, len(g.user.Run.Failures))
	}
}

// TestAccount_SizeIsBounded is A-54 for many withdrawals of one account.
func TestAccount_SizeIsBounded(t *testing.T) {
	g := &growing{Folded: NewFolded(IBKRSLS())}
	g.do(t, &Command{ID: "d", Time: epoch, Data: &DeviceActivate{User: "alice", Device: "d", Class: Gold,
		Method: Portal}})
	var bytes int
	for i := range many {
		g.do(t, &Command{ID: "w", Time: epoch.Add(time.Duration(i) * time.Minute), Data: &WithdrawalRequest{
			Withdrawal: strconv.Itoa(i), Account: "A", User: "alice", Device: "d", Amount: "1000000000000",
			Currency: "USD",
		}})
		if i%10_000 == 0 {
			bytes = max(bytes, len(writeJSON(&g.account)))
		}
	}
	t.Logf("largest account: %d bytes; sum of the window: %s USD", bytes, g.account.since(0))
	if bytes > 4<<10 || len(g.account.Days) > daysKept+1 {
		t.Errorf("account of %d bytes and %d days, want both bounded", bytes, len(g.account.Days))
	}
}
