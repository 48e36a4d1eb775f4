package eventstore_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"authledger/domain"
	"authledger/eventstore"
)

// short is a policy with short lockouts and reservations.
func short() *domain.Policy {
	p := domain.IBKRSLS()
	p.Version, p.Failures, p.DurationSeconds, p.AttemptTTLSeconds = "short@1", 1, 600, 60
	return p
}

func now(c domain.Command) domain.Command {
	c.Time = time.Now().UTC()
	return c
}

// timed runs a test in a bubble whose clock the ledger uses.
func timed(t *testing.T, test func(t *testing.T, r *realm)) {
	r := newRealm(t)
	synctest.Test(t, func(t *testing.T) {
		in := *r
		in.t, in.now = t, time.Now
		test(t, &in)
	})
}

// fired returns the records of the timer.
func fired(r *realm) (lines []string) {
	for _, line := range r.records() {
		if strings.Contains(line, `"source":"timer"`) {
			lines = append(lines, line)
		}
	}
	return lines
}

// TestTimers_FireAfterSkew checks that a deadline is recorded once, after the permitted
// skew, with the instant at which it was due.
func TestTimers_FireAfterSkew(t *testing.T) {
	timed(t, func(t *testing.T, r *realm) {
		l := r.open(newFolded(), r.store)
		defer mustClose(t, l)
		do(t, l, now(adopt("p", short())))
		locked := time.Now().UTC()
		do(t, l, now(failure("f", "alice")))
		do(t, l, now(failure("g", "bob")))
		due := locked.Add(600 * time.Second)
		skew := short().MaxClockSkew()
		time.Sleep(time.Until(due.Add(skew)) - time.Second)
		synctest.Wait()
		if got := fired(r); len(got) != 0 {
			t.Errorf("records of the timer before the deadline: got %q, want none", got)
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		got := fired(r)
		if len(got) != 2 ||
			!strings.Contains(got[0],
				`"events":[{"type":"lockout.expired","v":1,"at":"`+due.Format(time.RFC3339Nano)) {
			t.Errorf("records of the timer: got %q, want 2, the first with lockout.expired", got)
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		if again := fired(r); len(again) != 2 {
			t.Errorf("records of the timer an hour later: got %q, want the same 2", again)
		}
		r.verify(5)
	})
}

// TestTimers_OneRecordPerInstant checks that one record holds all deadlines of an entity
// at one instant, and that each instant has a separate record.
func TestTimers_OneRecordPerInstant(t *testing.T) {
	timed(t, func(t *testing.T, r *realm) {
		l := r.open(newFolded(), r.store)
		defer mustClose(t, l)
		begin := func(id string) {
			do(t, l, now(command(id, &domain.LoginBegin{User: "alice", Attempt: id, Platform: "tws"})))
		}
		begin("a")
		begin("b")
		time.Sleep(time.Second)
		begin("c")
		time.Sleep(time.Hour)
		synctest.Wait()
		var abandoned []int
		for _, line := range fired(r) {
			abandoned = append(abandoned, strings.Count(line, "login.abandoned"))
		}
		if fmt.Sprint(abandoned) != "[2 1]" {
			t.Errorf("records of %v events, want [2 1]", abandoned)
		}
		r.verify(5)
	})
}

// TestTimers_Backfill checks that no timer fires for an entity whose newest record is a
// backfill.
func TestTimers_Backfill(t *testing.T) {
	timed(t, func(t *testing.T, r *realm) {
		l := r.open(newFolded(), r.store)
		defer mustClose(t, l)
		do(t, l, now(adopt("p", short())))
		do(t, l, backfilled(now(failure("past", "alice"))))
		do(t, l, now(failure("live", "bob")))
		time.Sleep(time.Hour)
		synctest.Wait()
		got := fired(r)
		if len(got) != 1 || !strings.Contains(got[0], "user/bob") {
			t.Errorf("records of the timer: got %q, want 1 of user/bob", got)
		}
	})
}

// TestTimers_StaleDeadline checks that a deadline that a command has already recorded is
// not fired again.
func TestTimers_StaleDeadline(t *testing.T) {
	r := newRealm(t)
	state := &stale{folded: newFolded()}
	l := r.open(state, r.store)
	defer mustClose(t, l)
	do(t, l, adopt("p", short()))
	do(t, l, failure("f", "alice"))
	due, _ := state.folded.Due(noon.Add(time.Hour), 10)
	if len(due) != 1 {
		t.Fatalf("due deadlines: got %v, want 1", due)
	}
	state.due.Store(&due)
	do(t, l, command("i", &domain.IdentityVerify{User: "alice", Agent: "support.ann", Channel: "phone"}))
	do(t, l, command("r", &domain.LockoutRelease{User: "alice", Agent: "support.ann"}))
	if err := l.Fire(noon.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if got := fired(r); len(got) != 0 {
		t.Errorf("records of the timer: got %q, want none", got)
	}
	r.verify(4)
}

// stale is a State whose Due returns old deadlines.
type stale struct {
	*folded
	due atomic.Pointer[[]domain.Deadline]
}

func (s *stale) Due(time.Time, int) ([]domain.Deadline, error) {
	if due := s.due.Load(); due != nil {
		return *due, nil
	}
	return nil, nil
}

// TestTimers_ManyDeadlines checks that more than firingMax deadlines are fired in
// several rounds.
func TestTimers_ManyDeadlines(t *testing.T) {
	r := newRealm(t)
	store := newFaulty(r.store, nil)
	l := r.open(newFolded(), store)
	defer mustClose(t, l)
	do(t, l, adopt("p", short()))
	for _, name := range names(600) {
		submit(t, l, failure("f-"+name, name))
	}
	do(t, l, failure("last", "last"))
	if err := l.Fire(noon.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if got := len(fired(r)); got != 601 {
		t.Errorf("%d fired, want 601", got)
	}
}

// TestTimers_FullQueue checks that a full queue ends the round and not the ledger.
func TestTimers_FullQueue(t *testing.T) {
	r := newRealm(t)
	base := newFolded()
	l := r.open(base, r.store)
	do(t, l, adopt("p", short()))
	for _, name := range names(300) {
		submit(t, l, failure("f-"+name, name))
	}
	mustClose(t, l)
	last := base.Position().Stream

	store := newFaulty(r.store, nil)
	opened := make(chan struct{})
	store.hold = func(uint64) <-chan struct{} { return opened }
	l = r.open(base, store)
	defer mustClose(t, l)
	submit(t, l, failure("jam1", "jam"))
	closed(t, "the first commit is sent", store.sent(last+1))
	submit(t, l, failure("jam2", "jam"))
	closed(t, "the second commit is sent", store.sent(last+2))
	for i := range eventstore.QueueMax { // one of each caller, so that the queue is full for all callers
		submit(t, l, from(fmt.Sprint("caller", i), failure("q", "jam")))
	}
	done := make(chan error, 1)
	go func() { done <- l.Fire(noon.Add(time.Hour)) }()
	if err := closed(t, "the round ends", done); err != nil {
		t.Error(err)
	}
	close(opened)
}

// TestTimers_ClockJump checks that the timers are held after the wall clock was set,
// until the operator has restarted the node.
func TestTimers_ClockJump(t *testing.T) {
	for _, jump := range []time.Duration{24 * time.Hour, -6 * time.Minute, 4 * time.Minute} {
		t.Run(jump.String(), func(t *testing.T) {
			timed(t, func(t *testing.T, r *realm) {
				var off atomic.Int64
				r.now = func() time.Time { return time.Now().Add(time.Duration(off.Load())) }
				l := r.open(newFolded(), r.store)
				defer mustClose(t, l)
				do(t, l, now(adopt("p", short())))
				do(t, l, now(failure("f", "alice")))
				time.Sleep(3 * time.Second)
				off.Store(int64(jump))
				time.Sleep(24 * time.Minute)
				synctest.Wait()
				held := jump.Abs() > short().MaxClockSkew()
				if got := len(fired(r)) == 0; got != held {
					t.Errorf("held %v, want %v", got, held)
				}
				if problems := strings.Join(l.Health().Problems, "; "); strings.Contains(problems, "jumped") != held {
					t.Errorf("timers held %t: got problems %q, want a jump of the clock %[1]t", held, problems)
				}
			})
		})
	}
}
