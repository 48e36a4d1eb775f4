package explain_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"authledger/domain"
	"authledger/domain/explain"
	"authledger/eventstore/wire"
)

// manyWithdrawals returns a log with n withdrawals of one window, every tenth of them
// cancelled, and a later request that exceeds the limit. If zones is true, a policy with
// another zone is adopted before that request.
func manyWithdrawals(t *testing.T, n int, zones bool) *memoryLog {
	c := &memoryLog{Folded: domain.NewFolded(domain.IBKRSLS())}
	now := time.Date(2026, 3, 2, 15, 0, 0, 0, time.UTC)
	give := func(data domain.CommandData) {
		now = now.Add(10 * time.Second)
		c.do(t,
			domain.Command{Source: "gateway", ID: fmt.Sprint(len(c.records)), Time: now, Data: data, Caller: "test"})
	}
	request := func(id, amount string) {
		give(&domain.WithdrawalRequest{Withdrawal: id, Account: "U1", User: "alice", Device: "s1", Amount: amount,
			Currency: "USD"})
	}
	give(&domain.DeviceActivate{User: "alice", Device: "s1", Class: domain.SecurityCodeCard,
		Method: domain.Portal})
	for i := range n {
		id := fmt.Sprint("w", i)
		request(id, "10.50")
		if i%10 == 0 {
			give(&domain.WithdrawalCancel{Withdrawal: id, Account: "U1", By: "alice"})
		}
	}
	if zones {
		p := *domain.IBKRSLS()
		p.Version, p.Zone = "tokyo@1", "Asia/Tokyo"
		give(&domain.PolicyAdopt{Policy: p, By: "officer"})
	}
	request("last", "200000")
	return c
}

// allPages returns every page of an explanation, and the first page as JSON members.
func (c *memoryLog) allPages(t *testing.T, r *domain.Record) (first shown, pages [][]explain.Fact) {
	for after := uint64(0); ; {
		x, err := explain.Explain(c.history(t, r), r, after)
		if err != nil {
			t.Fatal(err)
		}
		if after == 0 {
			first = parseShown(t, wire.AppendData(nil, x))
		}
		pages = append(pages, x.Basis)
		if after = x.Next; after == 0 {
			return first, pages
		}
	}
}

func TestExplanationPages(t *testing.T) {
	for _, test := range []struct {
		name        string
		withdrawals int
		zones       bool
		pages       int
	}{
		{"one page", 100, false, 1},
		{"a second page with one withdrawal", 101, false, 2},
		{"pages", 1030, false, 11},
		{"another zone", 1030, true, 11},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := manyWithdrawals(t, test.withdrawals, test.zones)
			r := &c.records[len(c.records)-1]
			first, pages := c.allPages(t, r)
			if len(pages) != test.pages || first.Next == "" != (test.pages == 1) {
				t.Fatalf("got %d pages and next %q, want %d pages", len(pages), first.Next, test.pages)
			}
			if diff := cmp.Diff(first.verdict(), first.recomputed(t)); diff != "" {
				t.Errorf("first page (-shown +recomputed)\n%s", diff)
			}
			checkTotal(t, first, pages, test.withdrawals)
		})
	}
}

// checkTotal compares the total with the withdrawals of all pages.
func checkTotal(t *testing.T, first shown, pages [][]explain.Fact, want int) {
	if len(first.Totals) != 1 {
		t.Fatalf("got %d totals, want 1", len(first.Totals))
	}
	var total explain.Total
	readJSON(t, first.Totals[0], &total)
	var sum domain.Sum
	count, seen := 0, map[uint64]bool{}
	for _, page := range pages {
		onPage := 0
		for _, f := range page {
			w, ok := f.State.(*explain.FactWithdrawal)
			if !ok {
				continue
			}
			if onPage++; seen[w.Seq] {
				t.Errorf("withdrawal %s: got it on two pages, want one", w.ID)
			}
			seen[w.Seq] = true
			if w.State == domain.Approved {
				sum = sum.Plus(w.USD)
			}
		}
		if count += onPage; onPage > 100 {
			t.Errorf("got %d withdrawals on a page, want at most 100", onPage)
		}
	}
	if count != want || total.Count != int64(want) {
		t.Errorf("got %d withdrawals and the total %d, want %d", count, total.Count, want)
	}
	if len(total.Days) != 1 || total.Days[0].USD != sum.String() {
		t.Errorf("got the sums %v, want one of %s", total.Days, sum)
	}
}
