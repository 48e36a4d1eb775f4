package bench

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"authledger/cmd/internal/node"
)

// TestCommits checks that a small run returns the figures and the goals of single commands, of shared
// commits and of the baselines.
func TestCommits(t *testing.T) {
	log := slog.New(slog.DiscardHandler)
	b := run{
		Options: Options{Node: node.Options{Realm: "bench", Log: log, Now: time.Now,
			Shutdowns: node.NewShutdowns()}, Now: time.Now, Log: log},
		size: size{commitTurns: 3, each: 200}, dir: t.TempDir(),
	}
	if err := b.commits(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := []struct{ begins, unit, goal string }{
		{"first command of a new user", "ms", ""},
		{"command of a known user", "ms", ""},
		{"synchronous JetStream publish", "ms", ""},
		{"append and fdatasync", "ms", ""},
		{"p50 of a known user, divided by that of a JetStream publish", "×", "≤ 1.6"},
		{"p50 of a new user, divided by that of a known user", "×", "≤ 1.05"},
		{"p50 of a known user, divided by that of an append", "×", ""},
		{"commands of new users, 64 outstanding", "commands/s", ""},
		{"commands of new users a commit", "commands/commit", "≥ 24.0"},
		{"commands of known users, 64 outstanding", "commands/s", ""},
		{"commands of known users a commit", "commands/commit", "≥ 24.0"},
		{"file with group commit", "appends/s", ""},
		{"appends a fsync", "appends/fsync", ""},
		{"commands of known users a second, divided by appends", "×", ""},
		{"synchronous writes to Pebble", "writes/s", ""},
		{"commands of known users a second, divided by synchronous writes", "×", "≥ 0.6"},
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

// TestGroupFile checks that values that wait together share one sync, and that the file holds them.
func TestGroupFile(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "group"))
	if err != nil {
		t.Fatal(err)
	}
	g := &groupFile{file: file, queue: make(chan waitingValue, 3), stopped: make(chan struct{})}
	values := []waitingValue{{[]byte("a"), make(chan error, 1)}, {[]byte("b"), make(chan error, 1)},
		{[]byte("c"), make(chan error, 1)}}
	for _, v := range values {
		g.queue <- v
	}
	close(g.queue)
	g.run()
	for i, v := range values {
		if err := <-v.done; err != nil {
			t.Errorf("value %d: got error %v, want none", i, err)
		}
	}
	content, err := os.ReadFile(file.Name())
	if err := errors.Join(err, file.Close()); err != nil {
		t.Fatal(err)
	}
	if string(content) != "abc" || g.syncs != 1 {
		t.Errorf("got content %q after %d syncs, want \"abc\" after 1", content, g.syncs)
	}
}
