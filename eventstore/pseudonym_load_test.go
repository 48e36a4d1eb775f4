package eventstore_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"authledger/domain"
	"authledger/eventstore"
)

// randomCommand returns a command about one or two of a few persons, or the erasure of one of them.
func randomCommand(random *rand.Rand, id string) domain.Command {
	name := func() string { return fmt.Sprint("person", random.IntN(4)) }
	switch random.IntN(10) {
	case 0:
		return forget(id, name())
	case 1:
		return command(id, &domain.DeviceAddUser{User: name(), Owner: name(), Device: "d", Code: "c"})
	case 2:
		return command(id, &domain.CodeIssue{User: name(), Code: id, Kind: "sms", Agent: "agent-kim"})
	}
	return withAddress(failure(id, name()))
}

// TestPseudonyms_ErasuresAtOnce lets callers name and forget the same persons at the same time, with two
// writers of the log. In each order the log contains no name and verifies, and a new process finds the right
// pseudonym for each name.
func TestPseudonyms_ErasuresAtOnce(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := newPseudonymous(t)
	writers := []*eventstore.Ledger{r.open(newFolded(), r.store), r.open(newFolded(), r.store)}
	var all sync.WaitGroup
	for caller := range 6 {
		all.Go(func() {
			random := rand.New(rand.NewPCG(seed, uint64(caller)))
			for i := range 60 {
				do(t, writers[caller%2], randomCommand(random, fmt.Sprint("c-", caller, "-", i)))
			}
		})
	}
	all.Wait()
	for _, l := range writers {
		mustClose(t, l)
	}
	if i := strings.Index(r.logged(), "person0"); i >= 0 {
		t.Errorf("seed %d: log: got a name after %q, want pseudonyms only", seed, r.logged()[max(0, i-200):i])
	}
	state := newFolded()
	l := r.open(state, r.store)
	for i := range 4 {
		name := fmt.Sprint("person", i)
		pseudonym, err := l.Names().Pseudonym(name)
		if err != nil || pseudonym == name {
			continue // the person is forgotten
		}
		u, err := state.User(pseudonym)
		shown, wrong := l.Names().Name(pseudonym)
		if wrong != nil || err != nil || shown != name || !u.IsKnown() {
			t.Errorf("seed %d: pseudonym of %s: got the name %s, known %t, %v, %v, want the name", seed, name,
				shown, u.IsKnown(), wrong, err)
		}
	}
	wantNoForgottenPerson(t, l, seed)
	records := len(r.records())
	mustClose(t, l)
	r.verify(records)
}

// wantNoForgottenPerson checks that no record names a person after the record of the erasure.
func wantNoForgottenPerson(t *testing.T, l *eventstore.Ledger, seed uint64) {
	t.Helper()
	forgotten := make(map[domain.Entity]uint64)
	for r, err := range l.Records(t.Context(), 1, 0, false) {
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range r.Entities {
			if erasure := forgotten[e]; erasure > 0 {
				t.Errorf("seed %d, record %d: got the person whom record %d erased, want none", seed, r.Seq, erasure)
			}
		}
		if user := r.Forgotten(); user != "" {
			forgotten[domain.UserEntity(user)] = r.Seq
		}
	}
}
