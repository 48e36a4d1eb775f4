package domain

import (
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// Every answer is equal to that of the naive bank (WD-1 to WD-9, A-16, A-17, A-30, A-31, A-34, A-54).
func TestWithdrawals_AgreeWithNaiveBank(t *testing.T) {
	seen := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		runCounter(t, seen, func(c *counter, command Command, d *Decision) {
			want, got := c.naively(command.Data), answered(&command, d)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("%s at %s in %s: %+v (-naive +decided)\n%s", command.Data.CommandType(), distance(command.Time),
					c.policy.Zone, command.Data, diff)
			}
			seen[strings.Fields(got[0])[len(strings.Fields(got[0]))-1]]++
			if request, ok := d.Result.(*WithdrawalResult); ok && !request.FreesAt.IsZero() {
				seen["frees"]++
			}
			for _, e := range d.Events {
				if approved, ok := e.Data.(*WithdrawalApproved); ok && len(approved.Restated) > 0 {
					seen["restated"]++
				}
			}
		})
	})
	for _, kind := range []string{"accepted", "locked_out", "device_not_active", "daily_limit",
		"five_day_limit", "unknown_withdrawal", "already_settled", "already_cancelled", "id_reused", "frees",
		"restated"} {
		if manyHistories() && seen[kind] == 0 {
			t.Errorf("histories with the answer %q: got 0, want at least 1 (%v)", kind, seen)
		}
	}
}

// TestFreesAtIsTheFirstInstant is A-30: at freesAt the amount is accepted, and a nanosecond before it is
// refused. Without freesAt it is refused for two months.
func TestFreesAtIsTheFirstInstant(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		runCounter(t, map[string]int{}, func(c *counter, command Command, d *Decision) {
			c.naively(command.Data)
			request, ok := command.Data.(*WithdrawalRequest)
			result, limited := d.Result.(*WithdrawalResult)
			if !ok || !limited || d.Status != Refused || request.Device == "" {
				return
			}
			try := command
			ask := func(at time.Time) Status {
				try.Time = at
				again, _ := Decide(c.ledger, &try)
				return again.Status
			}
			if result.FreesAt.IsZero() {
				if ask(d.Time.Add(60*day)) == Accepted {
					t.Fatalf("%+v without freesAt: got accepted within two months, want refused", request)
				}
				return
			}
			if !result.FreesAt.After(d.Time) || ask(result.FreesAt.Add(-1)) != Refused ||
				ask(result.FreesAt) != Accepted {
				t.Fatalf("%+v at %s, freesAt %s: got %s one nanosecond before and %s then, want refused and accepted",
					request, distance(d.Time), distance(result.FreesAt), ask(result.FreesAt.Add(-1)), ask(result.FreesAt))
			}
		})
	})
}

// TestApprovalsStayWithinTheirLimit is WD-8: after an approval, the sums do not exceed the limit of
// its class. The log ensures that decisions of several nodes are made one after another.
func TestApprovalsStayWithinTheirLimit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		runCounter(t, map[string]int{}, func(c *counter, command Command, d *Decision) {
			c.naively(command.Data)
			request, ok := command.Data.(*WithdrawalRequest)
			if !ok || d.Status != Accepted {
				return
			}
			limit := c.policy.Limits.of(d.Events[0].Data.(*WithdrawalApproved).Class)
			today, window := c.bank.used(c.bank.accounts[request.Account], c.bank.date(d.Time))
			over := func(sum *big.Int, most string) bool { return most != "" && sum.Cmp(cents(most)) > 0 }
			if over(today, limit.PerDay) || over(window, limit.PerFiveDays) {
				t.Fatalf("after %+v: got %s on the day and %s in the window, want at most %+v", request, dollars(today),
					dollars(window), limit)
			}
		})
	})
}

// The states inside the decision of a withdrawal are equal to those after folding its record.
func TestWithdrawals_FoldAgreesWithDecide(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		runCounter(t, map[string]int{}, func(c *counter, command Command, d *Decision) {
			c.naively(command.Data)
			foldsAsDecided(t, c.ledger, command)
		})
	})
}
