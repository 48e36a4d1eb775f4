package sshd

import "time"

// The years that a log may tell of.
const (
	yearMin = 1970
	yearMax = 9999
)

const (
	secondsPerDay = 24 * 60 * 60
	// halfYear: a jump further than that is nearer the other way round the
	// calendar.
	halfYear = 180 * secondsPerDay
	// stepBackMax is how far a clock may be set back over New Year and still
	// be told from a host that was silent for most of a year.
	stepBackMax = 7 * secondsPerDay
)

// clock turns the times of the log into instants. Wall clock times are held as
// seconds since 1970 as if the zone were UTC.
type clock struct {
	zone    *time.Location
	year    int
	last    int64 // wall clock of the newest line that could be read
	started bool

	// The offsets some way before and after the day of last, in seconds: equal
	// on all days but the few near a change.
	day           int64
	before, after int64
}

func newClock(year int, zone *time.Location) clock {
	return clock{zone: zone, year: year, day: -1}
}

// read returns the instant of a stamp, or says what is wrong with it.
func (c *clock) read(stamp []byte) (at time.Time, wrong string) {
	if isDigit(stamp[0]) {
		return readLong(stamp)
	}
	s, ok := parseShort(stamp)
	if !ok {
		return at, "want a time like \"Mar 27 13:08:09\""
	}
	year := c.yearOf(s)
	if s.day > daysIn(s.month, year) {
		return at, "no such day in that year: check the year given for the log's first line"
	}
	if year < yearMin || year > yearMax {
		return at, "out of the years 1970 to 9999: check the year given for the log's first line"
	}
	c.year, c.last, c.started = year, s.wall(year), true
	at = time.Unix(c.instant(c.last), 0).UTC()
	return at, wrongYear(at)
}

func readLong(stamp []byte) (at time.Time, wrong string) {
	if err := at.UnmarshalText(stamp); err != nil {
		return at, "want a time as in RFC 3339, such as 2017-03-27T13:08:09Z"
	}
	at = at.UTC()
	return at, wrongYear(at)
}

// wrongYear judges after the conversion to UTC, which may cross New Year.
func wrongYear(at time.Time) string {
	if at.Year() < yearMin-1 || at.Year() > yearMax {
		return "out of the years 1970 to 9999"
	}
	return ""
}

// yearOf is the year that puts s nearest to the line before.
func (c *clock) yearOf(s short) int {
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

// instant is when the wall clock of the zone showed wall: the first time if it
// did so twice, and as if it had not been moved if it never did.
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

// short is a time without a year, as in RFC 3164.
type short struct {
	month        time.Month
	day, seconds int // from 1; since midnight
}

// wall is the wall clock time of s in year. A 29 February that the year lacks
// is the next day, which is near enough to choose a year by.
func (s short) wall(year int) int64 {
	return time.Date(year, s.month, s.day, 0, 0, 0, 0, time.UTC).Unix() + int64(s.seconds)
}

func daysIn(month time.Month, year int) int {
	return time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// parseShort reads "Mar 27 13:08:09", the day padded with a space or a zero.
func parseShort(stamp []byte) (s short, ok bool) {
	if stamp[4] == ' ' {
		s.day = number('0', stamp[5])
	} else {
		s.day = number(stamp[4], stamp[5])
	}
	hour, minute, second := number(stamp[7], stamp[8]), number(stamp[10], stamp[11]), number(stamp[13], stamp[14])
	s.month = monthOf(stamp)
	s.seconds = (hour*60+minute)*60 + second
	ok = s.month != 0 && s.day >= 1 && s.day <= 31 &&
		hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 && second < 60
	return s, ok
}

// number reads two digits, -1 if they are none.
func number(tens, ones byte) int {
	if !isDigit(tens) || !isDigit(ones) {
		return -1
	}
	return int(tens-'0')*10 + int(ones-'0')
}

func monthOf(stamp []byte) time.Month {
	switch string(stamp[:3]) {
	case "Jan":
		return time.January
	case "Feb":
		return time.February
	case "Mar":
		return time.March
	case "Apr":
		return time.April
	case "May":
		return time.May
	case "Jun":
		return time.June
	case "Jul":
		return time.July
	case "Aug":
		return time.August
	case "Sep":
		return time.September
	case "Oct":
		return time.October
	case "Nov":
		return time.November
	case "Dec":
		return time.December
	}
	return 0
}
