//go:build faults

package faults

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"authledger/cmd/internal/node"
	"authledger/eventstore/wire"
)

const (
	importLines    = 40_000
	importUsers    = 200
	importKillsMax = 10 // starts for each successful kill
)

// TestFaultImport kills an import several times. In the end the ledger equals that of
// an uninterrupted import. Both begin with the same keys, because the bucket of an
// address depends on them.
func TestFaultImport(t *testing.T) {
	chance := faultChance(t)
	root := t.TempDir()
	list := filepath.Join(root, "auth.log")
	must(t, writeAuthLog(list, chance))
	quiet, killed := filepath.Join(root, "quiet"), filepath.Join(root, "killed")
	must(t, withFaultNode(quiet, func(context.Context, *node.Node) error { return nil }))
	must(t, copyDir(killed, quiet))
	begun := time.Now()
	if !importOnce(t, list, quiet, time.Hour) {
		t.Fatal("first import: got a killed process, want a completed import")
	}
	took, kills := time.Since(begun), 0
	for tries := 0; kills < *faultImports && tries < importKillsMax**faultImports; tries++ {
		if !importOnce(t, list, killed, time.Duration(chance.Int64N(int64(took)))) {
			kills++
		}
	}
	for !importOnce(t, list, killed, time.Hour) {
		t.Fatal("last import: got a killed process, want a completed import")
	}
	want, err := contents(quiet)
	must(t, err)
	got, err := contents(killed)
	must(t, err)
	if len(want) < importLines/2 {
		t.Fatalf("uninterrupted import: got %d records, want at least %d", len(want), importLines/2)
	}
	for i := range max(len(want), len(got)) {
		if i >= len(want) || i >= len(got) || !bytes.Equal(want[i], got[i]) {
			t.Fatalf("import with kills: got %d records, want %d; record %d is the first that differs", len(got),
				len(want), i+1)
		}
	}
	_, err = verifyDir(killed)
	must(t, err)
	announce("import: %d lines, killed %d times, the same %d records", importLines, kills, len(got))
}

// importOnce runs the import, and kills it after a duration. It reports whether the
// import completed.
func importOnce(t *testing.T, list, dir string, within time.Duration) bool {
	t.Helper()
	c := startProgram(t, "import", "--from", "sshd", "--year", "2024", "--data", dir, list)
	timer := time.AfterFunc(within, c.kill)
	defer timer.Stop()
	<-c.ended
	code := c.exitCode()
	if code > 0 {
		t.Fatalf("import: got exit code %d, want 0 or a kill: %s", code, c.errors())
	}
	return code == 0
}

// contents returns the records of a ledger in order, without personal data.
func contents(dir string) (all [][]byte, err error) {
	err = withFaultNode(dir, func(ctx context.Context, n *node.Node) error {
		for r, err := range n.Ledger.Records(ctx, 1, 0, false) {
			if err != nil {
				return err
			}
			public := *r
			public.Personal = nil
			all = append(all, wire.AppendRecord(nil, &public))
		}
		return nil
	})
	return all, err
}

// writeAuthLog generates a log of sshd: failures, successes, unknown names, names
// that no policy allows, and repeated messages.
func writeAuthLog(path string, chance *rand.Rand) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close() // flushed below
	w := bufio.NewWriter(f)
	at := time.Date(2024, 3, 1, 6, 0, 0, 0, time.UTC)
	for range importLines {
		at = at.Add(time.Duration(chance.IntN(5)) * time.Second)
		fmt.Fprintf(w, "%s host sshd[%d]: %s\n", at.Format(time.Stamp), chance.IntN(30000), authLine(chance))
	}
	return w.Flush()
}

func authLine(chance *rand.Rand) string {
	from := fmt.Sprintf("from 203.0.113.%d port %d ssh2", chance.IntN(256), 1024+chance.IntN(60000))
	user := fmt.Sprintf("user%d", chance.IntN(importUsers))
	switch n := chance.IntN(20); {
	case n < 10:
		return "Failed password for " + user + " " + from
	case n < 15:
		return "Accepted publickey for " + user + " " + from
	case n < 17:
		return "Failed password for invalid user " + user + "x " + from
	case n < 18:
		return "Failed password for invalid user My Name " + from
	case n < 19:
		return fmt.Sprintf("message repeated %d times: [ Failed password for %s %s]", 1+chance.IntN(4), user, from)
	}
	return "Received disconnect " + from
}
