//go:build faults

package faults

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"authledger/cmd/internal/node"
	"authledger/domain"
	"authledger/eventstore"
)

const (
	guessers      = 64
	guessersValid = 8 // fewer than the limit of open attempts
)

// TestFaultGuess guesses one user's password 64 times concurrently, on a real log. No
// more guesses reach the password check than the policy allows (LOGIN-2, LOCK-6).
func TestFaultGuess(t *testing.T) {
	if !raceDetector {
		announce("%s: the race detector: NOT RUN: build with CGO_ENABLED=1 and -race", t.Name())
	}
	faultChance(t) // prints the command to repeat the test; the scheduler alone is random
	begun, limit := time.Now(), int32(domain.IBKRSLS().Failures)
	must(t, withFaultNode(t.TempDir(), func(ctx context.Context, n *node.Node) error {
		for round := range *faultGuesses {
			user := fmt.Sprintf("guessed%d", round)
			reached, err := guess(ctx, n.Ledger, user)
			if err == nil && reached != limit {
				err = fmt.Errorf("got %d guesses on %s at the password check, want at most %d", reached, user, limit)
			}
			if err := errors.Join(err, wantLocked(ctx, n, user)); err != nil {
				return err
			}
		}
		return nil
	}))
	announce("guess: %d rounds of %d parallel guesses, %d reached the password check each time, %v",
		*faultGuesses, guessers, limit, time.Since(begun).Round(time.Second))
}

// guess starts all guesses at once, and repeats each until the user is locked out. It
// returns the number that reached the password check.
func guess(ctx context.Context, l *eventstore.Ledger, user string) (int32, error) {
	var reached atomic.Int32
	errs := make([]error, guessers)
	start := make(chan struct{})
	var all sync.WaitGroup
	for i := range guessers {
		all.Go(func() {
			<-start
			errs[i] = guessOn(ctx, l, user, i, &reached)
		})
	}
	close(start)
	all.Wait()
	return reached.Load(), errors.Join(errs...)
}

func guessOn(ctx context.Context, l *eventstore.Ledger, user string, guesser int,
	reached *atomic.Int32) error {
	for try := 0; ctx.Err() == nil; try++ {
		attempt := fmt.Sprintf("%s-%d-%d", user, guesser, try)
		v, err := l.Do(ctx,
			attemptCommand("begin", attempt, &domain.LoginBegin{User: user, Attempt: attempt, Platform: "tws"}))
		switch {
		case err != nil:
			return err
		case v.Status == domain.Accepted:
			reached.Add(1)
			if _, err := l.Do(ctx,
				attemptCommand("finish", attempt,
					&domain.LoginFinish{User: user, Attempt: attempt, Outcome: domain.Failed,
						Reason: "bad_credentials"})); err != nil {
				return err
			}
		case v.Reason == domain.LockedOut:
			return nil
		case v.Reason != domain.AttemptsInFlight:
			return fmt.Errorf("%s: got %s %s, want accepted or reason %s", attempt, v.Status, v.Reason,
				domain.AttemptsInFlight)
		}
	}
	return ctx.Err()
}

func attemptCommand(step, attempt string, data domain.CommandData) domain.Command {
	return domain.Command{Source: "gateway/guess", ID: step + "-" + attempt, Time: time.Now().UTC(),
		Caller: "fault", Data: data}
}

func wantLocked(ctx context.Context, n *node.Node, user string) error {
	answer, err := n.Queries.Lockout(ctx, user, time.Now(), nil)
	if err != nil || !answer.Locked {
		return fmt.Errorf("%s: got lockout %+v, want locked: %w", user, answer.Lockout, err)
	}
	right := &domain.LoginReport{User: user, Outcome: domain.Succeeded}
	v, err := n.Ledger.Do(ctx, attemptCommand("right", user, right))
	if err == nil && v.Reason != domain.LockedOut {
		err = fmt.Errorf("the right password of the locked user %s: got %s, want refused", user, v.Status)
	}
	return err
}

// TestFaultGuessNotices shows that TestFaultGuess can fail: a policy that allows one
// more guess makes one more guess reach the check.
func TestFaultGuessNotices(t *testing.T) {
	policy := *domain.IBKRSLS()
	policy.Version, policy.Failures = "one-more@1", policy.Failures+1
	must(t, withFaultNode(t.TempDir(), func(ctx context.Context, n *node.Node) error {
		if v, err := n.Ledger.Do(ctx,
			attemptCommand("adopt", "policy", &domain.PolicyAdopt{Policy: policy, By: "officer"})); err != nil ||
			v.Status != domain.Accepted {
			return fmt.Errorf("adopt a policy: got %s %s, want accepted: %w", v.Reason, v.Detail, err)
		}
		reached, err := guess(ctx, n.Ledger, "guessed")
		if err == nil && int64(reached) != policy.Failures {
			err = fmt.Errorf("got %d guesses at the password check, want %d", reached, policy.Failures)
		}
		return err
	}))
}

// TestFaultGuessValid checks that concurrent logins with the right password succeed while
// they are fewer than the limit. Beyond the limit each refusal must be necessary (LOCK-6).
func TestFaultGuessValid(t *testing.T) {
	faultChance(t)
	must(t, withFaultNode(t.TempDir(), func(ctx context.Context, n *node.Node) error {
		for round := range *faultGuesses / 10 {
			few, many := fmt.Sprintf("few%d", round), fmt.Sprintf("many%d", round)
			refused, err := logIn(ctx, n.Ledger, few, guessersValid)
			if err == nil && refused > 0 {
				err = fmt.Errorf("%d parallel logins of %s: got %d refused, want 0", guessersValid, few, refused)
			}
			_, errMany := logIn(ctx, n.Ledger, many, guessers)
			if err := errors.Join(err, errMany); err != nil {
				return err
			}
		}
		return refusalsDue(ctx, n.Ledger)
	}))
}

// logIn logs in concurrently, repeats refused attempts, and returns the number of
// refusals.
func logIn(ctx context.Context, l *eventstore.Ledger, user string, logins int) (int32, error) {
	var refused atomic.Int32
	errs := make([]error, logins)
	var all sync.WaitGroup
	for i := range logins {
		all.Go(func() { errs[i] = logInOnce(ctx, l, user, i, &refused) })
	}
	all.Wait()
	return refused.Load(), errors.Join(errs...)
}

func logInOnce(ctx context.Context, l *eventstore.Ledger, user string, who int, refused *atomic.Int32) error {
	for try := 0; ctx.Err() == nil; try++ {
		attempt := fmt.Sprintf("%s-%d-%d", user, who, try)
		v, err := l.Do(ctx,
			attemptCommand("begin", attempt, &domain.LoginBegin{User: user, Attempt: attempt, Platform: "tws"}))
		if err == nil && v.Status == domain.Refused && v.Reason == domain.AttemptsInFlight {
			refused.Add(1)
			continue
		}
		if err == nil && v.Status == domain.Accepted {
			v, err = l.Do(ctx,
				attemptCommand("finish", attempt,
					&domain.LoginFinish{User: user, Attempt: attempt, Outcome: domain.Succeeded}))
		}
		if err == nil && v.Status != domain.Accepted {
			err = fmt.Errorf("right password, attempt %s: got %s %s, want accepted", attempt, v.Status, v.Reason)
		}
		return err
	}
	return ctx.Err()
}

// refusalsDue checks in the log that each refusal for attempts in flight met the
// limit of the policy.
func refusalsDue(ctx context.Context, l *eventstore.Ledger) error {
	folded, limit := domain.NewFolded(domain.IBKRSLS()), int(domain.IBKRSLS().Failures)
	for r, err := range l.Records(ctx, 1, 0, false) {
		if err != nil {
			return err
		}
		name, ok := r.Entities[0].User()
		u, _ := folded.User(name)
		if ok && r.Reason == domain.AttemptsInFlight && len(u.Run.Failures)+len(u.Attempts) < limit {
			return fmt.Errorf("record %d refuses %s for attempts in flight: got %d failures and %d open attempts, "+
				"want %d in total", r.Seq, name, len(u.Run.Failures), len(u.Attempts), limit)
		}
		if _, err := folded.Take(r); err != nil {
			return err
		}
	}
	return nil
}
