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
		t.Errorf("there are %v, want %v", names, want)
	}
	for _, name := range names {
		if c := Named(name); c == nil || c.Name() != name {
			t.Errorf("%s is found as %+v", name, c)
		}
	}
	for _, name := range []string{"", "US-FEDWIRE", "us-fedwire@1", "us-fedwire ", "nyse"} {
		if c := Named(name); c != nil {
			t.Errorf("%q is found as %s", name, c.Name())
		}
	}
}

// WD-5: a name means the same days for ever. If this fails, history would be
// decided another way: give the changed rule a new name instead.
func TestWD5NamesMeanTheSameForEver(t *testing.T) {
	for name, want := range map[string]string{
		"eu-target":  "7109a7183645c2b3",
		"us-fedwire": "2ab64450ed4e955d",
	} {
		days := sha256.New()
		for year := 1900; year <= 2200; year++ {
			fmt.Fprintln(days, year, keptIn(Named(name), year))
		}
		if got := hex.EncodeToString(days.Sum(nil)[:8]); got != want {
			t.Errorf("%s means other days: %s, want %s", name, got, want)
		}
	}
}

// WD-4: the search for a window never runs out, in any calendar.
func TestWD4EveryWindowIsFull(t *testing.T) {
	for _, name := range Names() {
		c := Named(name)
		for d := On(1970, 1, 1); d < On(2101, 1, 1); d++ {
			window := c.Window(d)
			business := 0
			for day := window[0]; day <= d; day++ {
				if c.Business(day) {
					if window[business] != day {
						t.Fatalf("%s: the window of %s is %s, without %s", name, d, window, day)
					}
					business++
				}
			}
			if business != WindowDays || window[0] <= d-searchDays+1 {
				t.Fatalf("%s: the window of %s is %s", name, d, window)
			}
		}
	}
}

// A calendar that is none knows no business day, and its window is the widest.
func TestTheZeroCalendarFailsClosed(t *testing.T) {
	for _, c := range []*Calendar{nil, {}} {
		d := On(2026, 7, 8)
		if c.Business(d) || !c.Holiday(d) || c.Name() != "" {
			t.Error("it has a business day")
		}
		for _, day := range c.Window(d) {
			if day != d-30 {
				t.Errorf("the window of %s has %s", d, day)
			}
		}
	}
	one := On(2026, 7, 6)
	sparse := &Calendar{holiday: func(d Date) bool { return d != one }}
	oldest := one - 28
	if got := sparse.Window(one + 2); got != [WindowDays]Date{oldest, oldest, oldest, oldest, one} {
		t.Errorf("with one business day the window is %s", got)
	}
}

// WD-4, A-50: the window moves at 00:00 of the local day, not a nanosecond sooner.
func TestWD4WindowsAtMidnight(t *testing.T) {
	for _, c := range []struct{ zone, day, from, before, fromBefore string }{
		{"America/New_York", "2026-01-02", "2025-12-26", "2026-01-01", "2025-12-24"}, // New Year
		{"America/New_York", "2026-01-01", "2025-12-24", "2025-12-31", "2025-12-24"},
		{"America/New_York", "2026-03-09", "2026-03-03", "2026-03-08", "2026-03-02"}, // clocks forward
		{"America/New_York", "2026-11-02", "2026-10-27", "2026-11-01", "2026-10-26"}, // clocks back
		{"America/New_York", "2026-07-06", "2026-06-30", "2026-07-05", "2026-06-29"}, // a Saturday's holiday
		{"America/New_York", "2021-07-06", "2021-06-29", "2021-07-05", "2021-06-28"}, // a Sunday's
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
				t.Errorf("%s about %s: on %s the window is from %s, want on %s from %s",
					c.zone, c.day, at.day, from, at.want, at.far)
			}
		}
	}
}
