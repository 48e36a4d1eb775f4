package eventstore_test

import (
	"flag"
	"fmt"
	"sync"
	"testing"

	"authledger/domain"
	"authledger/eventstore"
)

var guessRounds = flag.Int("guess-rounds", 20, "rounds of 64 parallel guesses")

// TestLimit_ParallelGuesses checks that of many concurrent guesses at most the number of
// failures that the policy permits reaches the password check (LOGIN-2, LOCK-6).
func TestLimit_ParallelGuesses(t *testing.T) {
	const guesses = 64
	limit := int(domain.IBKRSLS().Failures)
	for round := range *guessRounds {
		r := newRealm(t)
		l := r.open(newFolded(), r.store)
		var mu sync.Mutex
		checked, refused := 0, map[domain.Reason]int{}
		var all sync.WaitGroup
		for guess := range guesses {
			all.Go(func() {
				id := fmt.Sprintf("%d-%d", round, guess)
				begun := do(t, l, command("b"+id, &domain.LoginBegin{User: "alice", Attempt: id, Platform: "tws"}))
				mu.Lock()
				if begun.Status == domain.Accepted {
					checked++
				} else {
					refused[begun.Reason]++
				}
				mu.Unlock()
				if begun.Status == domain.Accepted {
					do(t, l, command("f"+id, &domain.LoginFinish{User: "alice", Attempt: id,
						Outcome: domain.Failed, Reason: "bad_credentials"}))
				}
			})
		}
		all.Wait()
		if checked != limit || refused[domain.AttemptsInFlight]+refused[domain.LockedOut] != guesses-limit {
			t.Errorf("round %d: got %d password checks and refusals %v, want %d and %d", round, checked, refused,
				limit, guesses-limit)
		}
		if v := do(t, l, success("right", "alice")); v.Reason != domain.LockedOut {
			t.Errorf("round %d, begin after %d failures: got %s, want locked_out", round, limit, formatted(v))
		}
		mustClose(t, l)
		r.verify(guesses + limit + 1)
	}
}

// TestLimit_ParallelLogins checks that concurrent valid logins are refused only if, with
// the recorded failures, they could reach the limit.
func TestLimit_ParallelLogins(t *testing.T) {
	limit := int(domain.IBKRSLS().Failures)
	for failures := range limit {
		r := newRealm(t)
		l := r.open(newFolded(), r.store)
		for i := range failures {
			do(t, l, failure(fmt.Sprint("f", i), "alice"))
		}
		remaining := limit - failures
		begins := make([]*eventstore.Ticket, remaining)
		for i := range begins {
			begins[i] = submit(t, l,
				command(fmt.Sprint("b", i), &domain.LoginBegin{User: "alice", Attempt: fmt.Sprint(i), Platform: "tws"}))
		}
		for i, ticket := range begins {
			if v := answer(t, ticket); v.Status != domain.Accepted {
				t.Errorf("%d failures, begin %d: got %s, want accepted", failures, i, formatted(v))
			}
		}
		one := command("one more", &domain.LoginBegin{User: "alice", Attempt: "one more", Platform: "tws"})
		v := do(t, l, one)
		if v.Reason != domain.AttemptsInFlight || v.Result.(*domain.LoginResult).RetryAfter.IsZero() {
			t.Errorf("%d failures, %d open: got %s, want attempts_in_flight with retryAfter", failures, remaining,
				formatted(v))
		}
		for i := range begins {
			success := &domain.LoginFinish{User: "alice", Attempt: fmt.Sprint(i), Outcome: domain.Succeeded}
			if v := do(t, l, command(fmt.Sprint("s", i), success)); v.Status != domain.Accepted {
				t.Errorf("%d failures, finish %d: got %s, want accepted", failures, i, formatted(v))
			}
		}
		mustClose(t, l)
	}
}
