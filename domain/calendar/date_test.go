package calendar

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestDate_MatchesMonthLengths compares every day of the years 0 to 9999 with a count by the
// lengths of the months.
func TestDate_MatchesMonthLengths(t *testing.T) {
	lengths := [...]int{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}
	d, weekday := Date(-719_528), 6 // 1 January of the year 0, a Saturday
	for year := range 10_000 {
		for month := range 12 {
			length := lengths[month]
			if month == 1 && year%4 == 0 && (year%100 != 0 || year%400 == 0) {
				length = 29
			}
			for day := 1; day <= length; day++ {
				y, m, n := d.Civil()
				if y != year || int(m) != month+1 || n != day || int(d.Weekday()) != weekday {
					t.Fatalf("%d is %s, %s; want %d-%d-%d, weekday %d", d, d, d.Weekday(), year, month+1, day, weekday)
				}
				if On(year, time.Month(month+1), day) != d {
					t.Fatalf("On(%d, %d, %d) = %s, want %s", year, month+1, day, On(year, time.Month(month+1), day), d)
				}
				if again, ok := Parse(d.String()); !ok || again != d {
					t.Fatalf("Parse(%q): got %s, %t, want %s", d.String(), again, ok, d)
				}
				d, weekday = d+1, (weekday+1)%7
			}
		}
	}
}

func TestDateText(t *testing.T) {
	for d, want := range map[Date]string{
		0: "1970-01-01", -1: "1969-12-31", 59: "1970-03-01", 11_016: "2000-02-29",
		On(0, 1, 1): "0000-01-01", On(9999, 12, 31): "9999-12-31",
		On(10_000, 1, 1): "10000-01-01", On(-1, 12, 31): "-1-12-31",
		math.MaxInt32: "5881580-07-11", math.MinInt32: "-5877641-06-23",
	} {
		if d.String() != want {
			t.Errorf("Date(%d).String() = %s, want %s", int32(d), d, want)
		}
	}
}

func TestParse_RejectsOtherFormsAndDays(t *testing.T) {
	for _, s := range []string{
		"", "2026", "2026-1-1", "2026-01-1", "2026-01-011", "02026-01-01", "26-01-01", "20260101",
		"2026/01/01", "2026-01/01", "2026.01.01", "01-01-2026", "2026-01-01Z", "2026-01-01T00:00:00Z",
		" 2026-01-1", "2026-01-1 ", "2026-01-0x", "+026-01-01", "-026-01-01", "2026-+1-01", "2026--1-01",
		"2026-01--1", "２-01-01",
		"2026-00-01", "2026-13-01", "2026-01-00", "2026-01-32", "2026-04-31", "2026-02-29", "1900-02-29",
		"2026-99-99",
	} {
		if d, ok := Parse(s); ok || d != 0 {
			t.Errorf("Parse(%q) = %s, %v; want 0, false", s, d, ok)
		}
	}
}

func TestParse_AgreesWithPackageTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringMatching(`[0-9]{4}-[01][0-9]-[0-3][0-9]`).Draw(t, "text")
		want, err := time.Parse(time.DateOnly, s)
		d, ok := Parse(s)
		if ok != (err == nil) || ok && d.seconds() != want.Unix() {
			t.Fatalf("Parse(%q): got %s, %t, want %s, %v of package time", s, d, ok, want, err)
		}
	})
}
