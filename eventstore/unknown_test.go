package eventstore_test

import (
	"fmt"
	"testing"

	"authledger/domain"
	"authledger/eventstore/memory"
)

// script returns a history in which every verdict depends on the commands before. Each
// command is one commit.
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

// undisturbed returns the verdicts and records of the script without disturbances.
func undisturbed(t *testing.T, r *realm) (verdicts, records []string) {
	t.Helper()
	l := r.open(newFolded(), r.store)
	for _, c := range script() {
		verdicts = append(verdicts, formatted(do(t, l, c)))
	}
	mustClose(t, l)
	return verdicts, r.records()
}

// TestUnknownOutcome_EveryStep checks unknown outcomes at each step of a history, of one
// commit or of two commits in flight: no record is lost, doubled or decided again.
func TestUnknownOutcome_EveryStep(t *testing.T) {
	r := newRealm(t)
	verdicts, records := undisturbed(t, r)
	if len(records) != len(script()) {
		t.Fatalf("records of the script: got %d, want %d", len(records), len(script()))
	}
	for meets := none; meets < troubleCount; meets++ {
		for step := range script() {
			for _, inFlight := range []string{"alone", "first of two", "second of two", "both disturbed"} {
				t.Run(fmt.Sprintf("%v/%d/%s", meets, step+1, inFlight), func(t *testing.T) {
					t.Parallel()
					disturbed(t, r, verdicts, records, meets, step, inFlight)
				})
			}
		}
	}
}

func disturbed(t *testing.T, of *realm, verdicts, records []string, meets trouble, step int,
	inFlight string) {
	r := *of
	r.t, r.store = t, memory.New()
	position := uint64(step) + 1
	troubles := map[uint64]trouble{position: meets}
	first := position // the first of the two in flight
	switch inFlight {
	case "alone":
		first = 0
	case "second of two":
		first = max(position-1, 1)
	case "both disturbed":
		troubles[position+1] = meets
	}
	store := newFaulty(r.store, troubles)
	store.hold = func(p uint64) <-chan struct{} {
		if p == first && first < uint64(len(script())) {
			return store.sentLocked(p + 1) // released when the second is sent
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
			continue // the next command is sent after it
		}
		tickets[i]()
	}
	for i, ticket := range tickets {
		if got := formatted(ticket()); got != verdicts[i] {
			t.Errorf("command %d\n got %s\nwant %s", i+1, got, verdicts[i])
		}
	}
	for i, c := range script() { // each duplicate has the first verdict
		v := do(t, l, c)
		if !v.Duplicate || formattedFirst(v) != verdicts[i] {
			t.Errorf("duplicate of command %d: got %s, want %s", i+1, formatted(v), verdicts[i])
		}
	}
	sameLines(t, r.records(), records)
	r.verify(len(records))
	if meets != none && store.troubled == 0 {
		t.Error("disturbed appends: got 0, want at least 1")
	}
}
