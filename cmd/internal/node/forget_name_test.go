package node

import (
	"os"
	"path/filepath"
	"testing"

	"authledger/cmd/internal/nodetest"
	"authledger/domain"
)

// forgottenName is the name of a person, which is nowhere else in a data directory.
const forgottenName = "unusualname7"

// TestForgetLeavesNoName searches the data directory and the log files for the name of a person of a
// pseudonymous realm, before and after the erasure (PERSON-5).
func TestForgetLeavesNoName(t *testing.T) {
	f := newForgetting(t)
	f.o.Pseudonymous = true
	wantNoByte := func(when string) {
		t.Helper()
		if found := f.filesWith([]byte(forgottenName), []byte(forgottenAddress)); len(found) > 0 {
			t.Errorf("%s: got the name or the address in %v, want none", when, found)
		}
	}
	var pseudonym string
	f.run(func(n *Node) {
		f.logIn(n, "e-1", forgottenName, forgottenAddress)
		f.logIn(n, "e-2", "other", "192.0.2.7")
		var err error
		pseudonym, err = n.Ledger.Names().Pseudonym(forgottenName)
		check(t, err)
		if !domain.IsPseudonym(pseudonym) {
			t.Fatal("pseudonym of the person: got none, want one")
		}
	})
	wantNoByte("before the erasure")
	keys := filepath.Join(f.o.Dir, KeysDir)
	backup := filepath.Join(t.TempDir(), "keys")
	check(t, nodetest.CopyDirectory(backup, keys))

	wantErased := func(n *Node, when string) {
		t.Helper()
		for asked, read := range map[string]func(string) (string, error){
			forgottenName: n.Ledger.Names().Pseudonym, pseudonym: n.Ledger.Names().Name,
		} {
			if got, err := read(asked); err != nil || got != asked {
				t.Errorf("%s: got %q, %v, want no translation of a forgotten person", when, got, err)
			}
		}
		if f.revealed(n, 1) || f.revealed(n, 2) || !f.revealed(n, 3) {
			t.Errorf("%s: got the wrong personal data readable, want only that of the other person", when)
		}
		wantNoByte(when)
	}
	f.run(func(n *Node) {
		v := f.send(n, "f-1", &domain.PersonForget{User: forgottenName, Case: "C-1", By: "olga"})
		if v.Status != domain.Accepted {
			t.Fatalf("erasure: got %s %s, want accepted", v.Status, v.Reason)
		}
		wantErased(n, "at the answer")
	})
	check(t, os.RemoveAll(filepath.Join(f.o.Dir, ProjectionsDir)))
	f.run(func(n *Node) { wantErased(n, "after a rebuild") })
	check(t, os.RemoveAll(keys))
	check(t, nodetest.CopyDirectory(keys, backup))
	f.run(func(n *Node) { wantErased(n, "with the backup of the keys") })
}

// TestPlainNamesStay checks that a start with the option Pseudonymous fails for a ledger with plain names,
// and that a ledger with pseudonyms opens without the option.
func TestPlainNamesStay(t *testing.T) {
	for _, isPseudonymous := range []bool{false, true} {
		f := newForgetting(t)
		f.o.Pseudonymous = isPseudonymous
		f.run(func(n *Node) { f.logIn(n, "e-1", forgottenName, forgottenAddress) })
		f.o.Pseudonymous = !isPseudonymous
		n, err := Open(t.Context(), f.o)
		if (err == nil) != isPseudonymous {
			t.Errorf("created with %t, opened with %t: got %v", isPseudonymous, !isPseudonymous, err)
		}
		if err == nil {
			check(t, n.Close())
		}
	}
}
