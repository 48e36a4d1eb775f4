package eventstore_test

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"authledger/domain"
)

// TestWatermark_StoredCommands checks that a command of an intake is decided like a live
// command: deadlines wait for the watermark, and the skew of its clock is measured from
// the instant of storing. Without a watermark the reservation lapses first (A-03,
// LOCK-6).
func TestWatermark_StoredCommands(t *testing.T) {
	for _, kept := range []bool{true, false} {
		timed(t, func(t *testing.T, r *realm) {
			o := r.options(newFolded(), r.store)
			until, reached := time.Now(), atomic.Bool{}
			if kept {
				o.Watermark = func(now time.Time) time.Time {
					if reached.Load() {
						return now
					}
					return until
				}
			}
			l := mustOpen(t, o)
			defer mustClose(t, l)
			do(t, l, now(adopt("p", short())))
			do(t, l, now(command("b", &domain.LoginBegin{User: "alice", Attempt: "a", Platform: "tws"})))
			finish := now(command("f", &domain.LoginFinish{User: "alice", Attempt: "a", Outcome: domain.Succeeded}))
			finish.Time = finish.Time.Add(30 * time.Second)
			time.Sleep(time.Hour)
			synctest.Wait()
			if lapsed := len(fired(r)) > 0; lapsed == kept {
				t.Fatalf("watermark %t: got lapsed %t, want %t", kept, lapsed, !kept)
			}
			ticket, err := l.PrepareStored(finish, finish.Time.Add(time.Second))
			if err == nil {
				err = l.Enqueue(t.Context(), ticket)
			}
			if err != nil {
				t.Fatal(err)
			}
			if v := answer(t, ticket); v.Late == kept || (v.Status == domain.Accepted) != kept {
				t.Errorf("watermark %t, stored finish: got %+v, want accepted %[1]t", kept, v)
			}
			if v := do(t, l, finish); v.Status != domain.Accepted && !v.Duplicate {
				t.Errorf("duplicate: got %+v, want accepted or a duplicate", v)
			}
			other := finish
			other.ID, other.Data = "g", &domain.LoginReport{User: "bob", Outcome: domain.Succeeded}
			if v := do(t, l, other); v.Reason != domain.ClockSkew {
				t.Errorf("command that was not stored: got %+v, want %s", v, domain.ClockSkew)
			}
			reached.Store(true)
			time.Sleep(time.Hour)
			synctest.Wait()
			if lapsed := len(fired(r)) > 0; lapsed == kept {
				t.Errorf("watermark %t, after the deadline: got lapsed %t, want %t", kept, lapsed, !kept)
			}
		})
	}
}

// TestPrepareStored_FutureInstant checks that an intake with a fast clock cannot move
// the clock of a user into the future: the skew is measured from the ledger's own clock
// at the latest.
func TestPrepareStored_FutureInstant(t *testing.T) {
	timed(t, func(t *testing.T, r *realm) {
		l := mustOpen(t, r.options(newFolded(), r.store))
		defer mustClose(t, l)
		for ahead, want := range map[time.Duration]domain.Reason{time.Minute: "", time.Hour: domain.ClockSkew} {
			c := now(command("c"+ahead.String(), &domain.LoginReport{User: "alice", Outcome: domain.Succeeded}))
			c.Time = c.Time.Add(ahead)
			ticket, err := l.PrepareStored(c, c.Time)
			if err == nil {
				err = l.Enqueue(t.Context(), ticket)
			}
			if err != nil {
				t.Fatal(err)
			}
			if v := answer(t, ticket); v.Reason != want {
				t.Errorf("stored %v ahead: got %+v, want reason %q", ahead, v, want)
			}
		}
	})
}
