package eventstore_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"authledger/domain"
	"authledger/eventstore"
)

// newPseudonymous returns a realm whose records name persons by pseudonyms.
func newPseudonymous(t *testing.T) *realm {
	t.Helper()
	r := newRealm(t)
	r.manifest.Pseudonymous = true
	return r
}

// logged returns the stored records, without the sealed members, as one text.
func (r *realm) logged() string { return strings.Join(r.records(), "\n") }

// wantPseudonym returns the pseudonym of a person, whom the realm must know.
func wantPseudonym(t *testing.T, l *eventstore.Ledger, name string) string {
	t.Helper()
	pseudonym, err := l.Names().Pseudonym(name)
	if err != nil || !domain.IsPseudonym(pseudonym) {
		t.Fatalf("pseudonym of a person: got %q, %v, want a pseudonym", pseudonym, err)
	}
	if shown, err := l.Names().Name(pseudonym); err != nil || shown != name {
		t.Fatalf("name of the pseudonym: got %q, %v, want %q", shown, err, name)
	}
	return pseudonym
}

func wantNobody(t *testing.T, l *eventstore.Ledger, name string) {
	t.Helper()
	if got, err := l.Names().Pseudonym(name); err != nil || got != name {
		t.Errorf("pseudonym of a name that no person has: got %q, %v, want the name itself", got, err)
	}
}

// TestPseudonyms_HideTheName checks that the log holds a pseudonym in the place of the name, and that
// the person keeps it after a restart.
func TestPseudonyms_HideTheName(t *testing.T) {
	r := newPseudonymous(t)
	state := newFolded()
	l := r.open(state, r.store)
	first := do(t, l, withAddress(failure("e-1", "anna")))
	if first.Late || first.Seq != 2 || first.Status != domain.Accepted {
		t.Errorf("first command of a person: got %s, want record 2, accepted and not late", formatted(first))
	}
	do(t, l, withAddress(failure("e-2", "anna")))
	pseudonym := wantPseudonym(t, l, "anna")
	if got := string(l.Names().Show([]byte(`{"user":"` + pseudonym + `"}`))); got != `{"user":"anna"}` {
		t.Errorf("shown: got %s, want the name", got)
	}
	page := `<a href="/users/` + pseudonym + `" title='` + pseudonym + `>'>` + pseudonym + `</a>`
	wantPage := strings.Replace(page, "'>"+pseudonym, "'>anna", 1)
	if got := string(l.Names().ShowHTML([]byte(page))); got != wantPage {
		t.Errorf("shown page: got %s, want the name outside of the tag", got)
	}
	mustClose(t, l)

	l = r.open(state.clone(), r.store)
	if v := do(t, l, withAddress(failure("e-1", "anna"))); !v.Duplicate || v.Seq != 2 {
		t.Errorf("the first command again: got %s, want a duplicate of record 2", formatted(v))
	}
	if again := wantPseudonym(t, l, "anna"); again != pseudonym {
		t.Errorf("after a restart: got %s, want %s", again, pseudonym)
	}
	if v := do(t, l, failure("e-3", pseudonym)); v.Seq != 4 || v.Status != domain.Accepted {
		t.Errorf("a command that names the pseudonym: got %s, want record 4", formatted(v))
	}
	mustClose(t, l)
	if log := r.logged(); strings.Contains(log, "anna") || strings.Count(log, "person.introduce\"") != 1 {
		t.Errorf("the log names the person, or introduces the person twice:\n%s", log)
	}
	r.verify(4)
}

// TestPseudonyms_EndWithTheKey checks (PERSON-5) that nothing that the ledger stores holds the name after an
// erasure, and that a later command with the name starts a new person.
func TestPseudonyms_EndWithTheKey(t *testing.T) {
	r := newPseudonymous(t)
	state := newFolded()
	l := r.open(state, r.store)
	do(t, l, withAddress(failure("e-1", "anna")))
	pseudonym := wantPseudonym(t, l, "anna")
	if v := do(t, l, forget("f-1", "anna")); v.Status != domain.Accepted {
		t.Fatalf("erasure: got %s, want accepted", formatted(v))
	}
	wantNobody(t, l, "anna")
	if shown, err := l.Names().Name(pseudonym); err != nil || shown != pseudonym {
		t.Errorf("name of a forgotten person: got %q, %v, want the pseudonym", shown, err)
	}
	wantRevealed(t, l, "erased", "erased", "")
	for _, c := range []domain.Command{withAddress(failure("e-1", "anna")), forget("f-1", "anna")} {
		v := do(t, l, c)
		if v.Status != domain.Invalid || v.Seq != 0 {
			t.Errorf("%s again after the erasure: got %s, want invalid", c.ID, formatted(v))
		}
	}
	wantNobody(t, l, "anna")
	v := do(t, l, command("d-1", &domain.LockoutRelease{User: pseudonym, Agent: "olga"}))
	if v.Status != domain.Invalid {
		t.Errorf("a command that names the forgotten pseudonym: got %s, want invalid", formatted(v))
	}
	do(t, l, withAddress(failure("e-2", "anna")))
	if again := wantPseudonym(t, l, "anna"); again == pseudonym {
		t.Errorf("new person with the name: got the pseudonym of the forgotten one")
	}
	mustClose(t, l)
	for m, err := range r.store.Join().Read(t.Context(), 1) {
		if err != nil || bytes.Contains(m.Data, []byte("anna")) || bytes.Contains(m.Data, []byte("192.0.2.7")) {
			t.Errorf("a commit holds the name or the address, %v: %s", err, m.Data)
		}
	}
	r.verify(5)
}

// TestPseudonyms_Introduce checks which commands introduce persons.
func TestPseudonyms_Introduce(t *testing.T) {
	nobody := "~" + strings.Repeat("a", 26)
	for _, c := range []struct {
		name    string
		data    domain.CommandData
		status  domain.Status
		reason  domain.Reason
		records int
	}{
		{"erasure", &domain.PersonForget{User: "anna", Case: "C-1", By: "olga"},
			domain.Invalid, domain.UnknownUser, 0},
		{"sharing", &domain.SharingRequest{Sharing: "s", Requester: "anna", Owner: "bob", Device: "d"},
			domain.Invalid, domain.UnknownUser, 0},
		{"party", &domain.SharingCancel{Sharing: "s", By: "anna@example.com"},
			domain.Invalid, domain.UnknownUser, 0},
		{"two persons", &domain.DeviceAddUser{User: "anna", Owner: "bob", Device: "d", Code: "c"},
			domain.Refused, "", 3},
		{"bad name", &domain.IdentityVerify{User: "<anna>", Agent: "olga", Channel: "phone"},
			domain.Invalid, domain.InvalidCharacter, 0},
		{"unknown pseudonym", &domain.IdentityVerify{User: nobody, Agent: "olga", Channel: "phone"},
			domain.Invalid, domain.InvalidCharacter, 0},
		{"login with a bad name", &domain.LoginReport{User: "~anna", Outcome: domain.Succeeded},
			domain.Refused, domain.InvalidCharacter, 1},
		{"login of an unknown user",
			&domain.LoginReport{User: "anna", Outcome: domain.Failed, Reason: domain.UnknownUser},
			domain.Accepted, "", 1},
		{"invalid by the rules alone", &domain.WithdrawalRequest{Withdrawal: "w", Account: "U1", User: "anna",
			Device: "d", Amount: "0", Currency: "USD"}, domain.Invalid, "", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newPseudonymous(t)
			l := r.open(newFolded(), r.store)
			v := do(t, l, command("c", c.data))
			if v.Status != c.status || c.reason != "" && v.Reason != c.reason {
				t.Errorf("got %s, want %s, %q", formatted(v), c.status, c.reason)
			}
			mustClose(t, l)
			r.verify(c.records)
			if log := r.logged(); strings.Contains(log, "anna") || strings.Contains(log, "bob") {
				t.Errorf("the log holds a name:\n%s", log)
			}
		})
	}
}

// TestPseudonyms_FirstCommands checks that the first commands of one person introduce the person once, if
// they wait for one decision, and also if another writer displaces their commit.
func TestPseudonyms_FirstCommands(t *testing.T) {
	for name, other := range map[string]bool{"one writer": false, "a displaced commit": true} {
		t.Run(name, func(t *testing.T) {
			r := newPseudonymous(t)
			l := r.open(newFolded(), r.store)
			want := 4
			if other {
				second := r.open(newFolded(), r.store.Join())
				do(t, second, failure("o-1", "bob"))
				mustClose(t, second)
				want = 6
			}
			var tickets []*eventstore.Ticket
			for _, id := range []string{"e-1", "e-2", "e-3"} {
				ticket, err := l.Prepare(failure(id, "anna"))
				if err != nil {
					t.Fatal(err)
				}
				tickets = append(tickets, ticket)
			}
			for _, ticket := range tickets {
				if err := l.Enqueue(t.Context(), ticket); err != nil {
					t.Fatal(err)
				}
			}
			for _, ticket := range tickets {
				if v := answer(t, ticket); v.Status != domain.Accepted {
					t.Errorf("got %s, want accepted", formatted(v))
				}
			}
			wantPseudonym(t, l, "anna")
			if other {
				wantPseudonym(t, l, "bob")
			}
			mustClose(t, l)
			r.verify(want)
		})
	}
}

// TestPseudonyms_Import checks that an introduction by a command of the past makes no later command late.
func TestPseudonyms_Import(t *testing.T) {
	r := newPseudonymous(t)
	l := r.open(newFolded(), r.store)
	for i, id := range []string{"e-1", "e-2"} {
		c := backfilled(failure(id, "anna"))
		c.Time = noon.Add(time.Duration(i-1000) * time.Hour)
		if v := do(t, l, c); v.Status != domain.Accepted || v.Late {
			t.Errorf("%s: got %s, want accepted and not late", id, formatted(v))
		}
	}
	mustClose(t, l)
	r.verify(3)
}

// TestPlainNames checks that a realm with plain names rejects names of the form of a pseudonym, and that
// its names are shown as they are.
func TestPlainNames(t *testing.T) {
	r := newRealm(t)
	l := r.open(newFolded(), r.store)
	pseudonym := "~" + strings.Repeat("a", 26)
	v := do(t, l, failure("e-1", pseudonym))
	if v.Status != domain.Refused || v.Reason != domain.InvalidCharacter {
		t.Errorf("login: got %s, want refused", formatted(v))
	}
	v = do(t, l, command("e-2", &domain.IdentityVerify{User: pseudonym, Agent: "olga", Channel: "phone"}))
	if v.Status != domain.Invalid || v.Reason != domain.InvalidCharacter {
		t.Errorf("verification of an identity: got %s, want invalid", formatted(v))
	}
	if got := string(l.Names().Show([]byte(pseudonym))); got != pseudonym {
		t.Errorf("shown: got %s, want the text itself", got)
	}
	mustClose(t, l)
	r.verify(1)
}
