package loadgen_test

import (
	"iter"
	"maps"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"authledger/cmd/internal/loadgen"
	"authledger/domain"
)

func TestLogins(t *testing.T) {
	const commands, users = 60_000, 500
	p := newSimulation()
	failed, n := 0, 0
	previous := end.Add(-1)
	for c := range loadgen.Logins(1, users, end) {
		p.apply(t, c)
		if !c.Time.After(previous) {
			t.Fatalf("got the time %s after %s, want increasing times", c.Time, previous)
		}
		previous = c.Time
		if c.Data.(*domain.LoginReport).Outcome == domain.Failed {
			failed++
		}
		if n++; n == commands {
			break
		}
	}
	if share := 1000 * failed / commands; share < 70 || share > 90 {
		t.Errorf("failed logins: got %d of 1000, want about 80", share)
	}
	if got := p.locked(previous); got < 1 || got > users/50 {
		t.Errorf("locked users: got %d of %d, want 1 to %d", got, users, users/50)
	}
	if n := len(maps.Collect(p.Users())); n != users || p.repeated > 0 {
		t.Errorf("got %d users and %d repeated commands, want %d and 0", n, p.repeated, users)
	}
}

// Equal seeds give equal commands.
func TestTrafficIsDeterministic(t *testing.T) {
	for name, traffic := range map[string]func() iter.Seq[domain.Command]{
		"logins": func() iter.Seq[domain.Command] { return loadgen.Logins(5, 100, end) },
		"mixed":  func() iter.Seq[domain.Command] { return loadgen.Mixed(5, 100, end) },
	} {
		first, second := firstCommands(traffic(), 5000), firstCommands(traffic(), 5000)
		if diff := cmp.Diff(first, second); diff != "" {
			t.Errorf("%s: second sequence (-first +second):\n%s", name, diff)
		}
	}
}

// firstCommands returns a text of each of the first n commands.
func firstCommands(traffic iter.Seq[domain.Command], n int) (texts []string) {
	for c := range traffic {
		texts = append(texts, c.Source+c.ID+c.Time.String()+members(c.Data))
		if len(texts) == n {
			break
		}
	}
	return texts
}

func TestLoginsOfNoUsersHasOneUser(t *testing.T) {
	for c := range loadgen.Logins(1, 0, time.Unix(0, 0)) {
		if c.User() == "" {
			t.Errorf("user of the command: got %q, want a name", c.User())
		}
		return
	}
}

func BenchmarkLogins(b *testing.B) {
	n := 0
	b.ReportAllocs()
	b.ResetTimer()
	for range loadgen.Logins(1, 100_000, end) {
		if n++; n >= b.N {
			break
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "commands/s")
}
