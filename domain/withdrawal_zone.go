package domain

import "authledger/domain/calendar"

// DayUSD is the sum of a day, told in an event.
type DayUSD struct{ Day, USD string }

func (s *DayUSD) Members(v Visitor) {
	v.Text("day", &s.Day, Need)
	v.Text("usd", &s.USD, Need)
}

// restate counts the account's sums by the days of the policy's zone, if they
// are of another's: the event tells what came out.
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

// turnTo takes the sums by the days of another zone.
func (a *Account) turnTo(zone string, restated []DayUSD) {
	if a.Zone == zone {
		return
	}
	a.Zone = zone
	a.Days = make([]DaySum, 0, len(restated))
	for _, s := range restated {
		day, _ := calendar.Parse(s.Day)
		sum, _ := parseSum(s.USD)
		a.Days = append(a.Days, DaySum{day, sum})
	}
}

// countable reports whether a day and an amount are what this code wrote: what
// is not must not be counted on another day, or as nothing.
func countable(day, usd string) bool {
	_, isDay := calendar.Parse(day)
	_, isUSD := parseUSD(usd)
	return isDay && isUSD
}

func restatable(restated []DayUSD) bool {
	for _, s := range restated {
		_, isDay := calendar.Parse(s.Day)
		_, isSum := parseSum(s.USD)
		if !isDay || !isSum {
			return false
		}
	}
	return true
}
