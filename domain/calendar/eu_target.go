package calendar

import "time"

// euTarget reports whether d is a holiday of the calendar eu-target: the closing days of TARGET
// since 2002, applied to every year (WD-5). No holiday is moved. The result MUST NOT change.
func euTarget(d Date) bool {
	year, month, day := d.Civil()
	switch month {
	case time.January: // New Year's Day
		return day == 1
	case time.March, time.April: // Good Friday, Easter Monday
		sunday := easter(year)
		return d == sunday-2 || d == sunday+1
	case time.May: // Labour Day
		return day == 1
	case time.December: // Christmas Day and the day after
		return day == 25 || day == 26
	}
	return false
}

// easter returns Easter Sunday of the Gregorian calendar: the Sunday after the first
// ecclesiastical full moon on or after 21 March.
func easter(year int) Date {
	golden := year%19 + 1 // the dates of the moon repeat after 19 years
	century := year/100 + 1
	leapsDropped := 3*century/4 - 12 // leap days that the Gregorian calendar omits
	moonGained := (8*century+5)/25 - 5
	epact := (11*golden + 20 + moonGained - leapsDropped) % 30 // the moon's age on 1 January
	if epact < 0 {
		epact += 30
	}
	if epact == 24 || epact == 25 && golden > 11 {
		epact++ // otherwise two of the 19 years would have the same full moon
	}
	moon := On(year, time.March, 44-epact)
	if equinox := On(year, time.March, 21); moon < equinox {
		moon += 30
	}
	return moon + Date(7-moon.Weekday())
}
