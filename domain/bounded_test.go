package domain

import (
	"strconv"
	"testing"
	"time"
)

// growing is one user and one account, of whose items nothing is kept: what the
// rules decide on must not need them.
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
		t.Fatalf("%s: %s %s %v", c.ID, d.Status, d.Reason, err)
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

// a user of a million reported failures is as large as one of a few.
func TestAUserDoesNotGrow(t *testing.T) {
	const few = 100
	many := million()
	g := &growing{Folded: NewFolded(IBKRSLS())}
	bytes := map[int]int{}
	for i := range many {
		g.do(t, &Command{ID: "f", Source: "g", Time: epoch.Add(time.Duration(i) * time.Minute), Data: &LoginReport{
			User: "alice", Outcome: Failed, Reason: "bad_code",
		}})
		if n := i + 1; n == few || n == many {
			bytes[n] = len(writeJSON(&g.user))
		}
	}
	t.Logf("%d bytes after %d failures, %d after %d", bytes[few], few, bytes[many], many)
	if bytes[many] > bytes[few]+64 || len(g.user.Run.Failures) != 10 {
		t.Errorf("the user has grown from %d to %d bytes, and keeps %d failures", bytes[few], bytes[many], len(g.user.Run.Failures))
	}
}

// a million withdrawals of one account, one each minute.
func TestAnAccountDoesNotGrow(t *testing.T) {
	many := million()
	g := &growing{Folded: NewFolded(IBKRSLS())}
	g.do(t, &Command{ID: "d", Time: epoch, Data: &DeviceActivate{User: "alice", Device: "d", Class: Gold, Method: Portal}})
	var bytes int
	for i := range many {
		g.do(t, &Command{ID: "w", Time: epoch.Add(time.Duration(i) * time.Minute), Data: &WithdrawalRequest{
			Withdrawal: strconv.Itoa(i), Account: "A", User: "alice", Device: "d", Amount: "1000000000000", Currency: "USD",
		}})
		if i%10_000 == 0 {
			bytes = max(bytes, len(writeJSON(&g.account)))
		}
	}
	t.Logf("the account is never larger than %d bytes; its window holds %s USD", bytes, g.account.since(0))
	if bytes > 4<<10 || len(g.account.Days) > daysKept+1 {
		t.Errorf("%d bytes, %d days", bytes, len(g.account.Days))
	}
}

// million is one, of which the race detector is given a part.
func million() int {
	if testing.Short() {
		return 50_000
	}
	return 1_000_000
}
