package main

import (
	"bytes"
	"io"
	"strings"
	"testing"
)

// A bench of almost nothing measures all the same what it says.
func TestBenchOfCommandsOfAllKinds(t *testing.T) {
	p := newProgram(strings.NewReader(""), io.Discard, new(bytes.Buffer), func(string) string { return "" })
	p.set.realm = "bench"
	b := bench{program: p, size: benchSize{users: 50, mixed: 2_000, payouts: 100}, dir: t.TempDir()}
	if err := b.mixed(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := b.withdrawals(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := []struct{ begins, unit, goal string }{
		{"mixed import of 2,000 lines, 50 users", "commands/s", "≥ 60,000"},
		{"a withdrawal decided, account with 10", "ns", ""},
		{"a withdrawal decided, account with 100", "ns", ""},
		{"the second, against the first", "×", "≤ 1.5"},
	}
	if len(b.figures) != len(want) {
		t.Fatalf("%d figures, want %d", len(b.figures), len(want))
	}
	for i, f := range b.figures {
		if w := want[i]; !strings.HasPrefix(f.What, w.begins) || f.Unit != w.unit || f.Goal != w.goal || f.Value <= 0 {
			t.Errorf("figure %d is %+v, want %+v", i, f, w)
		}
	}
}
