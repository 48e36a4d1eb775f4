package bench

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"authledger/cmd/internal/node"
)

// TestBenchOfCommandsOfAllKinds checks that a small run returns every figure of its measurements, with
// the goals.
func TestBenchOfCommandsOfAllKinds(t *testing.T) {
	log := slog.New(slog.DiscardHandler)
	b := run{
		Options: Options{Node: node.Options{Realm: "bench", Log: log, Now: time.Now,
			Shutdowns: node.NewShutdowns()}, Now: time.Now, Log: log},
		size: size{users: 50, mixed: 2_000, payouts: 100, rounds: 3}, dir: t.TempDir(),
	}
	if err := b.mixed(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := b.withdrawals(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := []struct{ begins, unit, goal string }{
		{"mixed import of 2,000 lines, 50 users", "commands/s", "≥ 60,000"},
		{"decision on a withdrawal, account with 10 withdrawals", "ns", ""},
		{"decision on a withdrawal, account with 100 withdrawals", "ns", ""},
		{"decision in the account with more withdrawals, divided by the other", "×", "≤ 1.5"},
	}
	if len(b.figures) != len(want) {
		t.Fatalf("got %d figures, want %d", len(b.figures), len(want))
	}
	for i, f := range b.figures {
		w := want[i]
		if !strings.HasPrefix(f.What, w.begins) || f.Unit != w.unit || f.Goal != w.goal || f.Value <= 0 {
			t.Errorf("figure %d: got %+v, want %+v", i, f, w)
		}
	}
}
