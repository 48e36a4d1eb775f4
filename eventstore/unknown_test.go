package eventstore_test

import (
	"fmt"
	"testing"

	"authledger/domain"
	"authledger/eventstore/memory"
)

// script is a history in which every command's verdict depends on those before
// it. One command is one commit.
func script() []domain.Command {
	begin := func(id string) domain.Command {
		return command(id, &domain.LoginBegin{User: "bob", Attempt: id, Platform: "tws", IP: "192.0.2.7"})
	}
	finish := func(id, attempt string) domain.Command {
		return command(id, &domain.LoginFinish{User: "bob", Attempt: attempt, Outcome: domain.Succeeded})
	}
	posix := domain.POSIXHost()
	posix.Failures = 3
	return []domain.Command{
		failure("f1", "alice"), begin("b1"), failure("f2", "alice"), adopt("p1", posix), failure("f3", "alice"),
		success("s1", "alice"), finish("e1", "b1"), finish("e2", "b1"), begin("b2"), failure("f4", "a_b"),
		command("u1", &domain.LoginReport{User: "x", Outcome: domain.Failed, Reason: domain.UnknownUser}),
		failure("f5", "A B"),
		command("i1", &domain.IdentityVerify{User: "alice", Agent: "support.ann", Channel: "phone"}),
		command("r1", &domain.LockoutRelease{User: "alice", Agent: "support.ann"}),
	}
}

// undisturbed is what the script comes to when nothing goes wrong.
func undisturbed(t *testing.T, r *realm) (verdicts, records []string) {
	t.Helper()
	l := r.open(newFolded(), r.store)
	for _, c := range script() {
		verdicts = append(verdicts, told(do(t, l, c)))
	}
	mustClose(t, l)
	return verdicts, r.records()
}

// An unknown outcome at any step of a history, of one commit or of the two in
// flight: nothing is lost, doubled or decided anew.
func TestUnknownOutcomes(t *testing.T) {
	r := newRealm(t)
	verdicts, records := undisturbed(t, r)
	if len(records) != len(script()) {
		t.Fatalf("%d records of %d commands", len(records), len(script()))
	}
	for meets := none; meets < troubleCount; meets++ {
		for step := range script() {
			for _, flying := range []string{"alone", "with one behind it", "behind another", "both in trouble"} {
				t.Run(fmt.Sprintf("%v/%d/%s", meets, step+1, flying), func(t *testing.T) {
					t.Parallel()
					disturbed(t, r, verdicts, records, meets, step, flying)
				})
			}
		}
	}
}

func disturbed(t *testing.T, of *realm, verdicts, records []string, meets trouble, step int, flying string) {
	r := *of
	r.t, r.store = t, memory.New()
	position := uint64(step) + 1
	troubles := map[uint64]trouble{position: meets}
	first := position // of the two in flight
	switch flying {
	case "alone":
		first = 0
	case "behind another":
		first = max(position-1, 1)
	case "both in trouble":
		troubles[position+1] = meets
	}
	store := newFaulty(r.store, troubles)
	store.hold = func(p uint64) <-chan struct{} {
		if p == first && first < uint64(len(script())) {
			return store.sentLocked(p + 1) // answered only when the one behind is on its way
		}
		return nil
	}
	l := r.open(newFolded(), store)
	defer mustClose(t, l)
	var tickets []func() domain.Verdict
	for i, c := range script() {
		ticket := submit(t, l, c)
		tickets = append(tickets, func() domain.Verdict { return answer(t, ticket) })
		if uint64(i)+1 == first {
			closed(t, "the first is sent", store.sent(first))
			continue // and the next goes behind it
		}
		tickets[i]()
	}
	for i, ticket := range tickets {
		if got := told(ticket()); got != verdicts[i] {
			t.Errorf("command %d\n got %s\nwant %s", i+1, got, verdicts[i])
		}
	}
	for i, c := range script() { // sent again, each is answered as before
		v := do(t, l, c)
		if !v.Duplicate || toldOnce(v) != verdicts[i] {
			t.Errorf("command %d again: %s", i+1, told(v))
		}
	}
	sameLines(t, r.records(), records)
	r.verify(len(records))
	if meets != none && store.troubled == 0 {
		t.Error("there was no trouble: the test proves nothing")
	}
}
