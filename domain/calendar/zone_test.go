package calendar

import (
	"testing"
	"time"
	_ "time/tzdata"

	"pgregory.net/rapid"
)

func zone(t interface{ Fatal(...any) }, name string) *time.Location {
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func date(t interface{ Fatal(...any) }, s string) Date {
	d, ok := Parse(s)
	if !ok {
		t.Fatal("got an invalid date, want a valid one:", s)
	}
	return d
}

// TestStart_AtClockChanges is A-50: a day starts at its first instant, for every change of the
// clocks. The instants come from the acts that changed the clocks.
func TestStart_AtClockChanges(t *testing.T) {
	for _, c := range []struct{ zone, day, start, why string }{
		{"UTC", "1970-01-01", "1970-01-01T00:00:00Z", "no clock change"},
		{"Asia/Kathmandu", "2026-01-01", "2025-12-31T18:15:00Z", "5:45 ahead"},
		{"America/New_York", "2026-03-08", "2026-03-08T05:00:00Z", "clocks go forward at two"},
		{"America/New_York", "2026-03-09", "2026-03-09T04:00:00Z", "the day after"},
		{"America/New_York", "2026-11-01", "2026-11-01T04:00:00Z", "clocks go back at two"},
		{"America/New_York", "2026-11-02", "2026-11-02T05:00:00Z", "the day after"},
		{"America/New_York", "2090-07-01", "2090-07-01T04:00:00Z", "by the rule of the last table"},
		{"America/New_York", "2040-12-31", "2040-12-31T05:00:00Z",
			"wrong zone bounds in package time, golang.org/issue/81583"},
		{"America/New_York", "2041-01-01", "2041-01-01T05:00:00Z", "the day after"},
		{"Asia/Beirut", "2041-01-01", "2040-12-31T22:00:00Z", "wrong zone bounds in package time"},
		{"Europe/London", "2026-03-29", "2026-03-29T00:00:00Z", "clocks go forward at one"},
		{"Europe/London", "2026-03-30", "2026-03-29T23:00:00Z", "the day after"},
		{"America/Sao_Paulo", "2017-10-15", "2017-10-15T03:00:00Z", "no midnight, clocks show one"},
		{"Asia/Beirut", "2022-03-27", "2022-03-26T22:00:00Z", "no midnight"},
		{"Africa/Cairo", "2014-05-16", "2014-05-15T22:00:00Z", "no midnight"},
		{"Africa/Cairo", "2023-04-28", "2023-04-27T22:00:00Z", "no midnight"},
		{"America/Toronto", "1919-03-31", "1919-03-31T04:30:00Z",
			"no midnight, clocks go from half past eleven to half past twelve"},
		{"America/Havana", "2017-11-05", "2017-11-05T04:00:00Z",
			"clocks go from one to midnight, a second midnight"},
		{"America/Sao_Paulo", "2018-02-18", "2018-02-18T03:00:00Z",
			"clocks go from midnight to eleven of the day before"},
		{"America/St_Johns", "2006-10-29", "2006-10-29T02:30:00Z",
			"clocks go from a minute past midnight to a minute past eleven"},
		{"Pacific/Apia", "2011-12-29", "2011-12-29T10:00:00Z", "the last day east of the date line"},
		{"Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00Z", "no such day: the first instant after it"},
		{"Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00Z", "the first day west of the date line"},
		{"Pacific/Kwajalein", "1993-08-21", "1993-08-21T12:00:00Z", "no such day"},
		{"Pacific/Kwajalein", "1993-08-22", "1993-08-21T12:00:00Z", "the day after"},
	} {
		z := zone(t, c.zone)
		start := date(t, c.day).Start(z)
		if got := start.Format(time.RFC3339Nano); got != c.start {
			t.Errorf("%s: start of %s in %s: got %s, want %s", c.why, c.day, c.zone, got, c.start)
		}
		if before := DateOf(start.Add(-1), z); before >= date(t, c.day) {
			t.Errorf("one nanosecond before the start of %s in %s: got %s, want an earlier day", c.day, c.zone, before)
		}
	}
}

// TestDateOf_AtClockChanges is WD-4 and A-50: a day includes its last nanosecond, also at a change
// of the clocks.
func TestDateOf_AtClockChanges(t *testing.T) {
	for _, c := range []struct{ zone, at, day string }{
		{"America/New_York", "2026-01-01T04:59:59.999999999Z", "2025-12-31"},
		{"America/New_York", "2026-01-01T05:00:00Z", "2026-01-01"},
		{"America/New_York", "2026-11-02T04:59:59.999999999Z", "2026-11-01"},
		{"Europe/London", "2026-03-29T22:59:59.999999999Z", "2026-03-29"},
		{"Asia/Kathmandu", "2025-12-31T18:14:59.999999999Z", "2025-12-31"},
		{"America/Sao_Paulo", "2018-02-18T02:00:00Z", "2018-02-17"}, // eleven for the second time
		{"America/St_Johns", "2006-10-29T02:30:59.999999999Z", "2006-10-29"},
		{"America/St_Johns", "2006-10-29T02:31:00Z", "2006-10-28"}, // the day before for the second time
		{"Pacific/Apia", "2011-12-30T09:59:59.999999999Z", "2011-12-29"},
		{"Pacific/Apia", "2011-12-30T10:00:00Z", "2011-12-31"},
		{"UTC", "1969-12-31T23:59:59.999999999Z", "1969-12-31"},
		{"UTC", "0000-01-01T00:00:00Z", "0000-01-01"},
		{"UTC", "9999-12-31T23:59:59.999999999Z", "9999-12-31"},
	} {
		at, err := time.Parse(time.RFC3339Nano, c.at)
		if err != nil {
			t.Fatal(err)
		}
		if got := DateOf(at, zone(t, c.zone)); got.String() != c.day {
			t.Errorf("DateOf(%s) in %s = %s, want %s", c.at, c.zone, got, c.day)
		}
	}
}

// zones contains every kind of clock change: skipped and repeated hours, midnights and days.
var zones = []string{
	"UTC", "America/New_York", "Europe/London", "Europe/Dublin", "Asia/Kathmandu", "Asia/Kolkata",
	"Australia/Lord_Howe",
	"America/Sao_Paulo", "America/Havana", "America/St_Johns", "America/Toronto", "America/Asuncion",
	"America/Santiago",
	"America/Scoresbysund", "America/Juneau", "America/Caracas", "Asia/Beirut", "Asia/Gaza", "Asia/Tehran",
	"Asia/Manila",
	"Asia/Amman", "Asia/Pyongyang", "Africa/Cairo", "Africa/Casablanca", "Africa/Monrovia", "Antarctica/Troll",
	"Pacific/Apia", "Pacific/Kwajalein", "Pacific/Kiritimati", "Pacific/Chatham", "Pacific/Guam",
}

// skipped holds the days that these zones have skipped since 1840.
var skipped = map[string]string{
	"Pacific/Apia": "2011-12-30", "Pacific/Kwajalein": "1993-08-21", "Pacific/Kiritimati": "1994-12-31",
	"Asia/Manila": "1844-12-31", "Pacific/Guam": "1844-12-31",
}

// TestStart_IsFirstInstant is A-50: the start of a day is on that day, unless the zone skips the
// day, and no earlier instant is.
func TestStart_IsFirstInstant(t *testing.T) {
	first, last := int32(On(1840, 1, 1)), int32(On(2150, 1, 1))
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom(zones).Draw(t, "zone")
		checkStart(t, name, Date(rapid.Int32Range(first, last).Draw(t, "day")))
	})
}

// TestStart_NearEveryClockChange checks the days around every clock change until 2038. Later years
// have the same rules every year, and TestStart_IsFirstInstant includes them.
func TestStart_NearEveryClockChange(t *testing.T) {
	for _, name := range zones {
		z := zone(t, name)
		at := On(1840, 1, 1).Start(z)
		for !at.IsZero() && at.Year() < 2038 {
			_, at = at.In(z).ZoneBounds()
			for d := DateOf(at, z) - 2; d <= DateOf(at, z)+2 && !at.IsZero(); d++ {
				checkStart(t, name, d)
			}
		}
	}
}

// TestStart_AtYearEnds checks the ends of the years after the zone tables
// (golang.org/issue/81583).
func TestStart_AtYearEnds(t *testing.T) {
	for _, name := range zones {
		for year := 2036; year < 2110; year++ {
			for d := On(year, 12, 30); d <= On(year+1, 1, 2); d++ {
				checkStart(t, name, d)
			}
		}
	}
}

func checkStart(t interface {
	Fatal(...any)
	Fatalf(string, ...any)
}, name string, d Date) {
	z := zone(t, name)
	start := d.Start(z)
	if start.Location() != time.UTC {
		t.Fatalf("start of %s in %s: got location %s, want UTC", d, name, start.Location())
	}
	if skips := skipped[name] == d.String(); (DateOf(start, z) == d) == skips || DateOf(start, z) < d {
		t.Fatalf("start of %s in %s: got %s, which is on %s, want it on the date unless skipped", d, name, start,
			DateOf(start, z))
	}
	if before := start.Add(-1); DateOf(before, z) >= d {
		t.Fatalf("start of %s in %s: got %s, want an earlier date than %s one nanosecond before", d, name, start,
			DateOf(before, z))
	}
	for minutes := range 36 * 4 {
		if before := start.Add(-time.Duration(minutes)*15*time.Minute - 1); DateOf(before, z) >= d {
			t.Fatalf("start of %s in %s: got %s, want an earlier date than %s at %s", d, name, start,
				DateOf(before, z), before)
		}
	}
}
