package sshd

import (
	"encoding/binary"
	"encoding/hex"
	"math"
	"time"
)

// stamp is the time of a line as the line shows it. The clock adds the year and
// the zone where the line has none.
type stamp struct {
	year         int // 0 if the line shows none
	month        time.Month
	day          int // from 1
	seconds      int // since midnight
	nanos        int
	hasOffset    bool
	offset       int       // seconds east of UTC
	abbreviation []byte    // of the zone, such as CET; nil if the line shows none
	instant      time.Time // set if the time is a count of seconds; the other members are zero then
	wrong        string    // the reason why the value is invalid, "" if it is valid
}

// isDated reports whether the line shows the year.
func (s *stamp) isDated() bool { return s.year != 0 || !s.instant.IsZero() }

// stampForm is one way in which logs write times.
type stampForm struct {
	name, example string
	cut           func(line []byte) (s stamp, rest []byte, ok bool)
}

// stampForms lists the forms in the order in which cutStamp tries them. docs/importing.md
// shows them.
var stampForms = []stampForm{
	{"month, day, time; a year may follow the day or the time", "Mar 27 13:08:09", cutMonthFirst},
	{"ISO 8601, with or without an offset", "2024-03-27T13:08:09.123456+01:00", cutISO},
	{"a weekday before either", "Wed 2024-03-27 13:08:09 CET", cutWeekdayFirst},
	{"year, month, day, time", "2024 Mar 27 13:08:09", cutYearFirst},
	{"seconds since 1970", "1711541289.123456", cutUnix},
	{"TAI64N", "@4000000066040c33075bcd15", cutTAI64N},
}

// cutStamp splits a line into its time and the part after the time and its blanks.
func cutStamp(line []byte) (s stamp, rest []byte, ok bool) {
	for i := range stampForms {
		if s, rest, ok = stampForms[i].cut(line); ok {
			return s, rest, true
		}
	}
	return s, nil, false
}

// cutMonthFirst reads the time of RFC 3164, also with a year or a fraction.
func cutMonthFirst(line []byte) (s stamp, _ []byte, ok bool) {
	if len(line) < len("Mar 7 13:08:09") || isDigit(line[0]) || line[3] != ' ' {
		return s, nil, false
	}
	in := scanner{rest: line[4:]}
	in.blanks()
	s.month, s.day = monthOf(line), in.number(1, 2)
	in.blank()
	in.year(&s)
	in.timeOfDay(&s)
	in.yearBehind(&s)
	in.end()
	s.judge()
	return s, in.rest, !in.failed
}

// cutYearFirst reads "2024 Mar 27 13:08:09".
func cutYearFirst(line []byte) (s stamp, _ []byte, ok bool) {
	word, rest := nextWord(line)
	year := yearIn(word)
	if year == 0 {
		return s, nil, false
	}
	s, rest, ok = cutMonthFirst(trimBlanks(rest))
	ok = ok && s.year == 0
	s.year = year
	return s, rest, ok
}

// cutISO reads "2024-03-27T13:08:09", with a blank in place of the T, with a
// fraction behind a point or a comma, and with any offset.
func cutISO(line []byte) (s stamp, _ []byte, ok bool) {
	in := scanner{rest: line}
	in.isoDate(&s)
	in.timeOfDay(&s)
	in.isoOffset(&s)
	in.end()
	s.judge()
	if s.year == 0 {
		s.wrong = wantTime
	}
	return s, in.rest, !in.failed
}

// cutWeekdayFirst reads "Wed Mar 27 …" and "Wed 2024-03-27 13:08:09 CET".
func cutWeekdayFirst(line []byte) (s stamp, rest []byte, ok bool) {
	if len(line) < len("Wed Mar 7 13:08:09") || line[3] != ' ' || !isWeekday(line[:3]) {
		return s, nil, false
	}
	if !isDigit(line[4]) {
		return cutMonthFirst(line[4:])
	}
	s, rest, ok = cutISO(line[4:])
	if ok && !s.hasOffset {
		s.abbreviation, rest = nextWord(rest)
	}
	return s, trimBlanks(rest), ok && (s.hasOffset || isAbbreviation(s.abbreviation))
}

// cutUnix reads "1711541289.123456".
func cutUnix(line []byte) (s stamp, _ []byte, ok bool) {
	in := scanner{rest: line}
	seconds := in.number(unixDigitsMin, unixDigitsMax)
	nanos := in.fraction()
	in.end()
	s.instant = time.Unix(int64(seconds), int64(nanos)).UTC()
	return s, in.rest, !in.failed
}

// Counts of seconds have this many digits from 1973 to 2286.
const (
	unixDigitsMin = 9
	unixDigitsMax = 10
)

const (
	tai64nDigits = 24
	// tai64Epoch is the label of 1970 plus the 10 seconds that the programs that
	// write these labels add.
	tai64Epoch = 1<<62 + 10
)

// cutTAI64N reads the labels of multilog, s6-log and svlogd.
func cutTAI64N(line []byte) (s stamp, _ []byte, ok bool) {
	if len(line) <= tai64nDigits || line[0] != '@' {
		return s, nil, false
	}
	var label [tai64nDigits / 2]byte
	if _, err := hex.Decode(label[:], line[1:1+tai64nDigits]); err != nil {
		return s, nil, false
	}
	seconds, nanos := binary.BigEndian.Uint64(label[:8]), binary.BigEndian.Uint32(label[8:])
	in := scanner{rest: line[1+tai64nDigits:]}
	in.end()
	if seconds < tai64Epoch || seconds-tai64Epoch > math.MaxUint32 || nanos >= nanosPerSecond {
		s.wrong = "want a label between the years 1970 and 2106"
		return s, in.rest, !in.failed
	}
	s.instant = time.Unix(int64(seconds-tai64Epoch), int64(nanos)).UTC()
	return s, in.rest, !in.failed
}

const nanosPerSecond = 1_000_000_000

// judge sets wrong if the month is unknown or the day is not between 1 and 31. The
// scanner has already checked the time of day and the offset.
func (s *stamp) judge() {
	if s.month < time.January || s.month > time.December || s.day < 1 || s.day > 31 {
		s.wrong = wantTime
	}
}

const wantTime = "want a time like \"Mar 27 13:08:09\" or 2017-03-27T13:08:09Z"

func isWeekday(word []byte) bool {
	switch string(word) {
	case "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun":
		return true
	}
	return false
}

func monthOf(line []byte) time.Month {
	switch string(line[:3]) {
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
