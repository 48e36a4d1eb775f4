package traffic_test

import (
	"iter"
	"maps"
	"runtime"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"authledger/adapters/traffic"
	"authledger/domain"
	"authledger/eventstore/wire"
)

// reread is a command as a reader of the line gets it that is written of it.
func reread(t *testing.T, c domain.Command) domain.Command {
	t.Helper()
	line := wire.AppendCommand(nil, &c)
	read, rejected := wire.ReadCommand(line)
	if rejected != nil {
		t.Fatalf("%s: %v", line, rejected)
	}
	if again := wire.AppendCommand(nil, &read); string(again) != string(line) {
		t.Fatalf("read and written again, it is another line:\n%s\n%s", line, again)
	}
	read.Caller, read.Backfill = c.Caller, c.Backfill
	return read
}

// playBrokerage plays a telling from its lines, and checks its order.
func playBrokerage(t *testing.T, told iter.Seq[domain.Command]) *played {
	t.Helper()
	p := newPlayed()
	for c := range told {
		if p.newest.Sub(c.Time) > traffic.LateMost {
			t.Fatalf("%s is late by %s", c.ID, p.newest.Sub(c.Time))
		}
		p.newest = later(p.newest, c.Time)
		if p.oldest.IsZero() || c.Time.Before(p.oldest) {
			p.oldest = c.Time
		}
		p.take(t, reread(t, c))
	}
	return p
}

// refusals are all reasons of the rules but too_many: nobody has so many devices.
var refusals = []domain.Reason{
	domain.LockedOut, domain.NotLocked, domain.IdentityNotVerified, domain.AttemptsInFlight, domain.AttemptOpen,
	domain.AttemptExpired, domain.InvalidCharacter,
	domain.LegacyDevice, domain.BalanceBelowMinimum, domain.DeviceExists, domain.NotRequested, domain.UnknownDevice,
	domain.ClassMismatch, domain.DeviceGone, domain.AlreadyActive, domain.DeviceNotActive, domain.NotReturnable,
	domain.UseSharing, domain.SharingActive, domain.NoPIN, domain.CodeNotRedeemed,
	domain.AlreadyIssued, domain.NoTempPasscode, domain.SMSNotRequested, domain.ClientTooOld, domain.UnknownCode,
	domain.CodeIsRevoked, domain.CodeHasExpired, domain.CodeIsUsed, domain.PlatformNotAllowed, domain.CodeIsRestricted,
	domain.UnknownUser, domain.NotPhysical, domain.AlreadyShared, domain.TemporaryDeviceActive, domain.IdentityMismatch,
	domain.LowerProtectionLevel, domain.UnknownSharing, domain.NotPending, domain.OfficerIsParty, domain.NotAParty, domain.NotShared,
	domain.DailyLimit, domain.FiveDayLimit, domain.UnknownWithdrawal, domain.AlreadySettled, domain.AlreadyCancelled,
}

// Every event there is happens, and every reason to refuse is met; but most of
// what is asked is accepted, and nothing is invalid.
func TestABrokerageMeetsEveryRule(t *testing.T) {
	p := playBrokerage(t, traffic.Brokerage(1, end, 2000, 30))
	for _, event := range domain.EventTypes() {
		if p.events[event] == 0 && event != "audit.read" { // nobody reads in it
			t.Errorf("no %s", event)
		}
	}
	for _, reason := range refusals {
		if p.reasons[reason] == 0 {
			t.Errorf("nothing was refused %s", reason)
		}
	}
	if share := 100 * p.accepted / p.total; share < 90 || share == 100 {
		t.Errorf("%d of %d accepted", p.accepted, p.total)
	}
	if p.late == 0 || p.repeated == 0 {
		t.Errorf("%d late, %d repeated", p.late, p.repeated)
	}
	for _, r := range slices.Sorted(maps.Keys(p.reasons)) {
		t.Logf("%7d refused %s", p.reasons[r], r)
	}
	for _, e := range slices.Sorted(maps.Keys(p.events)) {
		t.Logf("%7d %s", p.events[e], e)
	}
}

// No seed makes a command that is invalid, at any size.
func TestABrokerageIsNeverInvalid(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		seed, users, days := rapid.Uint64().Draw(r, "seed"), rapid.IntRange(-1, 60).Draw(r, "users"), rapid.IntRange(0, 12).Draw(r, "days")
		end := end.Add(time.Duration(rapid.IntRange(0, 366*24).Draw(r, "hours")) * time.Hour)
		first := end.AddDate(0, 0, -max(days, 1))
		p := playBrokerage(t, traffic.Brokerage(seed, end, users, days))
		if p.oldest.Before(first) || !p.newest.Before(end) {
			r.Errorf("it goes from %s to %s, want %s to %s", p.oldest, p.newest, first, end)
		}
		if got := p.locked(end); got < 5 {
			r.Errorf("%d users are locked at the end, want those of the scenes", got)
		}
	})
}

// The views of a demonstration find what they look for.
func TestTheScenesOfAccounts(t *testing.T) {
	p := playBrokerage(t, traffic.Brokerage(3, end, 100, 1))
	u, err := p.User(traffic.Borrower)
	if err != nil {
		t.Fatal(err)
	}
	var has []string
	for _, a := range u.Active() {
		has = append(has, a.Class)
	}
	if want := []string{domain.IBKRMobile, domain.Platinum}; !slices.Equal(has, want) {
		t.Errorf("%s has %v, want %v", traffic.Borrower, has, want)
	}
	a, err := p.Account(traffic.PressedAccount)
	if err != nil {
		t.Fatal(err)
	}
	if w := policy.Withdrawable(&a, end); w.DayUSD != "167500.50" {
		t.Errorf("the account took out %s", w.DayUSD)
	}
}

func lines(told iter.Seq[domain.Command]) (all []string) {
	for c := range told {
		all = append(all, string(wire.AppendCommand(nil, &c)))
	}
	return all
}

func TestABrokerageIsDeterministic(t *testing.T) {
	first := traffic.Brokerage(1, end, 200, 9)
	told := lines(first)
	for what, again := range map[string]iter.Seq[domain.Command]{"the same telling": first, "another telling": traffic.Brokerage(1, end, 200, 9)} {
		if !slices.Equal(told, lines(again)) {
			t.Errorf("%s differs", what)
		}
	}
	for _, other := range []iter.Seq[domain.Command]{
		traffic.Brokerage(2, end, 200, 9), traffic.Brokerage(1, end, 201, 9), traffic.Brokerage(1, end, 200, 8),
		traffic.Brokerage(1, end.Add(time.Second), 200, 9), traffic.Day(1, end, 200),
	} {
		ids := map[string]bool{}
		for c := range other {
			ids[c.ID] = true
		}
		for c := range first {
			if ids[c.ID] {
				t.Fatalf("%s is in two tellings", c.ID)
			}
		}
	}
}

// Fewer come on days without a market.
func TestWeekendsAreQuiet(t *testing.T) {
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	byDate := map[string]int{}
	monday := time.Date(2026, 1, 26, 5, 0, 0, 0, time.UTC) // midnight in New York; the Monday before is a holiday
	for c := range traffic.Brokerage(1, monday, 3000, 14) {
		byDate[c.Time.In(zone).Format(time.DateOnly)]++
	}
	for _, day := range []struct{ quiet, busy string }{
		{"2026-01-17", "2026-01-16"}, {"2026-01-18", "2026-01-16"}, {"2026-01-19", "2026-01-20"}, {"2026-01-24", "2026-01-23"},
	} {
		if quiet, busy := byDate[day.quiet], byDate[day.busy]; quiet == 0 || 3*quiet > busy {
			t.Errorf("%d commands on %s, %d on %s", quiet, day.quiet, busy, day.busy)
		}
	}
}

// What a telling holds grows with its users and with what is under way.
func TestABrokeragesMemory(t *testing.T) {
	const users, bytesMax = 100_000, 600 // a user
	n := 0
	for range traffic.Brokerage(1, end, users, 4) {
		if n++; n%500_000 != 0 {
			continue
		}
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		if m.HeapAlloc > users*bytesMax {
			t.Fatalf("%d bytes in use after %d commands", m.HeapAlloc, n)
		}
	}
	if n < 500_000 {
		t.Errorf("only %d commands: nothing was measured", n)
	}
}

func TestStoppingABrokerageEarly(t *testing.T) {
	n := 0
	for range traffic.Brokerage(1, end, 1000, 2) {
		if n++; n == 10 {
			break
		}
	}
	if n != 10 {
		t.Errorf("told %d", n)
	}
}

func BenchmarkBrokerage(b *testing.B) {
	n, line := 0, []byte(nil)
	b.ReportAllocs()
	for b.Loop() {
		for c := range traffic.Brokerage(1, end, 10_000, 3) {
			line = wire.AppendCommand(line[:0], &c)
			n++
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "lines/s")
}
