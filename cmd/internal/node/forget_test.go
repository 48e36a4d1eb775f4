package node

import (
	"bytes"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"authledger/cmd/internal/nodetest"
	"authledger/domain"
	"authledger/eventstore"
)

// Personal data of alice, which is nowhere else in a data directory.
const (
	forgottenAddress = "203.0.113.77"
	forgottenAgent   = "Unusual-Agent/7.7"
)

// keySlotBytes is the length of a slot of the key ring.
const keySlotBytes = 128

// forgetting is a data directory with sealed data of alice and bob, and the log files of its nodes.
type forgetting struct {
	t    *testing.T
	o    Options
	logs string // directory of the log file
}

func newForgetting(t *testing.T) *forgetting {
	f := &forgetting{t: t, logs: t.TempDir()}
	log, err := os.Create(filepath.Join(f.logs, "node.log"))
	check(t, err)
	t.Cleanup(func() { check(t, log.Close()) })
	f.o = Options{Dir: filepath.Join(t.TempDir(), "ledger"), Realm: "main", Name: "node", Unsynced: true,
		Log: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))}
	return f
}

// run opens the node of the directory, calls do, and closes the node.
func (f *forgetting) run(do func(n *Node)) {
	f.t.Helper()
	n, err := Open(f.t.Context(), f.o)
	check(f.t, err)
	do(n)
	check(f.t, n.Close())
}

func (f *forgetting) send(n *Node, id string, data domain.CommandData) domain.Verdict {
	f.t.Helper()
	v, err := n.Ledger.Do(f.t.Context(), domain.Command{
		Source: "gateway/a", ID: id, Stamped: true, Caller: "a", Data: data,
	})
	check(f.t, err)
	return v
}

func (f *forgetting) logIn(n *Node, id, user, address string) {
	f.t.Helper()
	f.send(n, id, &domain.LoginReport{User: user, Outcome: domain.Succeeded, IP: address,
		UserAgent: forgottenAgent + user})
}

// revealed reports whether the personal data of a record can be read.
func (f *forgetting) revealed(n *Node, seq uint64) bool {
	f.t.Helper()
	r, err := n.Ledger.Record(f.t.Context(), seq)
	check(f.t, err)
	plain, err := n.Ledger.Reveal(&r)
	if err != nil && !errors.Is(err, eventstore.ErrErased) {
		f.t.Fatal(err)
	}
	return len(plain) > 0
}

// slot returns the bytes of the first slot of the key ring, which seals the data of the first user.
func (f *forgetting) slot() []byte {
	f.t.Helper()
	chunk, err := os.ReadFile(filepath.Join(f.o.Dir, KeysDir, "ring", "0000000"))
	check(f.t, err)
	return chunk[:keySlotBytes]
}

// filesWith returns the files of the data directory and the log files that contain one of the texts.
func (f *forgetting) filesWith(texts ...[]byte) (found []string) {
	f.t.Helper()
	for _, dir := range []string{f.o.Dir, f.logs} {
		check(f.t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			b, err := os.ReadFile(path)
			for _, text := range texts {
				if err == nil && bytes.Contains(b, text) {
					found = append(found, path)
				}
			}
			return err
		}))
	}
	return found
}

// TestForgetLeavesNoByte searches the data directory, the log files and a backup of the keys for the
// key and the personal data of a forgotten user (PERSON-1).
func TestForgetLeavesNoByte(t *testing.T) {
	f := newForgetting(t)
	f.run(func(n *Node) {
		f.logIn(n, "e-1", "alice", forgottenAddress)
		f.logIn(n, "e-2", "bob", "192.0.2.7")
		f.logIn(n, "e-3", "alice", forgottenAddress)
	})
	slot := f.slot()
	personal := [][]byte{[]byte(forgottenAddress), []byte(forgottenAgent)}
	key := [][]byte{slot[40:56], slot[56:72], slot[72:88]} // the wrapped key and its tag
	if found := f.filesWith(key...); len(found) == 0 {
		t.Fatal("search before the erasure: got no file with the key, want the file of the ring")
	}
	backup := filepath.Join(t.TempDir(), "backup")
	check(t, nodetest.CopyDirectory(backup, f.o.Dir))

	wantErased := func(n *Node, when string) {
		t.Helper()
		for seq, want := range map[uint64]bool{1: false, 2: true, 3: false} {
			if got := f.revealed(n, seq); got != want {
				t.Errorf("%s: personal data of record %d readable: got %t, want %t", when, seq, got, want)
			}
		}
		if found := f.filesWith(append(key, personal...)...); len(found) > 0 {
			t.Errorf("%s: got the key or the personal data in %v, want none", when, found)
		}
	}
	f.run(func(n *Node) {
		v := f.send(n, "f-1", &domain.PersonForget{User: "alice", Case: "C-1", By: "olga"})
		if v.Status != domain.Accepted {
			t.Fatalf("erasure: got %s %s, want accepted", v.Status, v.Reason)
		}
		wantErased(n, "at the answer")
	})
	f.run(func(n *Node) { wantErased(n, "after another start") })

	keys := filepath.Join(f.o.Dir, KeysDir)
	check(t, os.RemoveAll(keys))
	check(t, nodetest.CopyDirectory(keys, filepath.Join(backup, KeysDir)))
	if found := f.filesWith(key...); len(found) == 0 {
		t.Fatal("backup of the keys: got no file with the key, want the file of the ring")
	}
	f.run(func(n *Node) { wantErased(n, "with the backup of the keys") })
}

// TestForgetReadOnly checks that a command that opens the directory for reading overwrites the keys of
// a forgotten user in an older copy of the keys.
func TestForgetReadOnly(t *testing.T) {
	f := newForgetting(t)
	f.run(func(n *Node) { f.logIn(n, "e-1", "alice", forgottenAddress) })
	slot, keys := f.slot(), filepath.Join(f.o.Dir, KeysDir)
	backup := filepath.Join(t.TempDir(), "keys")
	check(t, nodetest.CopyDirectory(backup, keys))
	f.run(func(n *Node) { f.send(n, "f-1", &domain.PersonForget{User: "alice", Case: "C-1", By: "olga"}) })
	check(t, os.RemoveAll(keys))
	check(t, nodetest.CopyDirectory(keys, backup))

	d, err := OpenReadOnly(t.Context(), f.o)
	check(t, err)
	_, err = d.OpenView(t.Context(), d.Rows, nil)
	check(t, errors.Join(err, d.Close()))
	if bytes.Equal(f.slot(), slot) {
		t.Error("slot of the forgotten user: got the key, want it overwritten")
	}
}
