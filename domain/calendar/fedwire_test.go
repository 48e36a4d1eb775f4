package calendar

import (
	"strings"
	"testing"
)

// keptIn returns the holidays of c in a year.
func keptIn(c *Calendar, year int) string {
	var days []string
	for d := On(year, 1, 1); d < On(year+1, 1, 1); d++ {
		if c.Holiday(d) {
			days = append(days, d.String()[5:])
		}
	}
	return strings.Join(days, " ")
}

// TestFedwire_MatchesPublishedDays is WD-5 and A-50. The Federal Reserve does not publish the
// holidays on a Saturday, which have no effect. These lists include them.
func TestFedwire_MatchesPublishedDays(t *testing.T) {
	for year, want := range map[int]string{
		2005: "01-01 01-17 02-21 05-30 07-04 09-05 10-10 11-11 11-24 12-26", // Christmas Day on a Sunday
		2020: "01-01 01-20 02-17 05-25 07-04 09-07 10-12 11-11 11-26 12-25", // no Juneteenth yet
		2021: "01-01 01-18 02-15 05-31 06-19 07-05 09-06 10-11 11-11 11-25 12-25",
		2022: "01-01 01-17 02-21 05-30 06-20 07-04 09-05 10-10 11-11 11-24 12-26",
		2023: "01-02 01-16 02-20 05-29 06-19 07-04 09-04 10-09 11-11 11-23 12-25",
		2024: "01-01 01-15 02-19 05-27 06-19 07-04 09-02 10-14 11-11 11-28 12-25",
		2025: "01-01 01-20 02-17 05-26 06-19 07-04 09-01 10-13 11-11 11-27 12-25",
		2026: "01-01 01-19 02-16 05-25 06-19 07-04 09-07 10-12 11-11 11-26 12-25",
	} {
		if got := keptIn(Named("us-fedwire"), year); got != want {
			t.Errorf("holidays of %d: got %s, want %s", year, got, want)
		}
	}
}

// TestFedwire_MovesNoHolidayToFriday is WD-5 and A-50: the Friday before a holiday on a Saturday
// is a business day.
func TestFedwire_MovesNoHolidayToFriday(t *testing.T) {
	for day, business := range map[string]bool{
		"2021-12-31": true, "2022-01-01": false, "2022-01-03": true, // New Year's Day on a Saturday
		"2010-12-31": true, "2021-06-18": true, "2020-07-03": true, "2023-11-10": true, "2021-12-24": true,
		"2017-01-01": false, "2017-01-02": false, "2017-01-03": true, // on a Sunday
		"2020-06-19": true, "2021-06-21": true, "2022-06-20": false,
		"2001-09-12": true, // the calendar has no emergency closings
	} {
		if got := Named("us-fedwire").Business(date(t, day)); got != business {
			t.Errorf("Business(%s) = %v, want %v", day, got, business)
		}
	}
}
