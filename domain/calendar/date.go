package calendar

import (
	"strconv"
	"time"
)

// Date is a civil day without a time zone: the number of days since 1970-01-01, negative
// before. Dates can be compared and added as numbers. The package supports the years 0 to
// 9999.
type Date int32

const daySeconds = 24 * 60 * 60

// On returns the date of a year, month and day. It uses the Gregorian calendar also for years
// before its introduction. It normalizes an invalid day as [time.Date] does: 31 April is 1 May.
func On(year int, month time.Month, day int) Date {
	return dateAt(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix())
}

// Civil returns the year, month and day of d.
func (d Date) Civil() (year int, month time.Month, day int) {
	return time.Unix(d.seconds(), 0).UTC().Date()
}

// Weekday returns the day of the week of d.
func (d Date) Weekday() time.Weekday {
	const epoch = int(time.Thursday)
	return time.Weekday((int(d)%7 + 7 + epoch) % 7)
}

// seconds returns the Unix time of midnight of d in UTC.
func (d Date) seconds() int64 { return int64(d) * daySeconds }

// dateAt returns the day of a Unix time in UTC. It rounds down, also before 1970, where
// integer division rounds up.
func dateAt(seconds int64) Date {
	day := seconds / daySeconds
	if seconds%daySeconds < 0 {
		day--
	}
	return Date(day)
}

const dateForm = "YYYY-MM-DD"

// Parse parses a date in the form YYYY-MM-DD. It returns false for other forms and for days
// that do not exist.
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
		return 0, false // the day does not exist in this month
	}
	return d, true
}

// digits returns the number with the decimal digits s, -1 if s has another character.
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

// String returns d in the form YYYY-MM-DD. A year before 0 or after 9999 has a sign or more
// digits, and [Parse] does not accept it.
func (d Date) String() string {
	year, month, day := d.Civil()
	var buffer [len(dateForm) + 4]byte
	b := buffer[:0]
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
