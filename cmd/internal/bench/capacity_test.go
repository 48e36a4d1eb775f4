package bench

import (
	"encoding/json"
	"log/slog"
	"os"
	"testing"
	"time"

	"authledger/cmd/internal/node"
)

// TestCapacity checks that a small run returns the figures by their names in docs/capacity.json, from
// which docs/scale.md computes its tables. The figures of other processes are not part of it.
func TestCapacity(t *testing.T) {
	if _, ok := cpuTime(); !ok {
		t.Skip("this system does not report the CPU time of a process")
	}
	log := slog.New(slog.DiscardHandler)
	c := capacityRun{
		run: &run{dir: t.TempDir(), Options: Options{Now: time.Now, Log: log,
			Node: node.Options{Realm: "bench", Log: log, Now: time.Now, Shutdowns: node.NewShutdowns()}}},
		size: capacitySize{users: 60, further: 300, each: 30},
	}
	if err := inOrder(t.Context(), c.firstCommands, c.furtherCommands, c.outstanding); err != nil {
		t.Fatal(err)
	}
	want := writtenFigures(t)
	for i, f := range c.figures {
		if w := want[i]; f.What != w.What || f.Unit != w.Unit {
			t.Errorf("figure %d: got %q in %s, want %q in %s", i, f.What, f.Unit, w.What, w.Unit)
		}
		if f.Value <= 0 {
			t.Errorf("%s: got %v, want a positive value", f.What, f.Value)
		}
	}
	const others = 4 // rebuild, verify, and HTTP with one connection and with many
	if len(c.figures)+others != len(want) {
		t.Errorf("got %d figures and %d of other processes, want %d", len(c.figures), others, len(want))
	}
	alone := "commands of a commit, a login of a known user, 1 outstanding"
	if value := c.figureOf(alone); value != 1 {
		t.Errorf("%s: got %v, want 1", alone, value)
	}
}

// writtenFigures returns the figures of docs/capacity.json.
func writtenFigures(t *testing.T) []Figure {
	t.Helper()
	text, err := os.ReadFile("../../../docs/capacity.json")
	if err != nil {
		t.Fatal(err)
	}
	var report struct {
		Figures []Figure `json:"figures"`
	}
	if err := json.Unmarshal(text, &report); err != nil {
		t.Fatal(err)
	}
	return report.Figures
}
