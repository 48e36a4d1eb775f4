package domain

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

// TestSharingsAgreeWithTheirUsers is SHARE-3 to SHARE-6: the item of a sharing agrees with the states of its
// two users, and the device is active for the requester while the sharing is approved.
func TestSharingsAgreeWithTheirUsers(t *testing.T) {
	people := rapid.SampledFrom([]party{theOwner, theRequester, theThird})
	devices := rapid.SampledFrom([]string{"g", "h", "i"})
	ended := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		l := newLedger(IBKRSLS())
		for _, u := range []party{theOwner, theRequester, theThird} {
			l.do(*u.is("one-and-the-same", 0)(l))
			for _, device := range []string{"g", "h"} {
				l.do(*u.has(u.name()+device, Gold, 0)(l))
			}
		}
		asked := []string{"none"}
		for i := range rapid.IntRange(1, 40).Draw(t, "commands") {
			u, other, id := people.Draw(t, "user"), people.Draw(t, "other"),
				rapid.SampledFrom(asked).Draw(t, "sharing")
			device := people.Draw(t, "whose").name() + devices.Draw(t, "device")
			var s step
			switch rapid.SampledFrom([]string{"ask", "ask", "ask", "review", "review", "cancel", "activate",
				"deactivate", "identity"}).Draw(t, "command") {
			case "ask":
				if u == other {
					continue
				}
				asked = append(asked, fmt.Sprint("s", i))
				s = send(0, &SharingRequest{Sharing: asked[len(asked)-1], Requester: u.name(), Owner: other.name(),
					Device: other.name() + devices.Draw(t, "of"), Review: rapid.Bool().Draw(t, "review")})
			case "review":
				s = send(0, &SharingReview{Sharing: id, Officer: rapid.SampledFrom([]string{"olga", "olga",
					"alice"}).Draw(t, "officer"), Decision: rapid.SampledFrom([]string{approve, approve, reject}).Draw(t,
					"decision")})
			case "cancel":
				s = u.ends(id, 0)
			case "activate":
				s = u.has(device, Gold, 0)
			case "deactivate":
				s = u.drops(device, rapid.SampledFrom([]string{Lost, ByUser, ByUser}).Draw(t, "reason"), 0)
			case "identity":
				s = u.is(rapid.SampledFrom([]string{"one-and-the-same", "one-and-the-same", "another"}).Draw(t,
					"fingerprint"), 0)
			}
			c := s(l)
			foldsAsDecided(t, l, *c)
			d := l.do(*c)
			ended[c.Data.CommandType()+" "+string(d.Status)]++
			sharingsAgree(t, l)
		}
	})
	for _, kind := range []string{"sharing.request accepted", "sharing.review accepted",
		"sharing.cancel accepted", "device.deactivate accepted", "sharing.request refused",
		"device.activate refused"} {
		if manyHistories() && ended[kind] == 0 {
			t.Errorf("histories with %s: got 0, want at least 1 (%v)", kind, ended)
		}
	}
}

// sharingsAgree compares every sharing with its two users, and every user with the sharings.
func sharingsAgree(t *rapid.T, l *ledger) {
	held := 0
	for key, item := range l.items {
		s, ok := item.(*Sharing)
		if !ok {
			continue
		}
		inForce := s.State == Pending || s.State == Approved
		for name, borrower := range map[string]bool{s.Requester: true, s.Owner: false} {
			u := l.users[name]
			i := slices.IndexFunc(u.Shares, func(share Share) bool { return share.ID == s.ID })
			if (i >= 0) != inForce {
				t.Fatalf("sharing %s in state %s: got %t for user %s, want %t", key.ID, s.State, i >= 0, name, inForce)
			}
			if i < 0 {
				continue
			}
			held++
			share := u.Shares[i]
			if share.State != s.State || share.Borrower != borrower || share.Device != s.Device ||
				!s.party(share.Other) || share.Other == name {
				t.Fatalf("sharing %s of user %s: got %+v, want the item %+v", key.ID, name, share, s)
			}
		}
		requester, owner := l.users[s.Requester], l.users[s.Owner]
		if _, active := requester.activeDevice(s.Device); s.State == Approved && !active {
			t.Fatalf("sharing %s, approved: got no active device %s of %s, want one", key.ID, s.Device, s.Requester)
		}
		if own, _ := owner.deviceOf(s.Device); inForce && own.State != Active && own.State != Dormant {
			t.Fatalf("sharing %s in state %s: got its device %q, want active or dormant", key.ID, s.State, own.State)
		}
	}
	for _, u := range l.users {
		held -= len(u.Shares)
	}
	if held != 0 {
		t.Fatalf("sharings of users without an item: got %d, want 0", -held)
	}
}

// foldsAsDecided compares the states after a decision with the states after folding its record.
func foldsAsDecided(t interface{ Fatalf(string, ...any) }, l *ledger, c Command) {
	d := deciding{policy: l.policy}
	d.states, d.before, d.command, d.seq = l, l, &c, uint64(len(l.records))+1
	if c.Validate(l.policy) != nil || c.Data.decide(&d) != nil || d.Status == Invalid || d.Duplicate > 0 {
		return
	}
	r := record(c, d.Decision, d.seq)
	if !r.Coherent() {
		t.Fatalf("record of %s: got events that the command can't cause, want only its own", c.Data.CommandType())
	}
	folded, err := new(Fold).Take(l, &r)
	if err != nil {
		t.Fatalf("%v", err)
	}
	want := d.Changes
	for i := range want.Users {
		want.Users[i].After.Clock, want.Users[i].After.Backfilled = d.Time, c.Backfill
	}
	want.Account.After.Clock = folded.Account.After.Clock
	if diff := cmp.Diff(want, *folded, cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("%s (-decided +folded)\n%s", c.Data.CommandType(), diff)
	}
}
