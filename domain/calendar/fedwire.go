package calendar

import "time"

// The year of the first Juneteenth that was a holiday, by the act of 17 June 2021.
const juneteenthSince = 2021

// usFedwire is the calendar us-fedwire, for ever in its version 1: the eleven
// holidays of the Federal Reserve Banks (WD-5, A-50). A changed rule is a new
// calendar with a new name, such as us-fedwire@2.
func usFedwire(d Date) bool {
	year, month, day := d.Civil()
	weekday := d.Weekday()
	monday := weekday == time.Monday
	switch month {
	case time.January: // New Year's Day; Birthday of Martin Luther King, Jr.
		return kept(1, day, weekday) || monday && week(day) == 3
	case time.February: // Washington's Birthday
		return monday && week(day) == 3
	case time.May: // Memorial Day, the last Monday
		return monday && day > 31-7
	case time.June: // Juneteenth
		return year >= juneteenthSince && kept(19, day, weekday)
	case time.July: // Independence Day
		return kept(4, day, weekday)
	case time.September: // Labor Day
		return monday && week(day) == 1
	case time.October: // Columbus Day
		return monday && week(day) == 2
	case time.November: // Veterans Day; Thanksgiving Day
		return kept(11, day, weekday) || weekday == time.Thursday && week(day) == 4
	case time.December: // Christmas Day
		return kept(25, day, weekday)
	}
	return false
}

// kept reports whether the holiday on a fixed day of this month is kept on day.
// From a Sunday it moves to the Monday. From a Saturday it does not move: the
// Friday before stays a business day, also 31 December.
func kept(fixed, day int, weekday time.Weekday) bool {
	if weekday == time.Monday && day == fixed+1 {
		return true
	}
	return day == fixed && weekday != time.Sunday
}

// week is 1 for the first Monday (or other weekday) of a month, 2 for the second …
func week(day int) int { return (day + 6) / 7 }
