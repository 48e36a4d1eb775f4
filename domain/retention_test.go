package domain

import (
	"testing"
	"time"
)

// TestRetention_Months checks PERSON-4: the key of a month exists until SourceRetention months after the
// end of the month, whatever the lengths of the months and the zone of an instant are.
func TestRetention_Months(t *testing.T) {
	const layout = "2006-01-02T15:04:05.999999999Z07:00"
	for _, test := range []struct {
		given string // attempt
		when  string // commit
		then  bool   // past the retention
	}{
		{"2025-01-01T00:00:00Z", "2025-01-01T00:00:00Z", false},
		{"2025-01-01T00:00:00Z", "2026-02-01T00:00:00Z", false}, // exactly 13 months
		{"2025-01-31T23:59:59.999999999Z", "2026-02-28T23:59:59.999999999Z", false},
		{"2025-01-31T23:59:59.999999999Z", "2026-03-01T00:00:00Z", true}, // exactly 13 months later
		{"2025-01-01T00:00:00Z", "2026-03-01T00:00:00Z", true},
		{"2025-02-01T00:00:00Z", "2026-03-01T00:00:00Z", false},
		{"2025-02-28T12:00:00Z", "2026-03-29T12:00:00Z", false},
		{"2025-02-28T12:00:00Z", "2026-03-31T12:00:00Z", false}, // February has no 31st
		{"2025-02-28T12:00:00Z", "2026-04-01T00:00:00Z", true},
		{"2024-02-29T12:00:00Z", "2025-03-31T23:59:59Z", false}, // a leap day, no leap day 13 months later
		{"2024-02-29T12:00:00Z", "2025-04-01T00:00:00Z", true},
		{"2023-01-15T00:00:00Z", "2024-02-29T23:59:59Z", false}, // until the end of a leap day
		{"2023-01-15T00:00:00Z", "2024-03-01T00:00:00Z", true},
		{"2024-11-30T00:00:00Z", "2025-12-31T23:59:59Z", false},
		{"2024-11-30T00:00:00Z", "2026-01-01T00:00:00Z", true},
		{"2024-12-31T23:59:59Z", "2026-01-31T23:59:59Z", false}, // the months of two years
		{"2024-12-31T23:59:59Z", "2026-02-01T00:00:00Z", true},
		{"2025-01-31T20:00:00-05:00", "2026-03-01T00:00:00Z", false}, // in UTC, an attempt of February
		{"2025-01-31T12:00:00Z", "2026-02-28T20:00:00-05:00", true},  // in UTC, a commit of March
		{"0001-01-01T00:00:00Z", "2026-03-01T00:00:00Z", true},
		{"1970-01-01T00:00:00Z", "2026-03-01T00:00:00Z", true},
		{"2026-03-01T00:04:00Z", "2026-02-28T23:59:59Z", false}, // the clock of the sender is ahead
		{"9999-12-31T23:59:59Z", "2026-03-01T00:00:00Z", false},
	} {
		given, err := time.Parse(layout, test.given)
		if err != nil {
			t.Fatal(err)
		}
		when, err := time.Parse(layout, test.when)
		if err != nil {
			t.Fatal(err)
		}
		owner := KeyOwner(&Command{Time: given}, true)
		if got := IsPastRetention(owner, when); got != test.then {
			t.Errorf("key of an attempt at %s, commit at %s: got past the retention %t, want %t", test.given,
				test.when, got, test.then)
		}
	}
}

// TestRetention_OtherOwners checks that the retention ends for no owner but a month (PERSON-4).
func TestRetention_OtherOwners(t *testing.T) {
	late := time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, owner := range []string{"", "user/month", "user/2025-01", "sharing/month/2025-01",
		string(SystemConfig)} {
		if IsPastRetention(owner, late) {
			t.Errorf("key of %q: got past the retention, want no end", owner)
		}
	}
}

// TestRecordMonthOwner checks that only an unattributed record with personal members has a month
// (PERSON-4).
func TestRecordMonthOwner(t *testing.T) {
	at := time.Date(2025, 1, 31, 23, 0, 0, 0, time.UTC)
	unattributed := []Event{{At: at, Data: &LoginUnattributed{Reason: UnknownUser}}}
	for name, test := range map[string]struct {
		events   []Event
		personal *Sealed
		want     string
	}{
		"unattributed":      {unattributed, &Sealed{}, "month/2025-01"},
		"nothing sealed":    {unattributed, nil, ""},
		"attempt of a user": {[]Event{{At: at, Data: &LoginFailed{}}}, &Sealed{}, ""},
	} {
		r := Record{Command: Command{Time: at, Data: &LoginReport{User: "x"}}, Events: test.events,
			Personal: test.personal}
		if got := r.MonthOwner(); got != test.want {
			t.Errorf("%s: got month %q, want %q", name, got, test.want)
		}
	}
}
