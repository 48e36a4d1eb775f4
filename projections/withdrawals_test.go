package projections

import (
	"fmt"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"authledger/domain"
)

// withdrawn is an account whose owner took a dollar out at each instant, and the
// engine that knows of it. Then a policy of another zone may come.
func withdrawn(t *testing.T, zone string, at ...time.Time) *Engine {
	h := newHistory()
	do := func(when time.Time, data domain.CommandData) {
		c := domain.Command{Source: "s", ID: fmt.Sprint(len(h.records)), Time: when, Data: data}
		if d := h.do(c); d.Status != domain.Accepted {
			t.Fatalf("%+v", d)
		}
	}
	do(at[0], &domain.DeviceActivate{User: "alice", Device: "gold", Class: domain.Gold, Method: domain.Portal})
	for i, when := range at {
		do(when, &domain.WithdrawalRequest{Withdrawal: fmt.Sprint("w", i), Account: "U1", User: "alice", Device: "gold", Amount: "1", Currency: "USD"})
	}
	if zone != "" {
		p := *domain.IBKRSLS()
		p.Version, p.Zone = "moved@1", zone
		do(at[len(at)-1], &domain.PolicyAdopt{Policy: p, By: "ann"})
	}
	h.commit()
	e := open(t, "/d", quiet(vfs.NewMem()))
	t.Cleanup(func() { closeAll(t, e) })
	fold(t, e, h)
	return e
}

// The window begins at a midnight of the policy's zone, which is inside (WD-4,
//
func TestWithdrawalsOfTheWindow(t *testing.T) {
	midnight := time.Date(2026, 2, 24, 5, 0, 0, 0, time.UTC) // of Tuesday in New York; Monday is the fifth business day after
	monday := time.Date(2026, 3, 2, 17, 0, 0, 0, time.UTC)
	evening := time.Date(2026, 3, 2, 4, 0, 0, 0, time.UTC) // Sunday in New York, Monday in Tokyo
	tests := []struct {
		says     string
		zone     string
		at       []time.Time
		day, all string
		listed   []string
	}{
		{"what lies before the window is not of it", "", []time.Time{midnight.Add(-1), midnight, monday}, "1.00", "2.00", []string{"w1", "w2"}},
		{"its edge is", "", []time.Time{midnight, midnight, monday}, "1.00", "3.00", []string{"w0", "w1", "w2"}},
		{"yesterday evening is of the window, not of the day", "", []time.Time{evening, monday}, "1.00", "2.00", []string{"w0", "w1"}},
		{"in another zone it is today", "Asia/Tokyo", []time.Time{evening, evening}, "2.00", "2.00", []string{"w0", "w1"}},
	}
	for _, test := range tests {
		t.Run(test.says, func(t *testing.T) {
			e := withdrawn(t, test.zone, test.at...)
			last := test.at[len(test.at)-1]
			w, err := e.AccountWithdrawals(t.Context(), nil, "U1", last, nil, Page{Limit: 10})
			if err != nil {
				t.Fatal(err)
			}
			var listed []string
			for _, x := range w.Withdrawals {
				listed = append(listed, x.ID)
			}
			require{t}.Same("day, window and list", []any{test.day, test.all, test.listed}, []any{w.DayUSD, w.WindowUSD, listed})
		})
	}
}
