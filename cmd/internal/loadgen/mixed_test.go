package loadgen_test

import (
	"strings"
	"testing"

	"authledger/cmd/internal/loadgen"
)

func TestMixed(t *testing.T) {
	const commands, users = 60_000, 500
	p := newSimulation()
	byFamily := map[string]int{}
	previous := end
	for c := range loadgen.Mixed(1, users, end) {
		if !c.Time.After(previous) {
			t.Fatalf("got the time %s after %s, want increasing times", c.Time, previous)
		}
		previous = c.Time
		p.apply(t, roundTrip(t, c))
		family, _, _ := strings.Cut(c.Data.CommandType(), ".")
		byFamily[family]++
		if p.total == commands {
			break
		}
	}
	for family, percent := range map[string]int{"login": 60, "code": 15, "device": 10, "withdrawal": 15} {
		if got := 100 * float64(byFamily[family]) / commands; got < float64(percent)-1 || got > float64(percent)+1 {
			t.Errorf("%s: got %.1f %%, want %d", family, got, percent)
		}
	}
	if p.repeated > 0 || 100*p.accepted < 95*commands {
		t.Errorf("got %d repeated and %d accepted commands, want 0 and at least 95 %%; refused: %v", p.repeated,
			p.accepted, p.reasons)
	}
	for _, event := range []string{"device.activated", "device.deactivated", "code.issued", "code.redeemed",
		"withdrawal.approved", "login.succeeded", "lockout.started"} {
		if p.events[event] == 0 {
			t.Errorf("event %s: got none, want at least 1", event)
		}
	}
}

func BenchmarkMixed(b *testing.B) {
	n := 0
	b.ReportAllocs()
	b.ResetTimer()
	for range loadgen.Mixed(1, 100_000, end) {
		if n++; n >= b.N {
			break
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "commands/s")
}
