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

// lender lends out states with spare room, and tells afterwards whether they
// came back as they were lent.
type lender struct {
	*ledger
	lent []func() bool
}

func (s *lender) User(name string) (User, error) {
	u, intact := roomy(s.users[name])
	s.lent = append(s.lent, intact)
	return u, nil
}

// Deciding is a function: the same history and command give the same decision,
// and neither deciding nor folding changes a state that somebody else holds.
func TestDecidingTwiceIsDecidingOnce(t *testing.T) {
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
					t.Fatalf("%s wrote behind a slice of the state that it was given", c.Data.CommandType())
				}
			}
		})
		again := newLedger(first)
		for _, m := range append(held, moment{len(l.records), l.users}) {
			for len(again.records) < m.records {
				again.fold(l.records[len(again.records)])
			}
			if diff := cmp.Diff(m.users, again.users); diff != "" {
				t.Fatalf("a state that was held has changed (-held +replayed)\n%s", diff)
			}
		}
	})
}

// What Decide saw while deciding is what the record folds to: the sequencer
// and a rebuild never differ.
func TestARecordFoldsToTheStateThatWasDecidedOn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		history(t, &traveller{back: true, adopt: true}, func(l *ledger, c Command) {
			d := deciding{policy: l.policy}
			d.states, d.before, d.command = l, l, &c
			if c.Misstated(l.policy) != nil || c.Data.decide(&d) != nil || d.Status == Invalid || d.Duplicate > 0 {
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
			if diff := cmp.Diff(want, *folded, cmpopts.EquateEmpty(), cmp.AllowUnexported(Policy{}), cmpopts.IgnoreFields(Policy{}, "compiled")); diff != "" {
				t.Fatalf("%s (-decided +folded)\n%s", c.Data.CommandType(), diff)
			}
		})
	})
}

// A record's invariants, and those of the states between records.
func TestInvariants(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		most := int64(0)
		l := history(t, &traveller{back: true, adopt: true}, func(l *ledger, _ Command) {
			most = max(most, l.policy.Failures)
			for name, u := range l.users {
				if len(u.Run.Failures) > int(most) || len(u.Attempts) > int(most) {
					t.Fatalf("%s keeps %d failures and %d reservations, at most %d may be (A-06, LOCK-6)",
						name, len(u.Run.Failures), len(u.Attempts), most)
				}
				if due, ok := u.Due(); ok && !due.After(u.Clock) {
					t.Fatalf("%s was due at %s, which the clock has passed", name, distance(due))
				}
			}
		})
		last := map[Entity]time.Time{}
		for _, r := range l.records {
			for _, e := range r.Events {
				if e.At.Before(last[r.Entities[0]]) || e.At.After(r.Time) {
					t.Fatalf("%s at %s of a record at %s, after %s (A-07)",
						e.Data.EventType(), distance(e.At), distance(r.Time), distance(last[r.Entities[0]]))
				}
				last[r.Entities[0]] = e.At
			}
			late := r.Command.Time.Before(r.Time)
			if r.Late != late || r.Time.Before(r.Command.Time) {
				t.Fatalf("late %v: command of %s, effective %s", r.Late, distance(r.Command.Time), distance(r.Time))
			}
			if own := r.Events[len(r.Events)-1]; r.Status == Refused && !own.At.Equal(r.Time) {
				t.Fatalf("a refusal at %s has no event of its own (A-15)", distance(r.Time))
			}
		}
	})
}

// Every begin that is let in leaves at most the limit in use; every one that is
// not for want of room is told the first instant at which it would be.
func TestLOCK6RetryAfterIsTheFirstInstantWithRoom(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		history(t, &traveller{back: true, adopt: true}, func(l *ledger, c Command) {
			try := c
			try.Data = &LoginBegin{User: "alice", Attempt: "x", Platform: "tws"}
			d, _ := Decide(l, &try)
			result := d.Result.(*LoginResult)
			if d.Status == Accepted {
				now := l.users["alice"].Lockout(l.policy, d.Time)
				if now.Failures+now.OpenAttempts+1 > int(l.policy.Failures) {
					t.Fatalf("let in beside %d failures and %d open attempts", now.Failures, now.OpenAttempts)
				}
			}
			if (d.Reason == AttemptsInFlight) == result.RetryAfter.IsZero() {
				t.Fatalf("%s with retryAfter %v", d.Reason, result.RetryAfter)
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
					t.Fatalf("told to retry at %s, but at %s it is %s", distance(result.RetryAfter), distance(at.time), d.Status)
				}
			}
		})
	})
}

// User.At is the timer's records folded, one for each instant.
func TestAtIsWhatTheTimerRecords(t *testing.T) {
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
					t.Fatalf("the timer of %s: %v", distance(due), d)
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

// Whether the timer ran, and when, never shows: not in an answer, and not in
// the order of an entity's events.
func TestTheTimerChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := small(t, "first")
		prompt, never := newLedger(p), newLedger(p)
		tr := &traveller{}
		both := func(c Command) {
			with, without := prompt.do(c), never.do(c)
			if with.Status != without.Status || with.Reason != without.Reason || with.Late != without.Late || !reflect.DeepEqual(with.Result, without.Result) {
				t.Fatalf("with the timer %q, without %q", told(&c, &with), told(&c, &without))
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
		both(*verify(tr.now)(prompt)) // carries what is still overdue
		if diff := cmp.Diff(never.events(UserEntity("alice")), prompt.events(UserEntity("alice"))); diff != "" {
			t.Fatalf("(-without +with the timer)\n%s", diff)
		}
	})
}
