package calendar

import (
	"slices"
	"time"
)

// Calendar tells business days from others. Its name is its version: what a name
// answers about a day never changes. The zero Calendar, and a nil one, keep a
// holiday every day.
type Calendar struct {
	name    string
	holiday func(Date) bool
}

// catalog has every calendar that a policy can name. To add one, write its rule
// in a file of its own, and add its line here.
var catalog = []*Calendar{
	{"eu-target", euTarget},
	{"us-fedwire", usFedwire},
}

// Named is the calendar of that name, nil if there is none.
func Named(name string) *Calendar {
	for _, c := range catalog {
		if c.name == name {
			return c
		}
	}
	return nil
}

// Names are the names of all calendars, sorted.
func Names() []string {
	names := make([]string, 0, len(catalog))
	for _, c := range catalog {
		names = append(names, c.name)
	}
	slices.Sort(names)
	return names
}

// Name is what a policy calls c, "" for the zero Calendar.
func (c *Calendar) Name() string {
	if c == nil {
		return ""
	}
	return c.name
}

// Holiday reports whether c keeps a holiday on d. One that is moved is a holiday
// on the day that it is moved to, and not on the other (WD-5). A weekend is none.
func (c *Calendar) Holiday(d Date) bool {
	return c == nil || c.holiday == nil || c.holiday(d)
}

// Business reports whether d is Monday to Friday and no holiday (WD-5).
func (c *Calendar) Business(d Date) bool {
	weekday := d.Weekday()
	return weekday != time.Saturday && weekday != time.Sunday && !c.Holiday(d)
}

// WindowDays is how many business days the five-day limit looks at (WD-4).
const WindowDays = 5

// searchDays is how many days Window looks at, so that it ends whatever the
// calendar: no calendar here has fewer than five business days among so many.
const searchDays = 31

// Window is the five most recent business days as of d, oldest first, with d
// itself if it is one (WD-4). The days that a calendar lacks are taken to be as
// old as the search reaches: a window too wide refuses more, and lets no more by.
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
