package loadgen_test

import (
	"iter"
	"maps"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"authledger/cmd/internal/loadgen"
	"authledger/domain"
)

var end = time.Date(2026, 3, 3, 15, 4, 5, 0, time.UTC)

// formatted returns a command as text without its date: the time is relative to end, and
// the id has no prefix.
func formatted(c domain.Command, end time.Time) string {
	parts := strings.Split(c.ID, ".")
	data := members(c.Data)
	if i := strings.Index(data, "attempt="); i >= 0 {
		line, rest, _ := strings.Cut(data[i:], "\n")
		data = data[:i] + "attempt " + line[strings.LastIndex(line, "."):] + rest
	}
	return c.Source + " " + c.Caller + " " + parts[len(parts)-1] + " " + c.Data.CommandType() + " " +
		end.Sub(c.Time).String() + "\n" + data
}

func formattedDay(seed uint64, end time.Time, users int) (all []string) {
	for c := range loadgen.Day(seed, end, users) {
		all = append(all, formatted(c, end))
	}
	return all
}

func TestDayIsDeterministic(t *testing.T) {
	first := formattedDay(1, end, 300)
	for _, other := range []time.Time{end, end.AddDate(0, 0, 1), end.AddDate(0, -1, 0), end.AddDate(7, 0, 0)} {
		if !slices.Equal(first, formattedDay(1, other, 300)) {
			t.Errorf("day that ends at %s: got other commands than for the day that ends at %s, want the same", other,
				end)
		}
	}
	if slices.Equal(first, formattedDay(2, end, 300)) {
		t.Error("seeds 1 and 2: got the same day, want different days")
	}
}

func TestDayIteratesTwice(t *testing.T) {
	day := loadgen.Day(1, end, 50)
	if a, b := ids(day), ids(day); !slices.Equal(a, b) {
		t.Errorf("second iteration: got ids\n%v, want those of the first\n%v", b, a)
	}
}

func ids(day iter.Seq[domain.Command]) (all []string) {
	for c := range day {
		all = append(all, c.ID)
	}
	return all
}

func TestDaysHaveDifferentIDs(t *testing.T) {
	seen := map[string]bool{}
	for _, day := range []iter.Seq[domain.Command]{
		loadgen.Day(1, end, 50), loadgen.Day(2, end, 50), loadgen.Day(1, end.AddDate(0, 0, 1), 50),
	} {
		mine := map[string]bool{}
		for _, id := range ids(day) {
			mine[id] = true
		}
		for id := range mine {
			if seen[id] {
				t.Fatalf("id %s: got it in two days, want one", id)
			}
		}
		maps.Copy(seen, mine)
	}
}

func TestDayIsInOrder(t *testing.T) {
	for _, users := range []int{-1, 0, 1, 7, 1000} {
		newest, late, n := time.Time{}, 0, 0
		for c := range loadgen.Day(3, end, users) {
			n++
			if c.Time.Before(end.AddDate(0, 0, -1)) || !c.Time.Before(end) || c.Time.Location() != time.UTC ||
				!c.Backfill {
				t.Fatalf("%d users: got %s %s of %s, want a backfill of the day before %s", users, c.ID,
					c.Data.CommandType(), c.Time, end)
			}
			if c.Time.Before(newest) {
				late++
			}
			if newest.Sub(c.Time) > loadgen.MaxLateness {
				t.Errorf("%d users: %s: got late by %s, want at most %s", users, c.ID, newest.Sub(c.Time),
					loadgen.MaxLateness)
			}
			newest = later(newest, c.Time)
		}
		if late == 0 || late > 3 {
			t.Errorf("%d users: got %d of %d commands out of order, want 1 to 3", users, late, n)
		}
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// TestDayScenarios checks that the results of the scenarios depend neither on the load nor on the time
// of day.
func TestDayScenarios(t *testing.T) {
	for hour := range 24 {
		for seed, users := range []int{0, 20, 400} {
			end := end.Add(time.Duration(hour) * time.Hour)
			p := newSimulation()
			for c := range loadgen.Day(uint64(seed), end, users) {
				p.apply(t, c)
			}
			checkScenarios(t, p, end)
		}
	}
}

func checkScenarios(t *testing.T, p *simulation, end time.Time) {
	t.Helper()
	if got := p.locked(end); got != 5 {
		t.Errorf("got %d locked users at the end, want 5", got)
	}
	if p.late < 1 || p.repeated != 1 {
		t.Errorf("got %d late and %d repeated commands, want at least 1 and exactly 1", p.late, p.repeated)
	}
	for _, answer := range []string{
		"lockout.release refused identity_not_verified", "lockout.release refused not_locked",
		"lockout.release accepted ",
		"identity.verify accepted ", "login.begin refused locked_out", "login.report refused locked_out",
		"login.begin refused attempts_in_flight", "login.finish refused attempt_expired",
		"login.report refused invalid_character", "login.begin refused invalid_character",
	} {
		if p.answers[answer] == 0 {
			t.Errorf("verdict %q: got none, want at least 1", answer)
		}
	}
	for event, want := range map[string]int{"lockout.started": 6, "lockout.released": 1, "lockout.extended": 1} {
		if p.events[event] != want {
			t.Errorf("%s: got %d, want %d", event, p.events[event], want)
		}
	}
	for _, event := range []string{"login.abandoned", "login.unattributed", "login.succeeded"} {
		if p.events[event] == 0 {
			t.Errorf("event %s: got none, want at least 1", event)
		}
	}
}

func TestDayLoad(t *testing.T) {
	const users = 4000
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	byHour, mobileByHour, reasons := map[int]int{}, map[int]int{}, map[string]int{}
	seen := map[string]bool{}
	p := newSimulation()
	for c := range loadgen.Day(1, end, users) {
		p.apply(t, c)
		hour := c.Time.In(zone).Hour()
		byHour[hour]++
		if c.Source == "gateway/mobile" {
			mobileByHour[hour]++
		}
		switch data := c.Data.(type) {
		case *domain.LoginReport:
			reasons[data.Reason]++
		case *domain.LoginFinish:
			reasons[data.Reason]++
		}
		seen[c.User()] = true
	}
	if open, noon := byHour[9], byHour[12]; open < 2*noon {
		t.Errorf("got %d commands in the hour of the opening and %d at noon, want at least twice as many",
			open, noon)
	}
	if share := 100 * mobileByHour[20] / byHour[20]; share < 40 {
		t.Errorf("mobile logins in the evening: got %d %%, want at least 40", share)
	}
	for _, reason := range []string{"bad_credentials", "bad_code", "expired_code", "wrong_case", "has_spaces",
		"cancelled", "code_not_received", "gateway_error", "unknown_user"} {
		if reasons[reason] < 5 {
			t.Errorf("reason %s: got %d failures, want at least 5", reason, reasons[reason])
		}
	}
	if p.answers["login.finish accepted "] == 0 || len(seen) < users/2 {
		t.Errorf("got %d users, want at least %d; verdicts %v", len(seen), users/2, p.answers)
	}
	if p.locked(end) != 5 {
		t.Errorf("got %d locked users, want 5", p.locked(end))
	}
}

func TestUserNamesMatchPolicy(t *testing.T) {
	plain := regexp.MustCompile(`^[a-z0-9]{1,64}$`)
	for c := range loadgen.Logins(1, 100_000, end) {
		if name := c.User(); !plain.MatchString(name) {
			t.Fatalf("user name: got %q, want a match of %s", name, plain)
		}
		if c.ID == "200000" {
			return
		}
	}
}

// TestDayMemory checks that the memory of an iteration does not grow with the number of users.
func TestDayMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("generates a long day")
	}
	const heapMax = 32 << 20 // bytes; less than a plan of the day needs
	n := 0
	for range loadgen.Day(1, end, 500_000) {
		if n++; n%400_000 != 0 {
			continue
		}
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		if m.HeapAlloc > heapMax {
			t.Fatalf("after %d commands: got %d bytes in use, want at most %d", n, m.HeapAlloc, heapMax)
		}
	}
}

func TestDayStopsEarly(t *testing.T) {
	n := 0
	for range loadgen.Day(1, end, 1000) {
		if n++; n == 10 {
			break
		}
	}
	if n != 10 {
		t.Errorf("got %d commands, want 10", n)
	}
}

func BenchmarkDay(b *testing.B) {
	n := 0
	b.ReportAllocs()
	for b.Loop() {
		for range loadgen.Day(1, end, 10_000) {
			n++
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "commands/s")
}
