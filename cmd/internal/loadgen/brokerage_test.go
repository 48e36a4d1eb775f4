package loadgen_test

import (
	"iter"
	"maps"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"authledger/cmd/internal/loadgen"
	"authledger/domain"
	"authledger/eventstore/wire"
)

// roundTrip writes a command as a line and returns the command that the line's reader
// returns.
func roundTrip(t *testing.T, c domain.Command) domain.Command {
	t.Helper()
	line := wire.AppendCommand(nil, &c)
	read, rejected := wire.ReadCommand(line)
	if rejected != nil {
		t.Fatalf("read the line %s: got rejection %v, want none", line, rejected)
	}
	if rewritten := wire.AppendCommand(nil, &read); string(rewritten) != string(line) {
		t.Fatalf("written after reading: got\n%s, want\n%s", rewritten, line)
	}
	read.Caller, read.Backfill = c.Caller, c.Backfill
	return read
}

// simulateBrokerage decides all commands, as read from their lines, and checks their
// order.
func simulateBrokerage(t *testing.T, commands iter.Seq[domain.Command]) *simulation {
	t.Helper()
	p := newSimulation()
	for c := range commands {
		if p.newest.Sub(c.Time) > loadgen.MaxLateness {
			t.Fatalf("%s: got late by %s, want at most %s", c.ID, p.newest.Sub(c.Time), loadgen.MaxLateness)
		}
		p.newest = later(p.newest, c.Time)
		if p.oldest.IsZero() || c.Time.Before(p.oldest) {
			p.oldest = c.Time
		}
		p.apply(t, roundTrip(t, c))
	}
	return p
}

// refusals are all reasons of the rules except too_many, because no generated user has
// that many devices.
var refusals = []domain.Reason{
	domain.LockedOut, domain.NotLocked, domain.IdentityNotVerified, domain.AttemptsInFlight, domain.AttemptOpen,
	domain.AttemptExpired, domain.InvalidCharacter,
	domain.LegacyDevice, domain.BalanceBelowMinimum, domain.DeviceExists, domain.NotRequested,
	domain.UnknownDevice,
	domain.ClassMismatch, domain.DeviceGone, domain.AlreadyActive, domain.DeviceNotActive, domain.NotReturnable,
	domain.UseSharing, domain.SharingActive, domain.NoPIN, domain.CodeNotRedeemed,
	domain.AlreadyIssued, domain.NoTempPasscode, domain.SMSNotRequested, domain.ClientTooOld, domain.UnknownCode,
	domain.CodeIsRevoked, domain.CodeHasExpired, domain.CodeIsUsed, domain.PlatformNotAllowed,
	domain.CodeIsRestricted,
	domain.UnknownUser, domain.NotPhysical, domain.AlreadyShared, domain.TemporaryDeviceActive,
	domain.IdentityMismatch,
	domain.LowerProtectionLevel, domain.UnknownSharing, domain.NotPending, domain.OfficerIsParty,
	domain.NotAParty, domain.NotShared,
	domain.DailyLimit, domain.FiveDayLimit, domain.UnknownWithdrawal, domain.AlreadySettled,
	domain.AlreadyCancelled,
}

// TestBrokerageMeetsEveryRule checks that the commands cause every type of event and every reason of a
// refusal, and that the ledger accepts most commands.
func TestBrokerageMeetsEveryRule(t *testing.T) {
	p := simulateBrokerage(t, loadgen.Brokerage(1, end, 2000, 30))
	for _, event := range domain.EventTypes() {
		family, _, _ := strings.Cut(event, ".")
		if slices.Contains([]string{"audit", "config", "person"}, family) {
			continue // not traffic of a brokerage: reads and verifications, and acts of operators and officers
		}
		if p.events[event] == 0 {
			t.Errorf("event %s: got none, want at least 1", event)
		}
	}
	for _, reason := range refusals {
		if p.reasons[reason] == 0 {
			t.Errorf("reason %s: got no refused command, want at least 1", reason)
		}
	}
	if share := 100 * p.accepted / p.total; share < 90 || share == 100 {
		t.Errorf("got %d of %d commands accepted, want 90 to 99 %%", p.accepted, p.total)
	}
	if p.late == 0 || p.repeated == 0 {
		t.Errorf("got %d late and %d repeated commands, want at least 1 of each", p.late, p.repeated)
	}
	for _, r := range slices.Sorted(maps.Keys(p.reasons)) {
		t.Logf("%7d refused %s", p.reasons[r], r)
	}
	for _, e := range slices.Sorted(maps.Keys(p.events)) {
		t.Logf("%7d %s", p.events[e], e)
	}
}

// TestBrokerageIsNeverInvalid checks that Brokerage generates no invalid command for any tested seed
// and number of users.
func TestBrokerageIsNeverInvalid(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		seed, users, days := rapid.Uint64().Draw(r, "seed"), rapid.IntRange(-1, 60).Draw(r, "users"),
			rapid.IntRange(0, 12).Draw(r, "days")
		end := end.Add(time.Duration(rapid.IntRange(0, 366*24).Draw(r, "hours")) * time.Hour)
		first := end.AddDate(0, 0, -max(days, 1))
		p := simulateBrokerage(t, loadgen.Brokerage(seed, end, users, days))
		if p.oldest.Before(first) || !p.newest.Before(end) {
			r.Errorf("got commands from %s to %s, want %s to %s", p.oldest, p.newest, first, end)
		}
		if got := p.locked(end); got < 5 {
			r.Errorf("got %d locked users at the end, want at least the 5 of the scenarios", got)
		}
	})
}

// TestBrokerageAccountScenarios checks that the users and accounts of the demonstration have the
// documented state.
func TestBrokerageAccountScenarios(t *testing.T) {
	p := simulateBrokerage(t, loadgen.Brokerage(3, end, 100, 1))
	u, err := p.User(loadgen.Borrower)
	if err != nil {
		t.Fatal(err)
	}
	var has []string
	for _, a := range u.Active() {
		has = append(has, a.Class)
	}
	if want := []string{domain.IBKRMobile, domain.Platinum}; !slices.Equal(has, want) {
		t.Errorf("devices of %s: got %v, want %v", loadgen.Borrower, has, want)
	}
	a, err := p.Account(loadgen.LimitedAccount)
	if err != nil {
		t.Fatal(err)
	}
	if w := policy.Withdrawable(&a, end); w.DayUSD != "167500.50" {
		t.Errorf("withdrawn from %s: got %s, want 167500.50", loadgen.LimitedAccount, w.DayUSD)
	}
}

func lines(commands iter.Seq[domain.Command]) (all []string) {
	for c := range commands {
		all = append(all, string(wire.AppendCommand(nil, &c)))
	}
	return all
}

func TestBrokerageIsDeterministic(t *testing.T) {
	first := loadgen.Brokerage(1, end, 200, 9)
	want := lines(first)
	for name, second := range map[string]iter.Seq[domain.Command]{
		"the same sequence": first, "a second sequence": loadgen.Brokerage(1, end, 200, 9),
	} {
		if !slices.Equal(want, lines(second)) {
			t.Errorf("%s: got other commands than in the first iteration, want the same", name)
		}
	}
	for _, other := range []iter.Seq[domain.Command]{
		loadgen.Brokerage(2, end, 200, 9), loadgen.Brokerage(1, end, 201, 9), loadgen.Brokerage(1, end, 200, 8),
		loadgen.Brokerage(1, end.Add(time.Second), 200, 9), loadgen.Day(1, end, 200),
	} {
		ids := map[string]bool{}
		for c := range other {
			ids[c.ID] = true
		}
		for c := range first {
			if ids[c.ID] {
				t.Fatalf("id %s: got it in two sequences, want one", c.ID)
			}
		}
	}
}

// TestBrokerageWeekends checks that a day on which the market is closed has at most a third of the
// commands of a trading day.
func TestBrokerageWeekends(t *testing.T) {
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	byDate := map[string]int{}
	// midnight in New York; the Monday before is a holiday
	monday := time.Date(2026, 1, 26, 5, 0, 0, 0, time.UTC)
	for c := range loadgen.Brokerage(1, monday, 3000, 14) {
		byDate[c.Time.In(zone).Format(time.DateOnly)]++
	}
	for _, day := range []struct{ quiet, busy string }{
		{"2026-01-17", "2026-01-16"}, {"2026-01-18", "2026-01-16"}, {"2026-01-19", "2026-01-20"},
		{"2026-01-24", "2026-01-23"},
	} {
		if quiet, busy := byDate[day.quiet], byDate[day.busy]; quiet == 0 || 3*quiet > busy {
			t.Errorf("got %d commands on %s and %d on %s, want at most a third", quiet, day.quiet, busy, day.busy)
		}
	}
}

// TestBrokerageMemory checks that the memory of an iteration grows only with the number of users and
// of open sessions.
func TestBrokerageMemory(t *testing.T) {
	const users, bytesMax = 100_000, 600 // a user
	n := 0
	for range loadgen.Brokerage(1, end, users, 4) {
		if n++; n%500_000 != 0 {
			continue
		}
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		if m.HeapAlloc > users*bytesMax {
			t.Fatalf("after %d commands: got %d bytes in use, want at most %d", n, m.HeapAlloc, users*bytesMax)
		}
	}
	if n < 500_000 {
		t.Errorf("got %d commands, want at least 500000 for a measurement", n)
	}
}

func TestBrokerageStopsEarly(t *testing.T) {
	n := 0
	for range loadgen.Brokerage(1, end, 1000, 2) {
		if n++; n == 10 {
			break
		}
	}
	if n != 10 {
		t.Errorf("got %d commands, want 10", n)
	}
}

func BenchmarkBrokerage(b *testing.B) {
	n, line := 0, []byte(nil)
	b.ReportAllocs()
	for b.Loop() {
		for c := range loadgen.Brokerage(1, end, 10_000, 3) {
			line = wire.AppendCommand(line[:0], &c)
			n++
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "lines/s")
}

// TestOnward checks that the commands go on after the end in order of arrival, and that the scenarios
// are at the same distances from the end as in a day of Brokerage.
func TestOnward(t *testing.T) {
	const users = 40
	end := time.Date(2026, 3, 2, 15, 0, 0, 0, time.UTC)
	var last time.Time
	after, limited := 0, 0
	for at, c := range loadgen.Onward(1, end, users) {
		if at.Before(last) {
			t.Fatalf("%s: got the arrival %v after %v, want arrivals in order", c.ID, at, last)
		}
		last = at
		w, ok := c.Data.(*domain.WithdrawalRequest)
		if ok && w.Account == loadgen.LimitedAccount && at.Before(end) {
			limited++
		}
		if !at.Before(end) {
			after++
		}
		if after == 100 {
			break
		}
	}
	if after != 100 || limited == 0 {
		t.Errorf("got %d commands after the end and %d withdrawals of the scenario, want 100 and at least 1",
			after, limited)
	}
}
