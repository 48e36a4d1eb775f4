package calendar

import (
	"fmt"
	"testing"
	"time"
)

// naive is a second implementation of us-fedwire that shares no code with the package: it visits
// every day of a year and counts the weekdays of each month.
type naive map[string]bool

func (n naive) walk(year int) {
	fixed := map[string]bool{"01-01": true, "06-19": year > 2020, "07-04": true, "11-11": true, "12-25": true}
	seen := map[string]int{}
	var lastMondayOfMay string
	for t := time.Date(year, 1, 1, 12, 0, 0, 0, time.UTC); t.Year() == year; t = t.AddDate(0, 0, 1) {
		if fixed[t.Format("01-02")] {
			kept := t
			if t.Format("Mon") == "Sun" {
				kept = t.AddDate(0, 0, 1)
			}
			n[kept.Format(time.DateOnly)] = true
		}
		nth := t.Format("Jan Mon")
		seen[nth]++
		switch fmt.Sprint(seen[nth], " ", nth) {
		case "3 Jan Mon", "3 Feb Mon", "1 Sep Mon", "2 Oct Mon", "4 Nov Thu":
			n[t.Format(time.DateOnly)] = true
		}
		if nth == "May Mon" {
			lastMondayOfMay = t.Format(time.DateOnly)
		}
	}
	n[lastMondayOfMay] = true
}

func (n naive) business(t time.Time) bool {
	weekday := t.Format("Mon")
	return weekday != "Sat" && weekday != "Sun" && !n[t.Format(time.DateOnly)]
}

func (n naive) window(t time.Time) (days []string) {
	for ; len(days) < 5; t = t.AddDate(0, 0, -1) {
		if n.business(t) {
			days = append([]string{t.Format(time.DateOnly)}, days...)
		}
	}
	return days
}

// TestFedwire_MatchesNaiveCalendar is WD-4, WD-5 and A-50 for every day from 2000 to 2040.
func TestFedwire_MatchesNaiveCalendar(t *testing.T) {
	n := naive{}
	for year := 1999; year <= 2040; year++ {
		n.walk(year)
	}
	c := Named("us-fedwire")
	for at := time.Date(2000, 1, 1, 12, 0, 0, 0, time.UTC); at.Year() <= 2040; at = at.AddDate(0, 0, 1) {
		d := DateOf(at, time.UTC)
		if c.Holiday(d) != n[at.Format(time.DateOnly)] {
			t.Errorf("Holiday(%s) = %v, want %v", d, c.Holiday(d), !c.Holiday(d))
		}
		if c.Business(d) != n.business(at) {
			t.Errorf("Business(%s) = %v, want %v", d, c.Business(d), !c.Business(d))
		}
		if got, want := fmt.Sprint(c.Window(d)), fmt.Sprint(n.window(at)); got != want {
			t.Errorf("Window(%s) = %s, want %s", d, got, want)
		}
	}
}
