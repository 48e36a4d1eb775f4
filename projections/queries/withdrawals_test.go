package queries

import (
	"fmt"
	"testing"
	"time"

	"authledger/domain"
)

// openWithdrawals opens a history in which an account has a withdrawal of one dollar at each
// instant. Unless zone is "", the last record adopts a policy with that zone.
func openWithdrawals(t *testing.T, zone string, at ...time.Time) *Queries {
	h := newRefLog()
	do := func(when time.Time, data domain.CommandData) {
		c := domain.Command{Source: "s", ID: fmt.Sprint(len(h.Records)), Time: when, Data: data}
		if d := h.Do(c); d.Status != domain.Accepted {
			t.Fatalf("command %T: got %+v, want accepted", c.Data, d)
		}
	}
	do(at[0], &domain.DeviceActivate{User: "alice", Device: "gold", Class: domain.Gold, Method: domain.Portal})
	for i, when := range at {
		do(when, &domain.WithdrawalRequest{
			Withdrawal: fmt.Sprint("w", i), Account: "U1", User: "alice", Device: "gold", Amount: "1", Currency: "USD",
		})
	}
	if zone != "" {
		p := *domain.IBKRSLS()
		p.Version, p.Zone = "moved@1", zone
		do(at[len(at)-1], &domain.PolicyAdopt{Policy: p, By: "ann"})
	}
	h.Commit()
	return openTest(t, h)
}

// The window of the limits begins at midnight in the zone of the policy. The instant of
// midnight is in the window (WD-4, A-32, A-54).
func TestWithdrawalsInWindow(t *testing.T) {
	var (
		midnight = time.Date(2026, 2, 24, 5, 0, 0, 0, time.UTC) // Tuesday in New York
		monday   = time.Date(2026, 3, 2, 17, 0, 0, 0, time.UTC) // the fifth business day from that Tuesday
		evening  = time.Date(2026, 3, 2, 4, 0, 0, 0, time.UTC)  // Sunday in New York, Monday in Tokyo
	)
	type then struct {
		Day, Window string // dollars
		Listed      []string
	}
	tests := []struct {
		name  string
		zone  string
		given []time.Time // of withdrawals; the query is at the last one
		then  then
	}{
		{
			"before the window", "",
			[]time.Time{midnight.Add(-1), midnight, monday},
			then{Day: "1.00", Window: "2.00", Listed: []string{"w1", "w2"}},
		},
		{
			"at the start of the window", "",
			[]time.Time{midnight, midnight, monday},
			then{Day: "1.00", Window: "3.00", Listed: []string{"w0", "w1", "w2"}},
		},
		{
			"on the evening before", "",
			[]time.Time{evening, monday},
			then{Day: "1.00", Window: "2.00", Listed: []string{"w0", "w1"}},
		},
		{
			"on the same day in another zone", "Asia/Tokyo",
			[]time.Time{evening, evening},
			then{Day: "2.00", Window: "2.00", Listed: []string{"w0", "w1"}},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			q := openWithdrawals(t, test.zone, test.given...)
			last := test.given[len(test.given)-1]
			w, err := q.Withdrawals(t.Context(), "U1", last, nil, Page{Limit: 10, Oldest: true})
			if err != nil {
				t.Fatal(err)
			}
			got := then{Day: w.DayUSD, Window: w.WindowUSD}
			for _, x := range w.Withdrawals {
				got.Listed = append(got.Listed, x.ID)
			}
			require{t}.Same("withdrawals", test.then, got)
		})
	}
}
