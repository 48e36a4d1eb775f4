package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"authledger/cmd/internal/node"
	"authledger/eventstore"
	"authledger/eventstore/audit"
	"authledger/projections"
)

// TestOwnFilesOfARunningNode reads the block files while the node's server has them open.
func TestOwnFilesOfARunningNode(t *testing.T) {
	dir := newStoppedLedger(t)
	n := openNodeIn(t, dir)
	last := n.Rows.Position().Stream
	files, err := n.OpenLogFiles(t.Context(), last)
	mustDo(t, err)
	read := uint64(0)
	for m, err := range files.Read(t.Context(), 1) {
		mustDo(t, err)
		read = m.Stream
	}
	if read != last {
		t.Errorf("read up to message %d, want %d", read, last)
	}
	_, err = n.OpenLogFiles(t.Context(), last)
	mustDo(t, err)
	mustDo(t, n.Close())
}

// BenchmarkVerify verifies one log through a server and from its files, and reports how
// many times faster the files are.
func BenchmarkVerify(b *testing.B) {
	dir := filepath.Join(b.TempDir(), "data")
	file := filepath.Join(b.TempDir(), "commands.jsonl")
	var lines strings.Builder
	for i := range 20_000 {
		fmt.Fprintf(&lines,
			`{"specversion":"1.0","id":"%d","source":"gw","type":"login.report","time":"2026-03-02T15:00:00Z",`+
				`"data":{"user":"user%d","outcome":"succeeded"}}`+"\n", i, i%500)
	}
	if err := os.WriteFile(file, []byte(lines.String()), 0o600); err != nil {
		b.Fatal(err)
	}
	if code, errs := runOn(b, dir, []string{"import", "--from", "cloudevents", file}); code != exitDone {
		b.Fatalf("import: got exit code %d, want 0: %s", code, errs)
	}
	var server, files, serverOpen, filesOpen float64
	for b.Loop() {
		o, v := verifySeconds(b, node.OpenDirectory, dir)
		serverOpen, server = serverOpen+o, server+v
		o, v = verifySeconds(b, node.OpenReadOnly, dir)
		filesOpen, files = filesOpen+o, files+v
	}
	b.ReportMetric(server/files, "verify-times-faster")
	b.ReportMetric(serverOpen/filesOpen, "open-times-faster")
	b.ReportMetric((server+serverOpen)/(files+filesOpen), "whole-times-faster")
}

func verifySeconds(b *testing.B, open func(context.Context, node.Options) (*node.Directory, error),
	dir string) (opened, verified float64) {
	b.Helper()
	begun := b.Elapsed()
	d, err := open(b.Context(), plainOptions(dir))
	if err != nil {
		b.Fatal(err)
	}
	opened = (b.Elapsed() - begun).Seconds()
	begun = b.Elapsed()
	head, err := eventstore.HeadAt(dir)
	if err != nil {
		b.Fatal(err)
	}
	fresh, err := projections.Open(b.TempDir(), projections.Options{Log: d.Options.Log})
	if err != nil {
		b.Fatal(err)
	}
	fresh.Bulk(true)
	if _, err := audit.Verify(b.Context(), d.Manifest, d.Log, head, fresh, nil); err != nil {
		b.Fatal(err)
	}
	verified = (b.Elapsed() - begun).Seconds()
	if err := fresh.Close(); err != nil {
		b.Fatal(err)
	}
	if err := d.Close(); err != nil {
		b.Fatal(err)
	}
	return opened, verified
}

func openNodeIn(t *testing.T, dir string) *node.Node {
	t.Helper()
	n, err := node.Open(t.Context(), plainOptions(dir))
	mustDo(t, err)
	return n
}

func plainOptions(dir string) node.Options {
	return node.Options{Dir: dir, Realm: "main", Name: "node", Log: slog.New(slog.DiscardHandler)}
}
