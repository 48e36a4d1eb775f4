package calendar

import "time"

// juneteenthSince is the first year in which Juneteenth is a holiday (act of 17 June 2021).
const juneteenthSince = 2021

// usFedwire reports whether d is a holiday of the calendar us-fedwire: the eleven holidays of
// the Federal Reserve Banks (WD-5, A-50). The result MUST NOT change. Changed rules are a new
// calendar with a new name, such as us-fedwire@2.
func usFedwire(d Date) bool {
	year, month, day := d.Civil()
	weekday := d.Weekday()
	monday := weekday == time.Monday
	switch month {
	case time.January: // New Year's Day; Birthday of Martin Luther King, Jr.
		return isObserved(1, day, weekday) || monday && week(day) == 3
	case time.February: // Washington's Birthday
		return monday && week(day) == 3
	case time.May: // Memorial Day, the last Monday
		return monday && day > 31-7
	case time.June: // Juneteenth
		return year >= juneteenthSince && isObserved(19, day, weekday)
	case time.July: // Independence Day
		return isObserved(4, day, weekday)
	case time.September: // Labor Day
		return monday && week(day) == 1
	case time.October: // Columbus Day
		return monday && week(day) == 2
	case time.November: // Veterans Day; Thanksgiving Day
		return isObserved(11, day, weekday) || weekday == time.Thursday && week(day) == 4
	case time.December: // Christmas Day
		return isObserved(25, day, weekday)
	}
	return false
}

// isObserved reports whether a month's holiday on the day fixed is observed on day, whose day
// of the week is weekday. A holiday on a Sunday is observed on the Monday. A holiday on a
// Saturday does not move, so the Friday before is a business day.
func isObserved(fixed, day int, weekday time.Weekday) bool {
	if weekday == time.Monday && day == fixed+1 {
		return true
	}
	return day == fixed && weekday != time.Sunday
}

// week returns 1 if day is the first of its weekday in the month, 2 if it is the second, and
// so on.
func week(day int) int { return (day + 6) / 7 }
