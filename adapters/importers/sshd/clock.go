package sshd

import "time"

// The range of years that a log may show.
const (
	yearMin = 1970
	yearMax = 9999
)

const (
	secondsPerDay = 24 * 60 * 60
	// halfYear is the maximum step between two lines within one year. A larger step
	// means that the year changed between the lines, except as stepBackMax states.
	halfYear = 180 * secondsPerDay
	// stepBackMax is the maximum time by which a clock may be set back over New Year. If a
	// date that is more than half a year later would need a larger step back, the date
	// belongs to the same year: the host logged nothing for more than half a year.
	stepBackMax = 7 * secondsPerDay
)

// clock turns the times of the log into instants. Wall clock times are held as
// seconds since 1970 as if the zone were UTC.
type clock struct {
	zone    *time.Location
	year    int   // year of the newest time that shows no year; 0 if it was not given
	last    int64 // wall clock of the newest line whose time shows no year
	started bool

	// The zone's offsets in seconds, one day before the start of day and one day after
	// its end. They differ only near a change of the clocks.
	day           int64
	before, after int64
}

// noYear is the reason why a time without a year has no instant in a log whose year was
// not given.
const noYear = "no year, and none was given for the log's first line"

func newClock(year int, zone *time.Location) clock {
	return clock{zone: zone, year: year, day: -1}
}

// read returns the instant of a stamp, or the reason why it has none.
func (c *clock) read(s *stamp) (at time.Time, wrong string) {
	switch {
	case s.wrong != "":
		return at, s.wrong
	case !s.instant.IsZero():
		return s.instant, wrongYear(s.instant)
	case s.year != 0:
		return c.readDated(s)
	}
	if c.year == 0 {
		return at, noYear
	}
	year := c.yearOf(s)
	if s.day > daysIn(s.month, year) {
		return at, "no such day in that year: check the year given for the log's first line"
	}
	if year < yearMin || year > yearMax {
		return at, "out of the years 1970 to 9999: check the year given for the log's first line"
	}
	c.year, c.last, c.started = year, s.wall(year), true
	at = time.Unix(c.instant(c.last), int64(s.nanos)).UTC()
	return at, wrongYear(at)
}

// readDated reads a time that shows its year. Such a time does not affect the year of
// times that show none.
func (c *clock) readDated(s *stamp) (at time.Time, wrong string) {
	if s.day > daysIn(s.month, s.year) {
		return at, "no such day in that year"
	}
	if s.year < yearMin && !s.hasOffset {
		return at, "out of the years 1970 to 9999"
	}
	wall := s.wall(s.year)
	instant := wall - int64(s.offset)
	if !s.hasOffset {
		instant = c.instant(wall)
	}
	if s.abbreviation != nil {
		var ok bool
		if instant, ok = c.instantNamed(wall, s.abbreviation); !ok {
			return at, "the zone given for the log does not show that abbreviation then: give the host's zone"
		}
	}
	at = time.Unix(instant, int64(s.nanos)).UTC()
	return at, wrongYear(at)
}

// instantNamed returns the instant at which the zone showed the wall clock time wall and
// the abbreviation. It reports false if there is no such instant.
func (c *clock) instantNamed(wall int64, abbreviation []byte) (instant int64, ok bool) {
	c.instant(wall) // sets the offsets around that day
	for _, offset := range [...]int64{c.before, c.after} {
		instant = wall - offset
		name, seconds := time.Unix(instant, 0).In(c.zone).Zone()
		if int64(seconds) == offset && name == string(abbreviation) {
			return instant, true
		}
	}
	return 0, false
}

// wrongYear returns the reason why the year of an instant is invalid, "" if it is valid.
// It accepts one year less than yearMin, because the conversion to UTC may cross New Year.
func wrongYear(at time.Time) string {
	if at.Year() < yearMin-1 || at.Year() > yearMax {
		return "out of the years 1970 to 9999"
	}
	return ""
}

// yearOf returns the year that brings s nearest to the time of the line before, except as
// stepBackMax states.
func (c *clock) yearOf(s *stamp) int {
	if !c.started {
		return c.year
	}
	switch step := s.wall(c.year) - c.last; {
	case step < -halfYear:
		return c.year + 1
	case step > halfYear && c.last-s.wall(c.year-1) <= stepBackMax:
		return c.year - 1
	}
	return c.year
}

// instant returns the instant at which the zone showed the wall clock time wall. If the
// zone showed wall twice, instant returns the first of the two. If a change of the clocks
// skipped wall, instant uses the offset before the change.
func (c *clock) instant(wall int64) int64 {
	if day := wall / secondsPerDay; day != c.day {
		midnight := day * secondsPerDay
		c.day = day
		c.before = c.offset(midnight - secondsPerDay)
		c.after = c.offset(midnight + 2*secondsPerDay)
	}
	first, second := wall-c.before, wall-c.after
	if c.before == c.after || c.offset(first) == c.before || c.offset(second) != c.after {
		return first
	}
	return second
}

func (c *clock) offset(instant int64) int64 {
	_, seconds := time.Unix(instant, 0).In(c.zone).Zone()
	return int64(seconds)
}

// wall returns the wall clock time of s in a year. In a year without a 29 February it
// returns 1 March for that day, which is sufficient to choose the year.
func (s *stamp) wall(year int) int64 {
	return time.Date(year, s.month, s.day, 0, 0, 0, 0, time.UTC).Unix() + int64(s.seconds)
}

func daysIn(month time.Month, year int) int {
	return time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day()
}
