package explain

import (
	"time"

	"authledger/domain"
	"authledger/domain/calendar"
)

// Days holds the days whose withdrawals the ledger added up for a request (WD-3 to WD-5).
type Days struct {
	Day          string // of the request
	From         string // the first day of the window
	BusinessDays []string
	Off          []DayOff // the other days of the window
	Calendar     string
	Zone         string
}

// Members lists the members of the days in JSON.
func (d *Days) Members(v domain.Visitor) {
	v.Text("day", &d.Day, domain.Need)
	v.Text("from", &d.From, domain.Need)
	v.Texts("businessDays", &d.BusinessDays)
	v.List("off", domain.List(&d.Off))
	v.Text("calendar", &d.Calendar, domain.Need)
	v.Text("zone", &d.Zone, domain.Need)
}

// DayOff is a day that is not a business day, and the reason: the name of a weekday, or
// "holiday".
type DayOff struct{ Day, Why string }

// Members lists the members of the day in JSON.
func (d *DayOff) Members(v domain.Visitor) {
	v.Text("day", &d.Day, domain.Need)
	v.Text("why", &d.Why, domain.Need)
}

// days returns the days of a withdrawal that was compared with the limits, nil for any
// other record.
func (x *explaining) days() *Days {
	if request, _ := x.judged(); request == nil {
		return nil
	}
	day := calendar.DateOf(x.record.Time, x.policy.Location())
	window := x.policy.BusinessDays().Window(day)
	days := Days{Day: day.String(), From: window[0].String(), Calendar: x.policy.Calendar, Zone: x.policy.Zone}
	for d := window[0]; d <= day; d++ {
		if x.policy.BusinessDays().Business(d) {
			days.BusinessDays = append(days.BusinessDays, d.String())
			continue
		}
		days.Off = append(days.Off, DayOff{d.String(), whyOff(d)})
	}
	return &days
}

func whyOff(d calendar.Date) string {
	if w := d.Weekday(); w == time.Saturday || w == time.Sunday {
		return w.String()
	}
	return "holiday"
}
