package calendar

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"testing"
)

func TestNames(t *testing.T) {
	names := Names()
	if want := []string{"eu-target", "us-fedwire"}; !slices.Equal(names, want) {
		t.Errorf("Names() = %v, want %v", names, want)
	}
	for _, name := range names {
		if c := Named(name); c == nil || c.Name() != name {
			t.Errorf("Named(%q) = %+v, want that calendar", name, c)
		}
	}
	for _, name := range []string{"", "US-FEDWIRE", "us-fedwire@1", "us-fedwire ", "nyse"} {
		if c := Named(name); c != nil {
			t.Errorf("Named(%q) = %s, want nil", name, c.Name())
		}
	}
}

// TestCalendarDaysNeverChange compares the holidays of 1900 to 2200 with hashes (WD-5). If it
// fails, verification would decide old records differently: give changed rules a new name.
func TestCalendarDaysNeverChange(t *testing.T) {
	for name, want := range map[string]string{
		"eu-target":  "7109a7183645c2b3",
		"us-fedwire": "2ab64450ed4e955d",
	} {
		days := sha256.New()
		for year := 1900; year <= 2200; year++ {
			fmt.Fprintln(days, year, keptIn(Named(name), year))
		}
		if got := hex.EncodeToString(days.Sum(nil)[:8]); got != want {
			t.Errorf("hash of the holidays of %s: got %s, want %s", name, got, want)
		}
	}
}

// TestWindow_IsFullOnEveryDay is WD-4: every window of every calendar has five business days.
func TestWindow_IsFullOnEveryDay(t *testing.T) {
	for _, name := range Names() {
		c := Named(name)
		for d := On(1970, 1, 1); d < On(2101, 1, 1); d++ {
			window := c.Window(d)
			business := 0
			for day := window[0]; day <= d; day++ {
				if c.Business(day) {
					if window[business] != day {
						t.Fatalf("%s: Window(%s) = %s, want it to contain %s", name, d, window, day)
					}
					business++
				}
			}
			if business != WindowDays || window[0] <= d-searchDays+1 {
				t.Fatalf("%s: Window(%s) = %s with %d business days, want %d", name, d, window, business, WindowDays)
			}
		}
	}
}

// A zero or nil calendar has no business day, and the longest window.
func TestZeroCalendar_HasNoBusinessDay(t *testing.T) {
	for _, c := range []*Calendar{nil, {}} {
		d := On(2026, 7, 8)
		if c.Business(d) || !c.Holiday(d) || c.Name() != "" {
			t.Errorf("%s: business day %v, holiday %v, name %q; want a holiday without a name", d, c.Business(d),
				c.Holiday(d), c.Name())
		}
		for _, day := range c.Window(d) {
			if day != d-30 {
				t.Errorf("Window(%s) contains %s, want only %s", d, day, d-30)
			}
		}
	}
	one := On(2026, 7, 6)
	sparse := &Calendar{holiday: func(d Date) bool { return d != one }}
	oldest := one - 28
	if got := sparse.Window(one + 2); got != [WindowDays]Date{oldest, oldest, oldest, oldest, one} {
		t.Errorf("window with one business day: got %s, want it and 4 times %s", got, oldest)
	}
}

// TestWindow_ChangesAtLocalMidnight is WD-4 and A-50: the window changes at 00:00 of the local
// day, and is unchanged one nanosecond before.
func TestWindow_ChangesAtLocalMidnight(t *testing.T) {
	for _, c := range []struct{ zone, day, from, before, fromBefore string }{
		{"America/New_York", "2026-01-02", "2025-12-26", "2026-01-01", "2025-12-24"}, // New Year
		{"America/New_York", "2026-01-01", "2025-12-24", "2025-12-31", "2025-12-24"},
		{"America/New_York", "2026-03-09", "2026-03-03", "2026-03-08", "2026-03-02"}, // clocks forward
		{"America/New_York", "2026-11-02", "2026-10-27", "2026-11-01", "2026-10-26"}, // clocks back
		{"America/New_York", "2026-07-06", "2026-06-30", "2026-07-05", "2026-06-29"}, // holiday on a Saturday
		{"America/New_York", "2021-07-06", "2021-06-29", "2021-07-05", "2021-06-28"}, // holiday on a Sunday
		{"Europe/London", "2026-03-30", "2026-03-24", "2026-03-29", "2026-03-23"},
		{"Europe/London", "2027-01-01", "2026-12-24", "2026-12-31", "2026-12-24"},
		{"Asia/Kathmandu", "2022-07-05", "2022-06-28", "2022-07-04", "2022-06-27"},
		{"Asia/Kathmandu", "2022-01-01", "2021-12-27", "2021-12-31", "2021-12-27"},
		{"America/Sao_Paulo", "2017-10-16", "2017-10-10", "2017-10-15", "2017-10-06"},
		{"America/Sao_Paulo", "2017-10-15", "2017-10-06", "2017-10-14", "2017-10-06"}, // no midnight
		{"America/Sao_Paulo", "2018-02-18", "2018-02-12", "2018-02-17", "2018-02-12"},
		{"Pacific/Apia", "2011-12-31", "2011-12-23", "2011-12-29", "2011-12-22"}, // a day skipped
	} {
		z, fedwire := zone(t, c.zone), Named("us-fedwire")
		start := date(t, c.day).Start(z)
		for _, at := range []struct {
			day       Date
			want, far string
		}{
			{DateOf(start, z), c.day, c.from},
			{DateOf(start.Add(-1), z), c.before, c.fromBefore},
		} {
			if from := fedwire.Window(at.day)[0]; at.day.String() != at.want || from.String() != at.far {
				t.Errorf("%s, start of %s: got day %s with a window from %s, want day %s with a window from %s",
					c.zone, c.day, at.day, from, at.want, at.far)
			}
		}
	}
}
