package domain

import "authledger/domain/calendar"

// DayUSD is the sum in USD of one day, as an event stores it.
type DayUSD struct{ Day, USD string }

func (s *DayUSD) Members(v Visitor) {
	v.Text("day", &s.Day, Need)
	v.Text("usd", &s.USD, Need)
}

// restate computes the daily sums of the account again if they are for the days of another zone
// than that of the policy. The event stores the result, which is nil for an unchanged zone
//
func (d *deciding) restate(id string) ([]DayUSD, error) {
	a := &d.Account.After
	if a.Zone == "" || a.Zone == d.policy.Zone {
		return nil, nil
	}
	restated, err := a.In(d.states, id, d.policy, d.Time)
	if err != nil {
		return nil, err
	}
	*a = restated
	days := []DayUSD{}
	for i := range a.Days {
		days = append(days, DayUSD{Day: a.Days[i].Day.String(), USD: a.Days[i].Sum.String()})
	}
	return days, nil
}

// setRestated replaces the daily sums of the account by restated, the sums for the days of zone.
// It does nothing if the zone is unchanged.
func (a *Account) setRestated(zone string, restated []DayUSD) {
	if a.Zone == zone {
		return
	}
	a.Zone = zone
	a.Days = make([]DaySum, 0, len(restated))
	for _, s := range restated {
		day, _ := calendar.Parse(s.Day)
		sum, _ := ParseSum(s.USD)
		a.Days = append(a.Days, DaySum{day, sum})
	}
}

// countable reports whether a day and an amount of an event have the form that this code
// writes. A fold would count other texts on a wrong day, or as 0.
func countable(day, usd string) bool {
	_, isDay := calendar.Parse(day)
	_, isUSD := ParseUSD(usd)
	return isDay && isUSD
}

func restatable(restated []DayUSD) bool {
	for _, s := range restated {
		_, isDay := calendar.Parse(s.Day)
		_, isSum := ParseSum(s.USD)
		if !isDay || !isSum {
			return false
		}
	}
	return true
}
