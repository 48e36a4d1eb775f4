package eventstore_test

import (
	"fmt"
	"strings"
	"testing"

	"authledger/domain"
	"authledger/eventstore"
)

// fingerprint is the SHA-256 of an identity.
var fingerprint = strings.Repeat("ab", 32)

// partyCommands are commands in which the rules compare an officer or a party with users. The ledger receives
// them at once, so that it prepares most of them before it has introduced a person.
func partyCommands() (all []domain.Command) {
	for i, data := range []domain.CommandData{
		&domain.DeviceActivate{User: "alice", Device: "d", Class: domain.Gold, Method: domain.Portal},
		&domain.IdentityRecord{User: "alice", Fingerprint: fingerprint},
		&domain.IdentityRecord{User: "bob", Fingerprint: fingerprint},
		&domain.SharingRequest{Sharing: "s-1", Requester: "bob", Owner: "alice", Device: "d", Review: true},
		&domain.SharingReview{Sharing: "s-1", Officer: "alice", Decision: "approve"},
		&domain.SharingReview{Sharing: "s-1", Officer: "bob", Decision: "approve"},
		&domain.SharingCancel{Sharing: "s-1", By: "carol"},
		&domain.SharingCancel{Sharing: "s-1", By: "bob"},
		&domain.CodeIssue{User: "alice", Code: "c", Kind: "sms", Agent: "bob"},
		&domain.CodeRevoke{User: "alice", Code: "c", By: "alice"},
		&domain.PersonHold{User: "bob", Case: "L", By: "alice"},
	} {
		all = append(all, command(fmt.Sprint("p-", i), data))
	}
	return all
}

// outcomes returns the verdicts on the commands, which the ledger receives at once.
func outcomes(t *testing.T, l *eventstore.Ledger) (all []string) {
	t.Helper()
	var tickets []*eventstore.Ticket
	for _, c := range partyCommands() {
		tickets = append(tickets, submit(t, l, c))
	}
	for _, ticket := range tickets {
		v := answer(t, ticket)
		all = append(all, fmt.Sprint(v.Status, " ", v.Reason))
	}
	return all
}

// TestPseudonyms_ChangeNoVerdict compares the verdicts of a realm with pseudonyms with those of a realm with
// plain names: an officer who is a party of a sharing may not review it (SHARE-3) in either of them.
func TestPseudonyms_ChangeNoVerdict(t *testing.T) {
	plain, hidden := newRealm(t), newPseudonymous(t)
	l := plain.open(newFolded(), plain.store)
	want := outcomes(t, l)
	mustClose(t, l)
	l = hidden.open(newFolded(), hidden.store)
	got := outcomes(t, l)
	for i, c := range partyCommands() {
		if got[i] != want[i] {
			t.Errorf("command %d, %s: got %s, want %s", i, c.Data.CommandType(), got[i], want[i])
		}
	}
	if want[4] != "refused officer_is_party" {
		t.Errorf("review by the owner: got %s, want the refusal of a party", want[4])
	}
	for _, name := range []string{"alice", "bob"} {
		wantPseudonym(t, l, name)
		if strings.Contains(hidden.logged(), name) {
			t.Errorf("log: got the name %s, want pseudonyms only", name)
		}
	}
	mustClose(t, l)
}
