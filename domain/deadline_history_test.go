package domain

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// wait draws a duration of about one day, or 0. With durations of one to three days, deadlines of
// all kinds coincide or differ by a nanosecond.
func wait(t *rapid.T) time.Duration {
	return rapid.SampledFrom([]time.Duration{0, 0, 0, 0, 1, day / 2, day - 1, day, day, day + 1,
		3 * day}).Draw(t, "wait")
}

func someDays(t *rapid.T) *Policy {
	few := func(name string, least int64) int64 { return rapid.Int64Range(least, 3).Draw(t, name) }
	return with(IBKRSLS(), func(p *Policy) {
		p.Failures, p.IdentityVerificationTTLSeconds = few("failures", 1), 3*86400
		p.DurationSeconds, p.AttemptTTLSeconds, p.CodeTTLSeconds = few("lock", 0)*86400, few("attempt", 1)*86400,
			few("code", 1)*86400
		p.FullDays, p.RestrictedDays, p.CardDays, p.AutoActivationDays = few("full", 1), few("restricted", 0),
			few("card", 1), few("auto", 1)
	})
}

// drawDue draws a command that sets a deadline or makes one moot.
func drawDue(t *rapid.T) CommandData {
	pair := rapid.SampledFrom([][2]string{{"alice", "bob"}, {"alice", "bob"}, {"bob", "alice"}}).Draw(t, "users")
	user, other := pair[0], pair[1]
	id := func(ids ...string) string { return rapid.SampledFrom(ids).Draw(t, "id") }
	device, code := id("d", "e", "g"), id("1", "2", "3", "4", "5", "6", "7", "8")
	kind := rapid.SampledFrom([]string{TempPasscode, TempPasscode, OnlineCard, SMS, ActivationQR}).Draw(t,
		"kind")
	switch rapid.IntRange(0, 15).Draw(t, "command") {
	case 0, 1:
		return &LoginReport{User: user, Outcome: Failed, Reason: "bad_code"}
	case 2:
		return &LoginBegin{User: user, Attempt: id("a", "b"), Platform: ClientPortal}
	case 3:
		return &LoginFinish{User: user, Attempt: id("a", "b"), Outcome: Succeeded}
	case 4:
		return &IdentityVerify{User: user, Agent: "ann", Channel: "phone"}
	case 5:
		return &LockoutRelease{User: user, Agent: "ann"}
	case 6, 7, 8:
		return &CodeIssue{User: user, Code: code, Kind: kind}
	case 9:
		return &CodeRedeem{User: user, Code: code, Platform: id(ClientPortal, TWS),
			Purpose: id(ToLogin, PrintOnlineCard)}
	case 10:
		return &CodeRevoke{User: user, Code: code, By: "ann"}
	case 11:
		return &DeviceRequest{User: user, Device: device, Class: DigitalSecurityCardPlus, Purpose: "new"}
	case 12:
		return &DeviceShip{User: user, Device: device}
	case 13:
		return &DeviceActivate{User: user, Device: device, Class: DigitalSecurityCardPlus, Method: Portal}
	case 14:
		return &DeviceDeactivate{User: user, Device: device, Reason: id(Lost, ByUser)}
	}
	if rapid.Bool().Draw(t, "cancels") {
		return &SharingCancel{Sharing: id("s", "r"), By: user}
	}
	return &SharingRequest{Sharing: id("s", "r"), Requester: user, Owner: other, Device: device}
}

// TestTimer_DoesNotChangeDeadlines: answers and deadlines are the same if the timer runs at every due
// instant, sometimes or never. Each deadline is recorded once, at its instant, unless an event made
// it moot.
func TestTimer_DoesNotChangeDeadlines(t *testing.T) {
	recorded := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		p, now := someDays(t), time.Duration(0)
		always, sometimes, never := newLedger(p), newLedger(p), newLedger(p)
		for range rapid.IntRange(0, 60).Draw(t, "commands") {
			now += wait(t)
			fireAll(t, always, now, func() bool { return true })
			fireAll(t, sometimes, now, func() bool { return rapid.Bool().Draw(t, "the timer runs") })
			c := *send(now, drawDue(t))(never)
			want := own(never.do(c), c)
			for _, l := range []*ledger{always, sometimes} {
				if diff := cmp.Diff(want, own(l.do(c), c)); diff != "" {
					t.Fatalf("%s (-without +with the timer)\n%s", c.Data.CommandType(), diff)
				}
			}
		}
		last := now + 9*day
		fireAll(t, always, last, func() bool { return true })
		for _, name := range []string{"alice", "bob"} {
			verified := *send(last, &IdentityVerify{User: name, Agent: "ann", Channel: "phone"})(never)
			var want []string
			for _, l := range []*ledger{never, sometimes, always} {
				l.do(verified)
				got := deadlines(t, l, name)
				if l == never {
					want = got
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Fatalf("%s (-without +with the timer)\n%s", name, diff)
				}
			}
			for _, line := range want {
				recorded[strings.Fields(line)[0]]++
			}
		}
	})
	if manyHistories() && len(recorded) != rankActivated+1 {
		t.Errorf("kinds of deadlines in the histories: got %v, want %d kinds", recorded, rankActivated+1)
	}
}

// fireAll fires the due deadlines, the earliest first, while more returns true.
func fireAll(t *rapid.T, l *ledger, now time.Duration, more func() bool) {
	for {
		var first time.Time
		var whose string
		for _, name := range []string{"alice", "bob"} {
			u := l.users[name]
			if due, ok := u.Due(); ok && !due.After(epoch.Add(now)) && (whose == "" || due.Before(first)) {
				first, whose = due, name
			}
		}
		if whose == "" || !more() {
			return
		}
		if d := l.do(NewTimerFire(UserEntity(whose),
			first)); d.Status != Accepted || !d.Time.Equal(first) || d.Late {
			t.Fatalf("timer of %s: got %s %s at %s, want accepted at %s", whose, d.Status, d.Reason, distance(d.Time),
				distance(first))
		}
	}
}

// own returns the answer and the own events of a decision, without the overdue events.
func own(d Decision, c Command) []string {
	first := 0
	for i := range d.Events {
		revoked, follows := d.Events[i].Data.(*CodeRevoked)
		if lapses(&d.Events[i]) || i == first && follows && revoked.Code != "" {
			first = i + 1
		}
	}
	d.Events = d.Events[first:]
	lines := formatted(&c, &d)
	if result, ok := d.Result.(*CodeResult); ok {
		lines = append(lines, asSentence(result))
	}
	return lines
}

// lapses reports whether an event occurred without a command.
func lapses(e *Event) bool {
	switch data := e.Data.(type) {
	case *LockoutExpired, *LoginAbandoned, *CodeRestricted, *CodeExpired:
		return true
	case *DeviceActivated:
		return data.Method == Auto
	}
	return false
}

// asSentence formats a result, "none" for no result.
func asSentence(result Data) string {
	if result == nil {
		return "none"
	}
	var members sentence
	result.Members(&members)
	return members.String()[1:]
}
