package node

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"authledger/cmd/internal/nodetest"
	"authledger/domain"
)

// strangerName is the name in an unattributed attempt, which is nowhere else in a data directory.
const strangerName = "unusualstranger77"

// clock is the clock of a node that a test sets. It is safe for concurrent use.
type clock struct{ at atomic.Pointer[time.Time] }

func (c *clock) set(year int, month time.Month, day int) {
	at := time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	c.at.Store(&at)
}

func (c *clock) now() time.Time { return *c.at.Load() }

// retaining returns a data directory whose ledger has the clock.
func retaining(t *testing.T, c *clock) *forgetting {
	f := newForgetting(t)
	f.o.Now = c.now
	return f
}

// strangerLogsIn records an unattributed attempt.
func (f *forgetting) strangerLogsIn(n *Node, id string) {
	f.t.Helper()
	v := f.send(n, id, &domain.LoginReport{User: strangerName, Outcome: domain.Failed,
		Reason: domain.UnknownUser, IP: forgottenAddress, UserAgent: forgottenAgent})
	if v.Status != domain.Accepted {
		f.t.Fatalf("attempt of an unknown user: got %s %s, want accepted", v.Status, v.Reason)
	}
}

// TestRetentionLeavesNoByte searches the data directory, the log files and a backup of the keys for the
// key and the personal data of a month after its retention (PERSON-4).
func TestRetentionLeavesNoByte(t *testing.T) {
	var c clock
	f := retaining(t, &c)
	c.set(2025, time.January, 31)
	f.run(func(n *Node) {
		f.strangerLogsIn(n, "e-1")
		f.logIn(n, "e-2", "bob", "192.0.2.7")
		f.strangerLogsIn(n, "e-3")
	})
	slot := f.slot()
	personal := [][]byte{[]byte(forgottenAddress), []byte(strangerName)}
	key := [][]byte{slot[40:56], slot[56:72], slot[72:88]} // the wrapped key and its tag
	if found := f.filesWith(key...); len(found) == 0 {
		t.Fatal("before the end of the retention: got no file with the key, want the file of the ring")
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
	c.set(2026, time.February, 28)
	f.run(func(n *Node) {
		f.logIn(n, "e-4", "bob", "192.0.2.7")
		if !f.revealed(n, 1) {
			t.Error("before the end of the retention: got erased data, want it readable")
		}
		c.set(2026, time.March, 1)
		f.logIn(n, "e-5", "bob", "192.0.2.7")
		wantErased(n, "at the first answer after the retention")
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

// TestRetentionOfOlderRows checks that a start with rows of an older program folds the log again and
// destroys the keys of the months whose retention had ended (PERSON-4).
func TestRetentionOfOlderRows(t *testing.T) {
	var c clock
	f := retaining(t, &c)
	c.set(2025, time.January, 31)
	f.run(func(n *Node) { f.strangerLogsIn(n, "e-1") })
	older := filepath.Join(t.TempDir(), "keys")
	keys := filepath.Join(f.o.Dir, KeysDir)
	check(t, nodetest.CopyDirectory(older, keys))
	c.set(2026, time.March, 1)
	f.run(func(n *Node) { f.logIn(n, "e-2", "bob", "192.0.2.7") })
	check(t, errors.Join(os.RemoveAll(keys), os.RemoveAll(filepath.Join(f.o.Dir, ProjectionsDir))))
	check(t, nodetest.CopyDirectory(keys, older))
	f.run(func(n *Node) {
		c.set(2025, time.January, 31) // the node would reveal the attempt if it still had the key
		if f.revealed(n, 1) {
			t.Error("attempt after the retention: got readable data, want it erased")
		}
	})
}

// TestRetentionOfImport checks that the node stores no personal data of an imported attempt whose
// retention had ended (PERSON-4).
func TestRetentionOfImport(t *testing.T) {
	var c clock
	f := retaining(t, &c)
	c.set(2026, time.March, 1)
	f.run(func(n *Node) {
		for i, at := range []time.Time{
			time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2025, 1, 31, 23, 59, 59, 0, time.UTC),
		} {
			attempt := &domain.LoginReport{User: strangerName, Outcome: domain.Failed,
				Reason: domain.UnknownUser, IP: forgottenAddress}
			v, err := n.Ledger.Do(t.Context(), domain.Command{Source: "import/old", ID: fmt.Sprint("e-", i),
				Time: at, Caller: "a", Backfill: true, Data: attempt})
			check(t, err)
			r, err := n.Ledger.Record(t.Context(), v.Seq)
			check(t, err)
			if r.Personal != nil || v.Status != domain.Accepted {
				t.Errorf("attempt at %s: got %s, personal data %v, want accepted without personal data", at,
					v.Status, r.Personal)
			}
		}
	})
	if found := f.filesWith([]byte(strangerName), []byte(forgottenAddress)); len(found) > 0 {
		t.Errorf("after the import: got the name or the address in %v, want none", found)
	}
}
