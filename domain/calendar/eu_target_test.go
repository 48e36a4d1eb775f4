package calendar

import (
	"testing"
	"time"
)

// TestEUTarget_MatchesPublishedDays is WD-5: the closing days that the central bank publishes.
func TestEUTarget_MatchesPublishedDays(t *testing.T) {
	for year, want := range map[int]string{
		2008: "01-01 03-21 03-24 05-01 12-25 12-26",
		2011: "01-01 04-22 04-25 05-01 12-25 12-26",
		2018: "01-01 03-30 04-02 05-01 12-25 12-26",
		2024: "01-01 03-29 04-01 05-01 12-25 12-26",
		2025: "01-01 04-18 04-21 05-01 12-25 12-26",
		2026: "01-01 04-03 04-06 05-01 12-25 12-26",
		2027: "01-01 03-26 03-29 05-01 12-25 12-26",
	} {
		if got := keptIn(Named("eu-target"), year); got != want {
			t.Errorf("holidays of %d: got %s, want %s", year, got, want)
		}
	}
}

// TestEUTarget_MovesNoHoliday is WD-5: a holiday on a weekend is not moved, and American
// holidays are business days.
func TestEUTarget_MovesNoHoliday(t *testing.T) {
	for day, business := range map[string]bool{
		"2022-01-03": true, "2022-05-02": true, "2022-12-26": false, "2022-12-27": true,
		"2026-12-28": true, "2025-07-04": true, "2025-11-27": true,
	} {
		if got := Named("eu-target").Business(date(t, day)); got != business {
			t.Errorf("Business(%s) = %v, want %v", day, got, business)
		}
	}
}

// The published dates include the earliest and the latest Easter, and the years of the exceptions
// of the computation: 1954, 1981, 2049 and 2076.
func TestEaster_MatchesPublishedDates(t *testing.T) {
	for _, want := range []string{
		"1818-03-22", "1886-04-25", "1943-04-25", "1954-04-18", "1961-04-02", "1970-03-29", "1981-04-19",
		"1999-04-04",
		"2000-04-23", "2001-04-15", "2002-03-31", "2003-04-20", "2004-04-11", "2005-03-27", "2006-04-16",
		"2007-04-08",
		"2008-03-23", "2009-04-12", "2010-04-04", "2011-04-24", "2012-04-08", "2013-03-31", "2014-04-20",
		"2015-04-05",
		"2016-03-27", "2017-04-16", "2018-04-01", "2019-04-21", "2020-04-12", "2021-04-04", "2022-04-17",
		"2023-04-09",
		"2024-03-31", "2025-04-20", "2026-04-05", "2027-03-28", "2028-04-16", "2029-04-01", "2030-04-21",
		"2031-04-13",
		"2032-03-28", "2033-04-17", "2034-04-09", "2035-03-25", "2036-04-13", "2037-04-05", "2038-04-25",
		"2039-04-10",
		"2040-04-01", "2049-04-18", "2076-04-19", "2285-03-22",
	} {
		year, _, _ := date(t, want).Civil()
		if got := easter(year); got.String() != want {
			t.Errorf("easter(%d) = %s, want %s", year, got, want)
		}
	}
}

// Butcher's algorithm of 1876 computes Easter without the golden number.
func TestEaster_MatchesButchersAlgorithm(t *testing.T) {
	for y := 1583; y < 10_000; y++ {
		a, b, c := y%19, y/100, y%100
		h := (19*a + b - b/4 - (b-(b+8)/25+1)/3 + 15) % 30
		l := (32 + 2*(b%4) + 2*(c/4) - h - c%4) % 7
		m := (a + 11*h + 22*l) / 451
		month, day := (h+l-7*m+114)/31, (h+l-7*m+114)%31+1
		if got, want := easter(y), On(y, time.Month(month), day); got != want {
			t.Fatalf("easter(%d) = %s, want %s", y, got, want)
		}
	}
}
