package sshd_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"authledger/adapters/importers/sshd"
	"authledger/domain"
)

// tester is implemented by *testing.T and *rapid.T.
type tester interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
	Errorf(string, ...any)
}

// folded is a ledger without a log. It holds the states, and the number of events of each
// type of each user.
type folded struct {
	*domain.Folded
	events map[string]map[string]int // by user, "" for unattributed attempts; by event type
}

// attemptSteps are the durations between two generated attempts.
var attemptSteps = []time.Duration{0, time.Second, 40 * time.Minute, 3 * time.Hour, 24 * time.Hour,
	-time.Minute, -time.Hour}

func newFolded() *folded {
	return &folded{domain.NewFolded(domain.IBKRSLS()), map[string]map[string]int{}}
}

func (f *folded) decide(t tester, c domain.Command) {
	t.Helper()
	c.Bucket = domain.SourceEntity(7)
	d, err := domain.Decide(f, &c)
	if err != nil || d.Status == domain.Invalid {
		t.Fatalf("decide %s %s: got %s %s, %v, want a recorded verdict", c.Source, c.ID, d.Reason, d.Detail, err)
	}
	record := &domain.Record{Entities: d.Entities, Command: c, Time: d.Time, Status: d.Status, Reason: d.Reason,
		Events: d.Events}
	if _, err := f.Take(record); err != nil {
		t.Fatalf("%s %s: %v", c.Source, c.ID, err)
	}
	about, _ := d.Entities[0].User()
	if f.events[about] == nil {
		f.events[about] = map[string]int{}
	}
	for _, e := range d.Events {
		f.events[about][e.Data.EventType()]++
	}
}

func (f *folded) count(eventType string) (n int) {
	for _, events := range f.events {
		n += events[eventType]
	}
	return n
}

// importLog imports a log as the ledger does: it adopts the policy before the first command.
func importLog(t tester, r *sshd.Reader) *folded {
	t.Helper()
	f := newFolded()
	each(t, r, func(line sshd.Line) {
		if len(line.Commands) > 0 && len(f.events) == 0 {
			f.decide(t, sshd.AdoptPOSIXHost(r.Source(), line.Commands[0].Time))
		}
		for _, c := range line.Commands {
			f.decide(t, c)
		}
	})
	return f
}

// agree compares the lockouts of each user, and the state at the end and some time
// later, with the naive count.
func agree(t tester, f *folded, want map[string]*naiveTally) {
	t.Helper()
	users := maps.Collect(f.Users())
	if len(users) != len(want) {
		t.Errorf("got %d users, want %d as in the naive count", len(users), len(want))
	}
	for name, tally := range want {
		got := f.events[name]
		if got["lockout.started"] != tally.lockouts || got["lockout.extended"] != tally.extensions ||
			got["login.refused"] != tally.refusals {
			t.Errorf("%s: got %v, want %d lockouts, %d extensions and %d refusals as in the naive count", name, got,
				tally.lockouts, tally.extensions, tally.refusals)
		}
		for _, later := range []time.Duration{0, time.Hour, 23 * time.Hour, 24*time.Hour - 1, 24 * time.Hour} {
			agreeAt(t, name, users[name].Lockout(f.Policy(), tally.clock.Add(later)), *tally, tally.clock.Add(later))
		}
	}
}

func agreeAt(t tester, name string, got domain.Lockout, want naiveTally, at time.Time) {
	t.Helper()
	want.expire(at)
	failures := min(want.within(at), 10)
	if got.Locked != !want.until.IsZero() || !got.Until.Equal(want.until) || got.Failures != failures {
		t.Errorf("%s at %s: got %+v, want until %s and %d failures as in the naive count", name, at, got,
			want.until, failures)
	}
}

// TestAgreesWithTheNaiveLoop checks that the import of random histories of a few users gives the same
// lockouts as naive, which counts without code of the ledger.
func TestAgreesWithTheNaiveLoop(t *testing.T) {
	locked := 0
	rapid.Check(t, func(t *rapid.T) {
		var log strings.Builder
		var attempts []naiveAttempt
		at := time.Date(2023, 12, 20, 0, 0, 0, 0, time.UTC)
		log.WriteString(at.Format(time.Stamp) + " h sshd[1]: Server listening on :: port 22.\n")
		for range rapid.IntRange(1, 120).Draw(t, "lines") {
			at = at.Add(rapid.SampledFrom(attemptSteps).Draw(t, "step"))
			a := naiveAttempt{user: rapid.SampledFrom([]string{"ann", "bob", "_cy.d"}).Draw(t, "user"), at: at,
				ok: rapid.IntRange(0, 7).Draw(t, "luck") == 0}
			times := rapid.SampledFrom([]int{1, 1, 1, 2, 9, 10, 11}).Draw(t, "times")
			log.WriteString(tell(a, times))
			for range times {
				attempts = append(attempts, a)
			}
		}
		r, err := sshd.New(strings.NewReader(log.String()), 2023, time.UTC)
		if err != nil {
			t.Fatal(err)
		}
		f := importLog(t, r)
		agree(t, f, naive(attempts))
		locked += f.count("lockout.started")
	})
	if !testing.Short() && locked == 0 {
		t.Error("histories with a lockout: got 0, want at least 1")
	}
}

func tell(a naiveAttempt, times int) string {
	outcome := "Failed"
	if a.ok {
		outcome = "Accepted"
	}
	message := outcome + " password for " + a.user + " from 192.0.2.1 port 22 ssh2"
	if times > 1 {
		message = fmt.Sprintf("message repeated %d times: [ %s]", times, message)
	}
	return a.at.Format(time.Stamp) + " h sshd[1]: " + message + "\n"
}
