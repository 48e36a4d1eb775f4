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

// short is a policy whose locks and reservations are over soon.
func short() *domain.Policy {
	p := domain.IBKRSLS()
	p.Version, p.Failures, p.DurationSeconds, p.AttemptTTLSeconds = "short@1", 1, 600, 60
	return p
}

func now(c domain.Command) domain.Command {
	c.Time = time.Now().UTC()
	return c
}

// timed runs in a bubble whose clock the ledger goes by.
func timed(t *testing.T, test func(t *testing.T, r *realm)) {
	r := newRealm(t)
	synctest.Test(t, func(t *testing.T) {
		in := *r
		in.t, in.now = t, time.Now
		test(t, &in)
	})
}

// fired are the timer's records.
func fired(r *realm) (lines []string) {
	for _, line := range r.records() {
		if strings.Contains(line, `"source":"timer"`) {
			lines = append(lines, line)
		}
	}
	return lines
}

// A deadline is recorded once the clock is past it by the permitted skew, once,
// stamped with the instant at which it was due.
func TestTimersFireAfterTheSkew(t *testing.T) {
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
			t.Errorf("fired before its time: %q", got)
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		got := fired(r)
		if len(got) != 2 || !strings.Contains(got[0], `"events":[{"type":"lockout.expired","v":1,"at":"`+due.Format(time.RFC3339Nano)) {
			t.Errorf("fired %q", got)
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		if again := fired(r); len(again) != 2 {
			t.Errorf("fired again: %q", again)
		}
		r.verify(5)
	})
}

// One record holds all that is due on an entity at one instant, and each instant
// has its own.
func TestOneRecordAnInstant(t *testing.T) {
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

// Whose newest record is a backfill lives in the past: timers keep off.
func TestTimersKeepOffBackfills(t *testing.T) {
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
			t.Errorf("fired %q", got)
		}
	})
}

// What a command carried ahead of itself is not fired any more.
func TestMootDeadlinesAreDropped(t *testing.T) {
	r := newRealm(t)
	state := &stale{folded: newFolded()}
	l := r.open(state, r.store)
	defer mustClose(t, l)
	do(t, l, adopt("p", short()))
	do(t, l, failure("f", "alice"))
	due, _ := state.folded.Due(noon.Add(time.Hour), 10)
	if len(due) != 1 {
		t.Fatalf("due are %v", due)
	}
	state.due.Store(&due)
	do(t, l, command("i", &domain.IdentityVerify{User: "alice", Agent: "support.ann", Channel: "phone"}))
	do(t, l, command("r", &domain.LockoutRelease{User: "alice", Agent: "support.ann"}))
	if err := l.Fire(noon.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if got := fired(r); len(got) != 0 {
		t.Errorf("fired %q", got)
	}
	r.verify(4)
}

// stale is a State whose deadlines lag behind.
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

// Many deadlines at once are fired in several goes, and a queue that is full
// ends the round and not the ledger.
func TestManyDeadlines(t *testing.T) {
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

func TestABusyLedgerFiresLater(t *testing.T) {
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
	for i := range eventstore.QueueMax {
		submit(t, l, failure(fmt.Sprint("q", i), "jam"))
	}
	done := make(chan error, 1)
	go func() { done <- l.Fire(noon.Add(time.Hour)) }()
	if err := closed(t, "the round ends", done); err != nil {
		t.Error(err)
	}
	close(opened)
}

// A wall clock that is set while the process runs may make anything due: timers
// are held until somebody has looked.
func TestAJumpingClockHoldsTheTimers(t *testing.T) {
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
					t.Errorf("problems: %q", problems)
				}
			})
		})
	}
}
