package queries

import (
	"fmt"
	"testing"
	"time"

	"authledger/domain"
	"authledger/projections/logtest"
)

// openLong opens a history in which three users and one account have n commands each. It
// also returns an instant after the history.
func openLong(t *testing.T, n int) (*Queries, time.Time) {
	h := newRefLog()
	at := logtest.Epoch
	do := func(data domain.CommandData) {
		at = at.Add(time.Second)
		c := domain.Command{Source: "s", ID: fmt.Sprint(len(h.Records)), Time: at, Data: data}
		if d := h.Do(c); d.Status == domain.Invalid {
			t.Fatalf("%+v", d)
		}
		if len(h.Records)%1000 == 0 {
			h.Commit()
		}
	}
	do(&domain.DeviceActivate{User: "bob", Device: "gold", Class: domain.Gold, Method: domain.Portal})
	for i := range n {
		do(&domain.LoginReport{User: "alice", Outcome: domain.Failed, Reason: "bad_code"})
		do(&domain.CodeIssue{User: "carol", Code: fmt.Sprint("c", i), Kind: domain.TempPasscode})
		do(&domain.WithdrawalRequest{
			Withdrawal: fmt.Sprint("w", i), Account: "U1", User: "bob", Device: "gold", Amount: "1", Currency: "USD",
		})
	}
	h.Commit()
	return openTest(t, h), at.Add(time.Second)
}

// costs returns the number of allocations of decisions and queries. [testing.AllocsPerRun]
// also counts allocations of background goroutines, such as compactions of Pebble, so the
// smallest of several counts is the result.
func costs(t *testing.T, q *Queries, now time.Time) map[string]float64 {
	a := querier{q, now, nil, 5, false}
	page := Page{Limit: 5}
	decide := func(data domain.CommandData) func() {
		c := domain.Command{Source: "s", ID: "next", Time: now, Data: data}
		return func() {
			_, err := domain.Decide(q.rows, &c)
			require{t}.NoError(err)
		}
	}
	all := map[string]func(){
		"decide login.report": decide(&domain.LoginReport{
			User: "alice", Outcome: domain.Failed, Reason: "bad_code",
		}),
		"decide withdrawal.request": decide(&domain.WithdrawalRequest{
			Withdrawal: "next", Account: "U1", User: "bob", Device: "gold", Amount: "1", Currency: "USD",
		}),
		"lockout": func() {
			_, err := q.Lockout(t.Context(), "alice", now, nil)
			require{t}.NoError(err)
		},
		"codes": func() {
			_, err := q.Codes(t.Context(), "carol", now, nil, page)
			require{t}.NoError(err)
		},
		"withdrawals": func() {
			_, err := q.Withdrawals(t.Context(), "U1", now, nil, page)
			require{t}.NoError(err)
		},
		"troubleshoot": func() { a.troubles(require{t}, "alice") },
	}
	counted := map[string]float64{}
	for name, run := range all {
		counted[name] = testing.AllocsPerRun(5, run)
		for range 20 {
			counted[name] = min(counted[name], testing.AllocsPerRun(5, run))
		}
	}
	return counted
}

// The number of allocations of decisions and queries grows at most with the logarithm of the
// history. A read allocates for each level of Pebble's tree, and compactions decide the number
// of levels: the same history has given 76 and 92 allocations. The search for the first
// withdrawal of the window adds a logarithm of its own. Without these bounds, a count
// after 60,000 commands would be thousands of times the count after 10.
func TestAllocationsDoNotGrow(t *testing.T) {
	young, now := openLong(t, 10)
	few := costs(t, young, now)
	n := 60_000
	if testing.Short() {
		n = 3_000
	}
	old, now := openLong(t, n)
	many := costs(t, old, now)
	for name := range few {
		t.Logf("%s: %.0f allocations after 10 commands, %.0f after %d", name, few[name], many[name], n)
		most := 4*few[name] + 10
		if name == "withdrawals" {
			most = 8 * few[name]
		}
		if many[name] > most {
			t.Errorf("%s: got %.0f allocations, want at most %.0f", name, many[name], most)
		}
	}
}
