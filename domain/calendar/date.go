package calendar

import (
	"strconv"
	"time"
)

// Date is a civil day: the days since 1970-01-01, negative before. It is of no
// zone. Dates compare and add as numbers do. Years 0 to 9999 are what commands
// can carry, and what this package is exact for.
type Date int32

const daySeconds = 24 * 60 * 60

// On is the date of a year, month and day of the Gregorian calendar, in every
// year. A day that its month lacks runs on as in [time.Date]: 31 April is 1 May.
func On(year int, month time.Month, day int) Date {
	return dateAt(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix())
}

// Civil is the year, month and day that d is.
func (d Date) Civil() (year int, month time.Month, day int) {
	return time.Unix(d.seconds(), 0).UTC().Date()
}

// Weekday is the day of the week that d is.
func (d Date) Weekday() time.Weekday {
	const epoch = int(time.Thursday)
	return time.Weekday((int(d)%7 + 7 + epoch) % 7)
}

// seconds is the wall clock's reading when d begins, counted as if it were UTC.
func (d Date) seconds() int64 { return int64(d) * daySeconds }

// dateAt is the day of such a reading. It rounds towards the past, also before
// 1970, where division alone would round towards 1970.
func dateAt(seconds int64) Date {
	day := seconds / daySeconds
	if seconds%daySeconds < 0 {
		day--
	}
	return Date(day)
}

const dateForm = "YYYY-MM-DD"

// Parse reads YYYY-MM-DD, and nothing else: two digits for month and day, four
// for the year, and only a day that there is.
func Parse(s string) (Date, bool) {
	if len(s) != len(dateForm) || s[4] != '-' || s[7] != '-' {
		return 0, false
	}
	year, month, day := digits(s[:4]), digits(s[5:7]), digits(s[8:])
	if year < 0 || month < 0 || day < 0 {
		return 0, false
	}
	d := On(year, time.Month(month), day)
	if y, m, n := d.Civil(); y != year || int(m) != month || n != day {
		return 0, false // it ran on into another month
	}
	return d, true
}

// digits is the number that s spells, -1 if a byte of it is no digit.
func digits(s string) int {
	n := 0
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return -1
		}
		n = 10*n + int(s[i]-'0')
	}
	return n
}

// String is d as YYYY-MM-DD. The years that four digits can't tell have more, or
// a sign, and [Parse] refuses them.
func (d Date) String() string {
	year, month, day := d.Civil()
	var room [len(dateForm) + 4]byte
	b := room[:0]
	if year < 0 || year > 9999 {
		b = strconv.AppendInt(b, int64(year), 10)
	} else {
		b = appendTwo(appendTwo(b, year/100), year%100)
	}
	b = appendTwo(append(b, '-'), int(month))
	b = appendTwo(append(b, '-'), day)
	return string(b)
}

func appendTwo(b []byte, n int) []byte {
	return append(b, byte('0'+n/10), byte('0'+n%10))
}
