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

// However many guess at once, no more reach the password check than the policy
// lets fail (LOGIN-2, LOCK-6).
func TestParallelGuesses(t *testing.T) {
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
					do(t, l, command("f"+id, &domain.LoginFinish{User: "alice", Attempt: id, Outcome: domain.Failed, Reason: "bad_credentials"}))
				}
			})
		}
		all.Wait()
		if checked != limit || refused[domain.AttemptsInFlight]+refused[domain.LockedOut] != guesses-limit {
			t.Errorf("round %d: %d passwords were checked, refused were %v", round, checked, refused)
		}
		if v := do(t, l, success("right", "alice")); v.Reason != domain.LockedOut {
			t.Errorf("round %d: after %d failures: %s", round, limit, told(v))
		}
		mustClose(t, l)
		r.verify(guesses + limit + 1)
	}
}

// Valid logins at once are refused only when, with the failures, they could
// reach the limit if all went wrong.
func TestParallelLogins(t *testing.T) {
	limit := int(domain.IBKRSLS().Failures)
	for failures := range limit {
		r := newRealm(t)
		l := r.open(newFolded(), r.store)
		for i := range failures {
			do(t, l, failure(fmt.Sprint("f", i), "alice"))
		}
		room := limit - failures
		begins := make([]*eventstore.Ticket, room)
		for i := range begins {
			begins[i] = submit(t, l, command(fmt.Sprint("b", i), &domain.LoginBegin{User: "alice", Attempt: fmt.Sprint(i), Platform: "tws"}))
		}
		for i, ticket := range begins {
			if v := answer(t, ticket); v.Status != domain.Accepted {
				t.Errorf("%d failures, begin %d: %s", failures, i, told(v))
			}
		}
		one := command("one more", &domain.LoginBegin{User: "alice", Attempt: "one more", Platform: "tws"})
		if v := do(t, l, one); v.Reason != domain.AttemptsInFlight || v.Result.(*domain.LoginResult).RetryAfter.IsZero() {
			t.Errorf("%d failures and %d open: %s", failures, room, told(v))
		}
		for i := range begins {
			if v := do(t, l, command(fmt.Sprint("s", i), &domain.LoginFinish{User: "alice", Attempt: fmt.Sprint(i), Outcome: domain.Succeeded})); v.Status != domain.Accepted {
				t.Errorf("%d failures, finish %d: %s", failures, i, told(v))
			}
		}
		mustClose(t, l)
	}
}
