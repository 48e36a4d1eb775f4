package traffic_test

import (
	"iter"
	"maps"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"authledger/adapters/traffic"
	"authledger/domain"
)

var end = time.Date(2026, 3, 3, 15, 4, 5, 0, time.UTC)

// told writes a command down without its date: relative to end, without the id.
func told(c domain.Command, end time.Time) string {
	parts := strings.Split(c.ID, ".")
	data := members(c.Data)
	if i := strings.Index(data, "attempt="); i >= 0 {
		line, rest, _ := strings.Cut(data[i:], "\n")
		data = data[:i] + "attempt " + line[strings.LastIndex(line, "."):] + rest
	}
	return c.Source + " " + c.Caller + " " + parts[len(parts)-1] + " " + c.Data.CommandType() + " " + end.Sub(c.Time).String() + "\n" + data
}

func tell(seed uint64, end time.Time, users int) (all []string) {
	for c := range traffic.Day(seed, end, users) {
		all = append(all, told(c, end))
	}
	return all
}

func TestTheSameSeedTellsTheSameDay(t *testing.T) {
	first := tell(1, end, 300)
	for _, other := range []time.Time{end, end.AddDate(0, 0, 1), end.AddDate(0, -1, 0), end.AddDate(7, 0, 0)} {
		if !slices.Equal(first, tell(1, other, 300)) {
			t.Errorf("the day that ends at %s is another", other)
		}
	}
	if slices.Equal(first, tell(2, end, 300)) {
		t.Error("another seed, the same day")
	}
}

func TestADayMayBeToldTwice(t *testing.T) {
	day := traffic.Day(1, end, 50)
	if a, b := ids(day), ids(day); !slices.Equal(a, b) {
		t.Error("the second telling differs")
	}
}

func ids(day iter.Seq[domain.Command]) (all []string) {
	for c := range day {
		all = append(all, c.ID)
	}
	return all
}

func TestDaysShareNoID(t *testing.T) {
	seen := map[string]bool{}
	for _, day := range []iter.Seq[domain.Command]{
		traffic.Day(1, end, 50), traffic.Day(2, end, 50), traffic.Day(1, end.AddDate(0, 0, 1), 50),
	} {
		mine := map[string]bool{}
		for _, id := range ids(day) {
			mine[id] = true
		}
		for id := range mine {
			if seen[id] {
				t.Fatalf("id %s is in two days", id)
			}
		}
		maps.Copy(seen, mine)
	}
}

func TestADayIsInOrder(t *testing.T) {
	for _, users := range []int{-1, 0, 1, 7, 1000} {
		newest, behind, n := time.Time{}, 0, 0
		for c := range traffic.Day(3, end, users) {
			n++
			if c.Time.Before(end.AddDate(0, 0, -1)) || !c.Time.Before(end) || c.Time.Location() != time.UTC || !c.Backfill {
				t.Fatalf("%d users: %s %s of %s", users, c.ID, c.Data.CommandType(), c.Time)
			}
			if c.Time.Before(newest) {
				behind++
			}
			if newest.Sub(c.Time) > traffic.LateMost {
				t.Errorf("%d users: %s is late by %s", users, c.ID, newest.Sub(c.Time))
			}
			newest = later(newest, c.Time)
		}
		if behind == 0 || behind > 3 {
			t.Errorf("%d users: %d of %d commands are out of order, want the late ones only", users, behind, n)
		}
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// The scenes come out the same whatever the crowd does, and at any hour.
func TestTheScenesOccur(t *testing.T) {
	for hour := range 24 {
		for seed, users := range []int{0, 20, 400} {
			end := end.Add(time.Duration(hour) * time.Hour)
			p := newPlayed()
			for c := range traffic.Day(uint64(seed), end, users) {
				p.take(t, c)
			}
			checkScenes(t, p, end)
		}
	}
}

func checkScenes(t *testing.T, p *played, end time.Time) {
	t.Helper()
	if got := p.locked(end); got != 5 {
		t.Errorf("%d users are locked at the end, want four by force and one besieged", got)
	}
	if p.late < 1 || p.repeated != 1 {
		t.Errorf("%d late, %d repeated", p.late, p.repeated)
	}
	for _, answer := range []string{
		"lockout.release refused identity_not_verified", "lockout.release refused not_locked", "lockout.release accepted ",
		"identity.verify accepted ", "login.begin refused locked_out", "login.report refused locked_out",
		"login.begin refused attempts_in_flight", "login.finish refused attempt_expired",
		"login.report refused invalid_character", "login.begin refused invalid_character",
	} {
		if p.answers[answer] == 0 {
			t.Errorf("nothing was answered %q", answer)
		}
	}
	for event, want := range map[string]int{"lockout.started": 6, "lockout.released": 1, "lockout.extended": 1} {
		if p.events[event] != want {
			t.Errorf("%s: got %d, want %d", event, p.events[event], want)
		}
	}
	for _, event := range []string{"login.abandoned", "login.unattributed", "login.succeeded"} {
		if p.events[event] == 0 {
			t.Errorf("no %s", event)
		}
	}
}

func TestTheCrowdIsABrokerages(t *testing.T) {
	const users = 4000
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	byHour, mobileByHour, reasons := map[int]int{}, map[int]int{}, map[string]int{}
	people := map[string]bool{}
	p := newPlayed()
	for c := range traffic.Day(1, end, users) {
		p.take(t, c)
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
		people[c.User()] = true
	}
	if open, noon := byHour[9], byHour[12]; open < 2*noon {
		t.Errorf("%d commands in the hour of the opening, %d at noon", open, noon)
	}
	if share := 100 * mobileByHour[20] / byHour[20]; share < 40 {
		t.Errorf("%d%% by telephone in the evening", share)
	}
	for _, reason := range []string{"bad_credentials", "bad_code", "expired_code", "wrong_case", "has_spaces", "cancelled", "code_not_received", "gateway_error", "unknown_user"} {
		if reasons[reason] < 5 {
			t.Errorf("%s: %d", reason, reasons[reason])
		}
	}
	if p.answers["login.finish accepted "] == 0 || len(people) < users/2 {
		t.Errorf("%d people: %v", len(people), p.answers)
	}
	if p.locked(end) != 5 {
		t.Errorf("%d locked", p.locked(end))
	}
}

func TestNamesFitThePolicy(t *testing.T) {
	plain := regexp.MustCompile(`^[a-z0-9]{1,64}$`)
	for c := range traffic.Bench(1, 100_000, end) {
		if name := c.User(); !plain.MatchString(name) {
			t.Fatalf("%q", name)
		}
		if c.ID == "200000" {
			return
		}
	}
}

// A day's memory does not grow with its users.
func TestMemoryStaysSmall(t *testing.T) {
	if testing.Short() {
		t.Skip("tells a long day")
	}
	const heapMax = 32 << 20 // bytes; a plan of the day would take more
	n := 0
	for range traffic.Day(1, end, 500_000) {
		if n++; n%400_000 != 0 {
			continue
		}
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		if m.HeapAlloc > heapMax {
			t.Fatalf("%d bytes in use after %d commands", m.HeapAlloc, n)
		}
	}
}

func TestStoppingEarly(t *testing.T) {
	n := 0
	for range traffic.Day(1, end, 1000) {
		if n++; n == 10 {
			break
		}
	}
	if n != 10 {
		t.Errorf("told %d", n)
	}
}

func BenchmarkDay(b *testing.B) {
	n := 0
	b.ReportAllocs()
	for b.Loop() {
		for range traffic.Day(1, end, 10_000) {
			n++
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "commands/s")
}
