package calendar

import (
	"slices"
	"time"
)

// Calendar defines business days. Its name is its version: the business days of a name never
// change. In the zero Calendar and in a nil Calendar every day is a holiday.
type Calendar struct {
	name    string
	holiday func(Date) bool
}

// catalog lists the calendars that a policy can name. To add a calendar, write its rules in
// a new file and add a line here.
var catalog = []*Calendar{
	{"eu-target", euTarget},
	{"us-fedwire", usFedwire},
}

// Named returns the calendar with a name, nil if the name is unknown.
func Named(name string) *Calendar {
	for _, c := range catalog {
		if c.name == name {
			return c
		}
	}
	return nil
}

// Names returns the names of all calendars in alphabetical order.
func Names() []string {
	names := make([]string, 0, len(catalog))
	for _, c := range catalog {
		names = append(names, c.name)
	}
	slices.Sort(names)
	return names
}

// Name returns the name of c, "" for the zero Calendar.
func (c *Calendar) Name() string {
	if c == nil {
		return ""
	}
	return c.name
}

// Holiday reports whether d is a holiday of c. A moved holiday is only on the day to which it
// is moved (WD-5). Weekends are not holidays.
func (c *Calendar) Holiday(d Date) bool {
	return c == nil || c.holiday == nil || c.holiday(d)
}

// Business reports whether d is a day from Monday to Friday and not a holiday (WD-5).
func (c *Calendar) Business(d Date) bool {
	weekday := d.Weekday()
	return weekday != time.Saturday && weekday != time.Sunday && !c.Holiday(d)
}

// WindowDays is the number of business days in the window of the five-day limit (WD-4).
const WindowDays = 5

// searchDays is the maximum number of days that Window checks, so that it ends for every
// calendar. In each calendar of the catalog, every 31 days contain five business days.
const searchDays = 31

// Window returns the five most recent business days up to and including d, oldest first
// (WD-4). If the search finds fewer, the oldest day of the search replaces each missing day.
// The window is then longer, so the limit allows less.
func (c *Calendar) Window(d Date) [WindowDays]Date {
	var window [WindowDays]Date
	missing, oldest := WindowDays, d-(searchDays-1)
	for day := d; missing > 0 && day >= oldest; day-- {
		if c.Business(day) {
			missing--
			window[missing] = day
		}
	}
	for i := range missing {
		window[i] = oldest
	}
	return window
}
