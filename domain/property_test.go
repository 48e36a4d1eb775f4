package domain

import (
	"maps"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

// lender is a ledger that returns states with spare capacity in their slices. It reports later whether
// a caller wrote to that capacity.
type lender struct {
	*ledger
	lent []func() bool
}

func (s *lender) User(name string) (User, error) {
	u, intact := withSpareCapacity(s.users[name])
	s.lent = append(s.lent, intact)
	return u, nil
}

// TestDecide_IsDeterministic: the same history and command give the same decision, and neither Decide
// nor Fold changes a state that another part of the program holds.
func TestDecide_IsDeterministic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		type moment struct {
			records int
			users   map[string]User
		}
		var held []moment
		first := IBKRSLS()
		l := history(t, &traveller{back: true, adopt: true}, func(l *ledger, c Command) {
			if len(held) == 0 {
				first = l.policy
			}
			held = append(held, moment{len(l.records), maps.Clone(l.users)})
			states := &lender{ledger: l}
			once, _ := Decide(states, &c)
			twice, _ := Decide(states, &c)
			if diff := cmp.Diff(once, twice); diff != "" {
				t.Fatalf("(-once +twice)\n%s", diff)
			}
			r := record(c, once, 0)
			if once.Status != Invalid {
				_, _ = new(Fold).Take(states, &r)
			}
			for _, intact := range states.lent {
				if !intact() {
					t.Fatalf("%s: got a write into the spare capacity of a slice of a state, want none",
						c.Data.CommandType())
				}
			}
		})
		again := newLedger(first)
		for _, m := range append(held, moment{len(l.records), l.users}) {
			for len(again.records) < m.records {
				again.fold(l.records[len(again.records)])
			}
			if diff := cmp.Diff(m.users, again.users); diff != "" {
				t.Fatalf("a shared state changed (-before +after)\n%s", diff)
			}
		}
	})
}

// The states inside a decision are equal to the states after folding its record, so the sequencer and a
// rebuild never differ.
func TestFold_AgreesWithDecide(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		history(t, &traveller{back: true, adopt: true}, func(l *ledger, c Command) {
			d := deciding{policy: l.policy}
			d.states, d.before, d.command = l, l, &c
			if c.Validate(l.policy) != nil || c.Data.decide(&d) != nil || d.Status == Invalid || d.Duplicate > 0 {
				return
			}
			r := record(c, d.Decision, 0)
			folded, err := new(Fold).Take(l, &r)
			if err != nil {
				t.Fatal(err)
			}
			want := d.Changes
			for i := range want.Users {
				want.Users[i].After.Clock, want.Users[i].After.Backfilled = d.Time, c.Backfill
			}
			if want.Account.ID != "" {
				want.Account.After.Clock = d.Time
			}
			if diff := cmp.Diff(want, *folded, cmpopts.EquateEmpty(), cmp.AllowUnexported(Policy{}),
				cmpopts.IgnoreFields(Policy{}, "compiled")); diff != "" {
				t.Fatalf("%s (-decided +folded)\n%s", c.Data.CommandType(), diff)
			}
		})
	})
}

// TestInvariants checks each record, and the states between records.
func TestInvariants(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		most := int64(0)
		l := history(t, &traveller{back: true, adopt: true}, func(l *ledger, _ Command) {
			most = max(most, l.policy.Failures)
			for name, u := range l.users {
				if len(u.Run.Failures) > int(most) || len(u.Attempts) > int(most) {
					t.Fatalf("user %s: got %d failures and %d reservations, want at most %d (A-06, LOCK-6)",
						name, len(u.Run.Failures), len(u.Attempts), most)
				}
				if due, ok := u.Due(); ok && !due.After(u.Clock) {
					t.Fatalf("deadline of %s: got %s, want one after the clock", name, distance(due))
				}
			}
		})
		last := map[Entity]time.Time{}
		for _, r := range l.records {
			for _, e := range r.Events {
				if e.At.Before(last[r.Entities[0]]) || e.At.After(r.Time) {
					t.Fatalf("%s: got %s in a record at %s, want it from %s to the record (A-07)", e.Data.EventType(),
						distance(e.At), distance(r.Time), distance(last[r.Entities[0]]))
				}
				last[r.Entities[0]] = e.At
			}
			at := r.Command.Time
			if !r.Command.Arrived.IsZero() {
				at = r.Command.Arrived
			}
			late := at.Before(r.Time)
			if r.Late != late || r.Time.Before(at) {
				t.Fatalf("command at %s: got late %t at the effective time %s, want %t", distance(at), r.Late,
					distance(r.Time), late)
			}
			if own := r.Events[len(r.Events)-1]; r.Status == Refused && !own.At.Equal(r.Time) {
				t.Fatalf("refusal at %s: got no event of its own, want one (A-15)", distance(r.Time))
			}
		}
	})
}

// After an accepted begin, at most the limit is in use. A begin that is refused as attempts_in_flight
// returns the first instant at which it would be accepted.
func TestRetryAfter_IsFirstAdmittedInstant(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		history(t, &traveller{back: true, adopt: true}, func(l *ledger, c Command) {
			try := c
			try.Data, try.Arrived = &LoginBegin{User: "alice", Attempt: "x", Platform: "tws"}, time.Time{}
			d, _ := Decide(l, &try)
			result := d.Result.(*LoginResult)
			if d.Status == Accepted {
				now := l.users["alice"].Lockout(l.policy, d.Time)
				if now.Failures+now.OpenAttempts+1 > int(l.policy.Failures) {
					t.Fatalf("accepted login.begin: got %d failures and %d open attempts, want together less than %d",
						now.Failures, now.OpenAttempts, l.policy.Failures)
				}
			}
			if (d.Reason == AttemptsInFlight) == result.RetryAfter.IsZero() {
				t.Fatalf("reason %q: got retryAfter %v, want one if and only if the reason is attempts_in_flight",
					d.Reason, result.RetryAfter)
			}
			if d.Reason != AttemptsInFlight {
				return
			}
			for _, at := range []struct {
				time   time.Time
				status Status
			}{{result.RetryAfter.Add(-1), Refused}, {result.RetryAfter, Accepted}} {
				try.Time = at.time
				if d, _ := Decide(l, &try); d.Status != at.status {
					t.Fatalf("retryAfter %s: got %s for a login.begin at %s, want %s", distance(result.RetryAfter), d.Status,
						distance(at.time), at.status)
				}
			}
		})
	})
}

// User.At returns the state after folding the records of the timer, one for each instant.
func TestUserAt_AgreesWithTimer(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := history(t, &traveller{back: true, adopt: true}, nil)
		ahead := time.Duration(rapid.IntRange(0, 10).Draw(t, "ahead")) * second
		for name := range l.users {
			l.do(Command{Time: l.users[name].Clock, Data: &IdentityVerify{User: name}}) // ends a backfill
			then := l.users[name].Clock.Add(ahead)
			want := l.users[name].At(then)
			for {
				u := l.users[name]
				due, ok := u.Due()
				if !ok || due.After(then) {
					break
				}
				if d := l.do(NewTimerFire(UserEntity(name), due)); d.Status != Accepted || !d.Time.Equal(due) || d.Late {
					t.Fatalf("timer at %s: got %v, want accepted at that time", distance(due), d)
				}
			}
			got := l.users[name]
			got.Clock = want.Clock
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("(-At +timers)\n%s", diff)
			}
		}
	})
}

// Answers and the order of the events of an entity do not depend on the timer.
func TestTimer_DoesNotChangeAnswers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := small(t, "first")
		prompt, never := newLedger(p), newLedger(p)
		tr := &traveller{}
		both := func(c Command) {
			with, without := prompt.do(c), never.do(c)
			if with.Status != without.Status || with.Reason != without.Reason || with.Late != without.Late ||
				!reflect.DeepEqual(with.Result, without.Result) {
				t.Fatalf("answer with the timer: got %q, want %q as without", formatted(&c, &with),
					formatted(&c, &without))
			}
		}
		for range rapid.IntRange(0, 60).Draw(t, "commands") {
			c := tr.draw(t, prompt)
			c.Backfill = false
			if c.Source == TimerSource {
				continue
			}
			for due, ok := tr.due(prompt); ok && rapid.Bool().Draw(t, "the timer runs"); due, ok = tr.due(prompt) {
				prompt.do(NewTimerFire(UserEntity("alice"), due))
			}
			both(c)
		}
		both(*verify(tr.now)(prompt)) // records the remaining overdue events
		if diff := cmp.Diff(never.events(UserEntity("alice")), prompt.events(UserEntity("alice"))); diff != "" {
			t.Fatalf("(-without +with the timer)\n%s", diff)
		}
	})
}
