package domain

import "time"

// sum holds the amounts of one limit in USD as texts of the result: used, limit and remaining.
type sum struct{ Used, Limit, Left string }

// totals holds the limits of the class in the result of a withdrawal: for the day of the request, and for the
// window that begins on the day Since.
type totals struct {
	Class  string
	Today  sum
	Since  string
	Window sum
}

type (
	freesAt    string   // an instant in UTC
	tryDevices []string // ids
)

func (totals) Members(Visitor)     {}
func (freesAt) Members(Visitor)    {}
func (tryDevices) Members(Visitor) {}

// noLimit is the sum of a class without a limit.
func noLimit(used string) sum { return sum{Used: used} }

func approved(usd, class, day string) *WithdrawalApproved {
	return approvedIn("America/New_York", usd, class, day)
}

// approvedIn returns an approval in a time zone. restated is the sums that the event adds again.
func approvedIn(zone, usd, class, day string, restated ...DayUSD) *WithdrawalApproved {
	return &WithdrawalApproved{USD: usd, Class: class, Day: day, Zone: zone, Restated: restated}
}

// denial returns the denial of a withdrawal. class is "" without a valid authentication.
func denial(reason Reason, class string) *WithdrawalDenied {
	return denialIn("America/New_York", reason, class)
}

func denialIn(zone string, reason Reason, class string, restated ...DayUSD) *WithdrawalDenied {
	return &WithdrawalDenied{Reason: reason, Class: class, Zone: zone, Restated: restated}
}

// outcomeOfWithdrawal returns the outcome with the parts of the result of a withdrawal.
func outcomeOfWithdrawal(c *Command, d *Decision) then {
	all := outcome(c, d)
	r, ok := d.Result.(*WithdrawalResult)
	if !ok {
		return all
	}
	l := &r.Limits
	all = append(all, totals{
		Class: l.Class, Today: sum{l.DayUSD, l.PerDay, l.DayRemaining},
		Since: r.Window.From, Window: sum{l.WindowUSD, l.PerFiveDays, l.WindowRemaining},
	})
	if !r.FreesAt.IsZero() {
		all = append(all, freesAt(r.FreesAt.UTC().Format(time.RFC3339Nano)))
	}
	if len(r.TryDevices) > 0 {
		all = append(all, tryDevices(r.TryDevices))
	}
	return all
}
