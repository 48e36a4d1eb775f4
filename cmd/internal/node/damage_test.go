package node

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"authledger/domain"
)

const damagedParts = 16 // parts of a table, each of which is damaged once

// TestOpenRebuildsDamagedRows damages each part of a table of Pebble. Pebble finds the damage
// when the part is read: before, while or after the node starts. One start MUST be enough.
func TestOpenRebuildsDamagedRows(t *testing.T) {
	const users = 400
	o := Options{Dir: filepath.Join(t.TempDir(), "ledger"), Realm: "main", Name: "node", Unsynced: true,
		Log: slog.New(slog.DiscardHandler)}
	n, err := Open(t.Context(), o)
	check(t, err)
	for i := range users {
		_, err := n.Ledger.Do(t.Context(), domain.Command{
			Source: "gateway/a", ID: fmt.Sprint("e-", i), Stamped: true, Caller: "a",
			Data: &domain.LoginReport{User: fmt.Sprint("user", i), Outcome: domain.Succeeded, IP: "192.0.2.7"},
		})
		check(t, err)
	}
	end := n.Rows.Position()
	check(t, n.Close())

	rebuilt := 0
	for part := range damagedParts {
		path := newestTable(t, o.Dir)
		at := flipByte(t, path, part)
		n, err := Open(t.Context(), o)
		if err != nil {
			t.Fatalf("damage at byte %d of %s: got %v, want a node that starts", at, path, err)
		}
		if n.Rows.Rebuilding() != "" {
			rebuilt++
		}
		if got := n.Rows.Position(); got.Seq < end.Seq {
			t.Errorf("damage at byte %d of %s: the rows end at %v, want %v or later", at, path, got, end)
		}
		n.Close() // returns the damage that a read in the background found later
	}
	if rebuilt == 0 {
		t.Error("no start rebuilt the rows, want one at least")
	}
}

// newestTable returns the path of the largest table of the newest generation of rows.
func newestTable(t *testing.T, dir string) (path string) {
	t.Helper()
	tables, err := filepath.Glob(filepath.Join(dir, ProjectionsDir, "generation-*", "*.sst"))
	check(t, err)
	size := int64(0)
	for _, table := range tables {
		info, err := os.Stat(table)
		check(t, err)
		if newer := filepath.Dir(table) > filepath.Dir(path); newer || info.Size() > size {
			path, size = table, info.Size()
		}
	}
	if size == 0 {
		t.Fatalf("got the tables %v, want one with rows", tables)
	}
	return path
}

// flipByte flips a bit of a part of the file, and returns its place.
func flipByte(t *testing.T, path string, part int) (at int) {
	t.Helper()
	data, err := os.ReadFile(path)
	check(t, err)
	at = len(data)*part/damagedParts + 64
	data[at] ^= 1
	check(t, os.WriteFile(path, data, 0o600))
	return at
}
