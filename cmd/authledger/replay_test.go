package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"authledger/domain"
	"authledger/projections/queries"
)

// sparseLedger has 2,500 records, of which every third names alice and the others bob.
func sparseLedger(t *testing.T) (dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "data")
	file := filepath.Join(t.TempDir(), "commands.jsonl")
	var lines strings.Builder
	for i := range 2500 {
		user := "bob"
		if i%3 == 0 {
			user = "alice"
		}
		fmt.Fprintf(&lines,
			`{"specversion":"1.0","id":"%d","source":"gw","type":"login.report","time":"2026-03-02T15:00:00Z",`+
				`"data":{"user":%q,"outcome":"succeeded","ip":"192.0.2.7"}}`+"\n", i, user)
	}
	mustDo(t, os.WriteFile(file, []byte(lines.String()), 0o600))
	if code, errs := runOn(t, dir, []string{"import", "--from", "cloudevents", file}); code != exitDone {
		t.Fatalf("import: got exit code %d, want 0: %s", code, errs)
	}
	return dir
}

func TestReplayEntityPrintsWhatAScanPrints(t *testing.T) {
	dir := sparseLedger(t)
	for _, span := range [][]string{nil, {"--from", "0"}, {"--from", "17", "--to", "2203"}, {"--to", "1"},
		{"--from", "2501"}, {"--from", "9999"}} {
		var want strings.Builder
		for line := range strings.Lines(outOf(t, dir, append([]string{"replay"}, span...)...)) {
			if strings.Contains(line, `"user/bob"`) {
				want.WriteString(line)
			}
		}
		for _, extra := range [][]string{nil, {"--type", "login.report"}} {
			args := append(append([]string{"replay", "--entity", "user/bob"}, span...), extra...)
			if got := outOf(t, dir, args...); got != want.String() {
				t.Errorf("%v: got %d bytes, want the %d bytes of a scan", args, len(got), want.Len())
			}
		}
	}
	for _, args := range [][]string{{"--entity", "user/carol"},
		{"--entity", "user/bob", "--type", "login.begin"}} {
		if got := outOf(t, dir, append([]string{"replay"}, args...)...); got != "" {
			t.Errorf("%v: got %q, want nothing", args, got)
		}
	}
}

// countedRecords counts the records that a replay reads.
type countedRecords struct {
	queries.Log
	read int
}

func (c *countedRecords) Record(ctx context.Context, seq uint64) (domain.Record, error) {
	c.read++
	return c.Log.Record(ctx, seq)
}

func TestReplayEntityReadsItsRecordsOnly(t *testing.T) {
	n := openNodeIn(t, sparseLedger(t))
	log := &countedRecords{Log: n.Ledger}
	found := 0
	for r, err := range entityRecords(t.Context(), log, n.Rows, replay{entity: "user/alice", to: 2400}) {
		mustDo(t, err)
		if found++; r.Entities[0] != "user/alice" {
			t.Fatalf("record %d: got entities %v, want user/alice first", r.Seq, r.Entities)
		}
	}
	if found != 800 || log.read > found+1 {
		t.Errorf("replay of alice: got %d records of %d reads, want 800 of at most 801", found, log.read)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, err := range entityRecords(ctx, log, n.Rows, replay{entity: "user/alice"}) {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("replay with a cancelled context: got %v, want %v", err, context.Canceled)
		}
	}
	mustDo(t, n.Close())
}
