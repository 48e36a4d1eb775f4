package domain

import (
	"time"

	"authledger/domain/calendar"
)

// Days is the days that a withdrawal was counted over (WD-3 to WD-5).
type Days struct {
	Day          string // of the request
	From         string // where the window begins
	BusinessDays []string
	Off          []DayOff // the days between that are none
	Calendar     string
	Zone         string
}

func (d *Days) Members(v Visitor) {
	v.Text("day", &d.Day, Need)
	v.Text("from", &d.From, Need)
	v.Texts("businessDays", &d.BusinessDays)
	v.List("off", items[DayOff, *DayOff]{&d.Off})
	v.Text("calendar", &d.Calendar, Need)
	v.Text("zone", &d.Zone, Need)
}

// DayOff is a day that is no business day, and why.
type DayOff struct{ Day, Why string }

func (d *DayOff) Members(v Visitor) {
	v.Text("day", &d.Day, Need)
	v.Text("why", &d.Why, Need)
}

// judged is a withdrawal request that was held against the limits, and what came
// out; nil if the record is none.
func (x *explaining) judged() (*WithdrawalRequest, *WithdrawalResult) {
	request, _ := x.command.Data.(*WithdrawalRequest)
	result, _ := x.record.Result.(*WithdrawalResult)
	if request == nil || result == nil {
		return nil, nil
	}
	return request, result
}

// days are those of a request that was held against the limits.
func (x *explaining) days() *Days {
	if request, _ := x.judged(); request == nil {
		return nil
	}
	day := calendar.DateOf(x.record.Time, x.policy.compiled.zone)
	window := x.policy.compiled.calendar.Window(day)
	days := Days{Day: day.String(), From: window[0].String(), Calendar: x.policy.Calendar, Zone: x.policy.Zone}
	for d := window[0]; d <= day; d++ {
		if x.policy.compiled.calendar.Business(d) {
			days.BusinessDays = append(days.BusinessDays, d.String())
			continue
		}
		days.Off = append(days.Off, DayOff{d.String(), off(d)})
	}
	return &days
}

func off(d calendar.Date) string {
	if w := d.Weekday(); w == time.Saturday || w == time.Sunday {
		return w.String()
	}
	return "holiday"
}

// drawn are the withdrawals that the verdict counted: those of the window, or,
// when the sums were counted again for another zone, all that are kept.
func (x *explaining) drawn() (all []*Withdrawal) {
	account := x.read.account()
	request, isRequest := x.command.Data.(*WithdrawalRequest)
	if !isRequest {
		return nil
	}
	since := x.record.Time.Add(-(daysKept + 1) * 24 * time.Hour)
	if zone := x.trace.accounts[account].Zone; zone == "" || zone == x.policy.Zone {
		judged, _ := x.judged()
		if judged == nil {
			return nil
		}
		day := calendar.DateOf(x.record.Time, x.policy.compiled.zone)
		since = x.policy.compiled.calendar.Window(day)[0].Start(x.policy.compiled.zone)
	}
	for _, k := range x.trace.drawn {
		w, _ := x.trace.items[k].(*Withdrawal)
		if w != nil && k.Owner == request.Account && w.Counts(since) {
			all = append(all, w)
		}
	}
	return all
}
