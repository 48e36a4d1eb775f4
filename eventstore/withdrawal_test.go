package eventstore_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"authledger/domain"
	"authledger/eventstore"
)

// activate returns a command that activates a card with a limit of 200,000 USD a day.
func activate(id, user, device string) domain.Command {
	return command(id,
		&domain.DeviceActivate{User: user, Device: device, Class: domain.SecurityCodeCard, Method: "portal"})
}

// withdraw returns a request of an amount in USD from the account U1 with alice's card.
func withdraw(id, withdrawal, usd string) domain.Command {
	return command(id,
		&domain.WithdrawalRequest{Withdrawal: withdrawal, Account: "U1", User: "alice", Device: "card", Amount: usd,
			Currency: "USD"})
}

// wants fails the test unless the verdict has this reason; "" means accepted.
func wants(t *testing.T, what string, v domain.Verdict, reason domain.Reason) {
	t.Helper()
	if v.Reason != reason || (v.Status == domain.Accepted) != (reason == "") {
		t.Errorf("%s: %s, want %q", what, formatted(v), reason)
	}
}

// TestWithdrawal_EveryStage checks that a withdrawal is decided on all earlier ones: in
// flight, in the same commit, and on disk but not folded (WD-8).
func TestWithdrawal_EveryStage(t *testing.T) {
	r := newRealm(t)
	store, open := gate(r)
	folding := make(chan struct{})
	l := r.open(&staged{folded: newFolded(), folding: folding}, store)
	defer mustClose(t, l)
	tickets := []*eventstore.Ticket{submit(t, l, activate("a", "alice", "card"))}
	closed(t, "the activation is in flight", store.sent(1))
	tickets = append(tickets, submit(t, l, withdraw("1", "w1", "150000")))
	closed(t, "a withdrawal is in flight", store.sent(2))
	for i, usd := range []string{"50000.01", "30000", "20000.01", "20000"} {
		tickets = append(tickets, submit(t, l, withdraw(fmt.Sprint(i+2), fmt.Sprint("w", i+2), usd)))
	}
	open()
	closed(t, "the third commit is decided while nothing is folded", store.sent(3))
	close(folding)
	for i, reason := range []domain.Reason{"", "", domain.DailyLimit, "", domain.DailyLimit, ""} {
		wants(t, fmt.Sprint("command ", i), answer(t, tickets[i]), reason)
	}
	r.verify(6)
}

// TestOverlay_ItemsInOneCommit checks that codes and sharings of one commit are read
// from the overlay.
func TestOverlay_ItemsInOneCommit(t *testing.T) {
	r := newRealm(t)
	store, open := gate(r)
	l := r.open(newFolded(), store)
	defer mustClose(t, l)
	jam(t, l, store)
	plus := func(id, user string) domain.Command {
		return command(id,
			&domain.DeviceActivate{User: user, Device: "plus", Class: domain.DigitalSecurityCardPlus,
				Method: "portal"})
	}
	identity := func(id, user string) domain.Command {
		return command(id, &domain.IdentityRecord{User: user, Fingerprint: strings.Repeat("0123456789abcdef", 4)})
	}
	redeem := &domain.CodeRedeem{User: "alice", Code: "c1", Platform: "tws"}
	byBob := func(id string) domain.Command {
		c := withdraw(id, id, "1000000")
		request := *c.Data.(*domain.WithdrawalRequest)
		request.User, request.Device = "bob", "plus"
		c.Data = &request
		return c
	}
	steps := []struct {
		command domain.Command
		reason  domain.Reason
	}{
		{command("issue", &domain.CodeIssue{User: "alice", Code: "c1", Kind: domain.SMS}), ""},
		{command("redeem", redeem), ""},
		{command("redeem twice", redeem), domain.CodeIsUsed},
		{plus("plus", "alice"), ""},
		{plus("another's", "bob"), domain.UseSharing},
		{byBob("too early"), domain.DeviceNotActive},
		{identity("i1", "alice"), ""}, {identity("i2", "bob"), ""},
		{command("share", &domain.SharingRequest{Sharing: "s1", Requester: "bob", Owner: "alice", Device: "plus"}),
			""},
		{
			command("share twice",
				&domain.SharingRequest{Sharing: "s2", Requester: "bob", Owner: "alice", Device: "plus"}),
			domain.AlreadyShared},
		{byBob("shared"), ""},
		{command("lost", &domain.DeviceDeactivate{User: "alice", Device: "plus", Reason: domain.Lost}), ""},
		{byBob("too late"), domain.DeviceNotActive},
		{command("cancel", &domain.SharingCancel{Sharing: "s1", By: "bob"}), domain.NotShared},
	}
	var tickets []*eventstore.Ticket
	for _, step := range steps {
		tickets = append(tickets, submit(t, l, step.command))
	}
	open()
	for i, step := range steps {
		wants(t, step.command.ID, answer(t, tickets[i]), step.reason)
	}
	if commits := commitsOf(t, r); len(commits) != 3 || len(commits[2].Records) != len(steps) {
		t.Errorf("commits: got %d, want one", len(commits))
	}
	r.verify(2 + len(steps))
}

// TestWithdrawal_LostFence checks that a withdrawal in a commit that lost its fence does
// not count, and that it and its duplicate are decided again on the commit of the other
// writer (WD-8, A-16).
func TestWithdrawal_LostFence(t *testing.T) {
	r := newRealm(t)
	before := r.open(newFolded(), r.store.Join())
	do(t, before, activate("a", "alice", "card"))
	mustClose(t, before)
	slow, open := gate(r)
	a, b := r.open(newFolded(), slow), r.open(newFolded(), r.store.Join())
	defer mustClose(t, a)
	wants(t, "the command of the other writer", do(t, b, withdraw("b1", "wb", "150000")), "")
	mustClose(t, b)

	first := submit(t, a, withdraw("a1", "wa", "150000")) // approved on the state of a alone
	closed(t, "it is sent", slow.sent(2))
	again := submit(t, a, withdraw("a2", "wa", "150000"))
	same := submit(t, a, withdraw("a3", "wb", "150000"))
	open()
	v, w := answer(t, first), answer(t, again)
	wants(t, "the command that lost its fence", v, domain.DailyLimit)
	if w.Duplicate == v.Duplicate || w.Seq != v.Seq || w.Reason != v.Reason {
		t.Errorf("duplicate: got %s, want that of %s", formatted(w), formatted(v))
	}
	if x := answer(t, same); !x.Duplicate || x.Seq != 2 || x.ID != "a3" || x.Status != domain.Accepted {
		t.Errorf("request of the other writer: got %s, want the duplicate of record 2", formatted(x))
	}
	r.verify(3)
}

// TestWithdrawal_OrderOfChecks checks the order of the checks: the text alone, the
// command's id, the clock, the withdrawal's id.
func TestWithdrawal_OrderOfChecks(t *testing.T) {
	r := newRealm(t)
	l := r.open(newFolded(), r.store)
	defer mustClose(t, l)
	do(t, l, activate("a", "alice", "card"))
	do(t, l, withdraw("1", "w1", "100"))
	changed := func(c domain.Command, off time.Duration, user string) domain.Command {
		c.Time = c.Time.Add(off)
		c.Data.(*domain.WithdrawalRequest).User = user
		return c
	}
	for _, test := range []struct {
		given   string
		command domain.Command
		want    domain.Reason
	}{
		{"a bad name and a bad amount", changed(withdraw("1", "w1", "0"), time.Hour, "Alice"),
			domain.InvalidCharacter},
		{"a bad amount with a bad clock", changed(withdraw("n", "n", "1.001"), time.Hour, "alice"),
			domain.Amount},
		{"a bad amount with a taken id and a bad clock",
			changed(withdraw("1", "w1", "1.001"), time.Hour, "alice"), domain.Amount},
		{"a taken id with a bad clock", changed(withdraw("1", "w9", "100"), time.Hour, "alice"),
			domain.IDReused},
		{"a bad clock with a taken withdrawal", changed(withdraw("2", "w1", "7"), time.Hour, "alice"),
			domain.ClockSkew},
		{"a taken withdrawal", withdraw("2", "w1", "7"), domain.IDReused},
		{"the same withdrawal with a bad clock", changed(withdraw("2", "w1", "100"), time.Hour, "alice"),
			domain.ClockSkew},
	} {
		v := do(t, l, test.command)
		if v.Status != domain.Invalid || v.Reason != test.want {
			t.Errorf("%s: %s, want %s", test.given, formatted(v), test.want)
		}
	}
	r.verify(2)
}

// TestWithdrawal_PolicyWithOtherZone checks that a policy with another time zone
// recomputes the sums of an account, with the withdrawals in flight.
func TestWithdrawal_PolicyWithOtherZone(t *testing.T) {
	r := newRealm(t)
	store, open := gate(r)
	l := r.open(newFolded(), store)
	defer mustClose(t, l)
	tokyo := *domain.IBKRSLS()
	tokyo.Version, tokyo.Zone = "tokyo@1", "Asia/Tokyo"
	submit(t, l, activate("a", "alice", "card"))
	closed(t, "the activation is in flight", store.sent(1))
	submit(t, l, withdraw("1", "w1", "150000"))
	closed(t, "a withdrawal is in flight", store.sent(2))
	submit(t, l, withdraw("2", "w2", "30000"))
	submit(t, l, command("3", &domain.WithdrawalCancel{Withdrawal: "w2", Account: "U1", By: "alice"}))
	submit(t, l, withdraw("4", "w4", "7"))
	submit(t, l, adopt("p", &tokyo))
	denied, approved := submit(t, l, withdraw("5", "w5", "60000")), submit(t, l, withdraw("6", "w6", "49993"))
	open()
	v := answer(t, denied)
	wants(t, "beyond the limit in the new zone", v, domain.DailyLimit)
	wants(t, "up to the limit", answer(t, approved), "")
	want := []domain.DayUSD{{Day: "2026-03-02", USD: "150007.00"}}
	d, ok := v.Events[0].Data.(*domain.WithdrawalDenied)
	if !ok || d.Zone != "Asia/Tokyo" || fmt.Sprint(d.Restated) != fmt.Sprint(want) {
		t.Errorf("verdict: got %s, want the sums in Asia/Tokyo %v", formatted(v), want)
	}
	r.verify(8)
}

// TestWithdrawal_TooLarge checks that a record that is too large uses neither its id nor
// its amount.
func TestWithdrawal_TooLarge(t *testing.T) {
	r := newRealm(t)
	l := r.open(newFolded(), r.store)
	defer mustClose(t, l)
	do(t, l, activate("a", "alice", "card"))
	huge := withdraw("1", "w1", "200000")
	huge.Caller = strings.Repeat("x", eventstore.RecordBytesMax)
	if v := do(t, l, huge); v.Status != domain.Invalid || v.Reason != domain.TooLarge {
		t.Errorf("huge record: got %s, want %s", formatted(v), domain.TooLarge)
	}
	wants(t, "the same, not so large", do(t, l, withdraw("1", "w1", "200000")), "")
	r.verify(2)
}
