package domain

import (
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// WD-1 to WD-9, A-16, A-17, A-30, A-31, A-34, A-54: every answer is the naive one.
func TestWithdrawalsAgreeWithANaiveReading(t *testing.T) {
	seen := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		atCounter(t, seen, func(c *counter, command Command, d *Decision) {
			want, got := c.naively(command.Data), answered(&command, d)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("%s at %s in %s: %+v (-naive +decided)\n%s", command.Data.CommandType(), distance(command.Time), c.policy.Zone, command.Data, diff)
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
	for _, kind := range []string{"accepted", "locked_out", "device_not_active", "daily_limit", "five_day_limit", "unknown_withdrawal", "already_settled", "already_cancelled", "id_reused", "frees", "restated"} {
		if manyHistories() && seen[kind] == 0 {
			t.Errorf("no history told %q: they tell nothing of it (%v)", kind, seen)
		}
	}
}

// at freesAt the same amount passes, a nanosecond before it does not; when
// none is told, two months are not enough.
func TestFreesAtIsTheFirstInstant(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		atCounter(t, map[string]int{}, func(c *counter, command Command, d *Decision) {
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
					t.Fatalf("%+v never frees, and yet in two months it passes", request)
				}
				return
			}
			if !result.FreesAt.After(d.Time) || ask(result.FreesAt.Add(-1)) != Refused || ask(result.FreesAt) != Accepted {
				t.Fatalf("%+v at %s frees at %s: just before %s, then %s", request, distance(d.Time), distance(result.FreesAt), ask(result.FreesAt.Add(-1)), ask(result.FreesAt))
			}
		})
	})
}

// WD-8: what was approved never exceeds the limit of the class that approved it,
// with all that counted then. That decisions come one after the other, from any
// number of nodes, is the log's part.
func TestApprovalsStayWithinTheirLimit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		atCounter(t, map[string]int{}, func(c *counter, command Command, d *Decision) {
			c.naively(command.Data)
			request, ok := command.Data.(*WithdrawalRequest)
			if !ok || d.Status != Accepted {
				return
			}
			limit := c.policy.Limits.of(d.Events[0].Data.(*WithdrawalApproved).Class)
			today, window := c.bank.used(c.bank.accounts[request.Account], c.bank.date(d.Time))
			over := func(sum *big.Int, most string) bool { return most != "" && sum.Cmp(cents(most)) > 0 }
			if over(today, limit.PerDay) || over(window, limit.PerFiveDays) {
				t.Fatalf("%+v leaves %s on the day and %s in the window, against %+v", request, dollars(today), dollars(window), limit)
			}
		})
	})
}

// What a withdrawal's decision saw while deciding is what its record folds to.
func TestWithdrawalsFoldToWhatWasDecidedOn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		atCounter(t, map[string]int{}, func(c *counter, command Command, d *Decision) {
			c.naively(command.Data)
			foldsAsDecided(t, c.ledger, command)
		})
	})
}
