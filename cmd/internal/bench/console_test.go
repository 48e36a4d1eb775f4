package bench

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"authledger/cmd/internal/node"
)

// TestBenchOfConsole checks that a small run returns both figures of each page, with the goal.
func TestBenchOfConsole(t *testing.T) {
	log := slog.New(slog.DiscardHandler)
	c := &consoleRun{
		run: &run{
			Options: Options{Node: node.Options{Realm: "bench", Log: log, Now: time.Now,
				Shutdowns: node.NewShutdowns()}, Now: time.Now, Log: log},
			dir: t.TempDir(),
		},
		size: consoleSize{users: 30, days: 1, views: 2},
	}
	if err := c.measure(t.Context()); err != nil {
		t.Fatal(err)
	}
	goals := 0
	for _, f := range c.figures {
		if f.Value <= 0 || strings.HasSuffix(f.What, "p95") != (f.Goal == "≤ 100") {
			t.Errorf("got %+v, want a value, and a goal of each p95", f)
		}
		if f.Goal != "" {
			goals++
		}
	}
	if goals != 10 || len(c.figures) != 1+2*goals {
		t.Errorf("got %d figures with %d goals, want 21 with 10", len(c.figures), goals)
	}
}
