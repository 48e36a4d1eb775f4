package sshd_test

import (
	"strings"
	"testing"
	"time"

	"authledger/adapters/importers/sshd"
)

// instants reads one login for each time, and returns its instant or its rejection.
func instants(t *testing.T, year int, zone string, times ...string) []string {
	t.Helper()
	location, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	log := strings.Join(times, login) + login
	var got []string
	each(t, open(t, strings.NewReader(log), year, location), func(line sshd.Line) {
		if len(line.Commands) != 1 {
			got = append(got, "rejected")
			return
		}
		got = append(got, line.Commands[0].Time.Format(time.RFC3339))
	})
	return got
}

func TestTimes(t *testing.T) {
	for _, c := range []struct {
		name        string
		year        int
		zone        string
		times, want []string
	}{
		{"a year rolls over", 2021, "UTC",
			[]string{"Dec 31 23:59:59", "Jan  1 00:00:00", "Jun  1 00:00:00", "Dec 31 00:00:00", "Jan 01 00:00:00"},
			[]string{"2021-12-31T23:59:59Z", "2022-01-01T00:00:00Z", "2022-06-01T00:00:00Z", "2022-12-31T00:00:00Z",
				"2023-01-01T00:00:00Z"}},
		{"a clock steps back", 2021, "UTC",
			[]string{"Jul 10 12:00:00", "Jul 10 11:59:00", "Jul  1 00:00:00", "Feb  1 00:00:00", "Jul 10 12:00:01"},
			[]string{"2021-07-10T12:00:00Z", "2021-07-10T11:59:00Z", "2021-07-01T00:00:00Z", "2021-02-01T00:00:00Z",
				"2021-07-10T12:00:01Z"}},
		{"half a year back is no new year, a second more is", 2021, "UTC",
			[]string{"Jun 30 00:00:00", "Jan  1 00:00:00", "Jun 30 00:00:01", "Jan  1 00:00:00"},
			[]string{"2021-06-30T00:00:00Z", "2021-01-01T00:00:00Z", "2021-06-30T00:00:01Z", "2022-01-01T00:00:00Z"}},
		{"a clock steps back over New Year, and on again", 2021, "UTC",
			[]string{"Dec 31 23:59:58", "Jan  1 00:00:03", "Dec 31 23:59:59", "Jan  1 00:00:04"},
			[]string{"2021-12-31T23:59:58Z", "2022-01-01T00:00:03Z", "2021-12-31T23:59:59Z", "2022-01-01T00:00:04Z"}},
		{"the first line is after New Year, the second before it", 2022, "UTC",
			[]string{"Jan  1 00:00:03", "Dec 31 23:59:59"},
			[]string{"2022-01-01T00:00:03Z", "2021-12-31T23:59:59Z"}},
		{"a host was silent for most of a year", 2021, "UTC",
			[]string{"Jan  2 00:00:00", "Dec 20 00:00:00", "Jan  3 00:00:00"},
			[]string{"2021-01-02T00:00:00Z", "2021-12-20T00:00:00Z", "2022-01-03T00:00:00Z"}},
		{"a leap day", 2024, "UTC",
			[]string{"Feb 28 00:00:00", "Feb 29 00:00:00", "Mar  1 00:00:00"},
			[]string{"2024-02-28T00:00:00Z", "2024-02-29T00:00:00Z", "2024-03-01T00:00:00Z"}},
		{"a leap day that the year lacks", 2023, "UTC",
			[]string{"Feb 28 00:00:00", "Feb 29 00:00:00", "Mar  1 00:00:00"},
			[]string{"2023-02-28T00:00:00Z", "rejected", "2023-03-01T00:00:00Z"}},
		{"a leap day after New Year", 2023, "UTC",
			[]string{"Dec 28 00:00:00", "Feb 29 00:00:00"},
			[]string{"2023-12-28T00:00:00Z", "2024-02-29T00:00:00Z"}},
		{"a leap second", 2016, "UTC",
			[]string{"Dec 31 23:59:60", "Jan  1 00:00:00"},
			[]string{"rejected", "2016-01-01T00:00:00Z"}},
		{"spring forward: the missing hour is read as if the clock had not been moved", 2023, "America/New_York",
			[]string{"Mar 11 02:30:00", "Mar 12 01:59:59", "Mar 12 02:00:00", "Mar 12 02:59:59", "Mar 12 03:00:00",
				"Mar 13 02:30:00"},
			[]string{"2023-03-11T07:30:00Z", "2023-03-12T06:59:59Z", "2023-03-12T07:00:00Z", "2023-03-12T07:59:59Z",
				"2023-03-12T07:00:00Z", "2023-03-13T06:30:00Z"}},
		{"fall back: the double hour is the first one", 2023, "America/New_York",
			[]string{"Nov  4 01:30:00", "Nov  5 00:59:59", "Nov  5 01:00:00", "Nov  5 01:59:59", "Nov  5 02:00:00",
				"Nov  6 01:30:00"},
			[]string{"2023-11-04T05:30:00Z", "2023-11-05T04:59:59Z", "2023-11-05T05:00:00Z", "2023-11-05T05:59:59Z",
				"2023-11-05T07:00:00Z", "2023-11-06T06:30:00Z"}},
		{"the day that Samoa left out", 2011, "Pacific/Apia",
			[]string{"Dec 29 12:00:00", "Dec 30 12:00:00", "Dec 31 12:00:00"},
			[]string{"2011-12-29T22:00:00Z", "2011-12-30T22:00:00Z", "2011-12-30T22:00:00Z"}},
		{"RFC 3339 keeps its own year and zone", 2023, "America/New_York",
			[]string{"1999-12-31T23:00:00-02:00", "Mar  7 08:00:00", "2031-01-01T00:00:00Z", "Mar  7 08:00:01"},
			[]string{"2000-01-01T01:00:00Z", "2023-03-07T13:00:00Z", "2031-01-01T00:00:00Z", "2023-03-07T13:00:01Z"}},
		{"the last year there is", 9999, "America/New_York",
			[]string{"Dec 31 12:00:00", "Dec 31 20:00:00", "Jan  1 00:00:00", "9999-12-31T23:59:59-01:00"},
			[]string{"9999-12-31T17:00:00Z", "rejected", "rejected", "rejected"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := instants(t, c.year, c.zone, c.times...)
			for i := range c.want {
				if got[i] != c.want[i] {
					t.Errorf("%s: got %s, want %s", c.times[i], got[i], c.want[i])
				}
			}
		})
	}
}

// A line of another program can also begin a new year.
func TestYear_ChangesOnLinesOfOtherPrograms(t *testing.T) {
	log := "Dec 31 23:00:00 h CRON[1]: session opened\nJan  1 00:00:00" + login
	each(t, open(t, strings.NewReader(log), 2021, time.UTC), func(line sshd.Line) {
		if line.Number == 2 && line.Commands[0].Time.Year() != 2022 {
			t.Errorf("line 2: got time %s, want one of 2022", line.Commands[0].Time)
		}
	})
}

// Package time gives the expected instant of each wall clock time that is unique.
func TestInstantsAgreeWithTheZone(t *testing.T) {
	for _, name := range []string{"America/New_York", "Europe/London", "Australia/Lord_Howe", "Asia/Kathmandu",
		"Africa/Casablanca", "America/St_Johns"} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		var log strings.Builder
		var want []time.Time
		first := time.Date(2023, 1, 1, 0, 7, 3, 0, time.UTC)
		for wall := first; wall.Year() == 2023; wall = wall.Add(17 * time.Minute) {
			at := time.Date(2023, wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), wall.Second(), 0, zone)
			if !unique(at) {
				continue
			}
			log.WriteString(wall.Format(time.Stamp) + login)
			want = append(want, at)
		}
		each(t, open(t, strings.NewReader(log.String()), 2023, zone), func(line sshd.Line) {
			if got := line.Commands[0].Time; !got.Equal(want[line.Number-1]) {
				t.Errorf("%s: got %s, want %s", name, got, want[line.Number-1])
			}
		})
	}
}

// unique reports that no change of the zone is within a few hours.
func unique(at time.Time) bool {
	_, before := at.Add(-3 * time.Hour).Zone()
	_, after := at.Add(3 * time.Hour).Zone()
	return before == after
}
