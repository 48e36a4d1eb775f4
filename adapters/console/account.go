package console

import (
	"net/http"
	"slices"
	"time"

	"authledger/adapters/console/chart"
	"authledger/domain"
	"authledger/domain/calendar"
	"authledger/domain/operations"
	"authledger/projections/queries"
)

// accountOperations are the operations whose answers the page of an account shows.
var accountOperations = []string{"withdrawals", "account-timeline"}

// withdrawalsShown is the maximum number of withdrawals of the window on a page.
const withdrawalsShown = 500

// accountBody is the body of the page of an account. A part is nil if the caller may not read it.
type accountBody struct {
	Account     string
	Withdrawals *windowPart
	Timeline    *timelinePart
	Hidden      []string // operations whose answers the caller may not read
	IsUnknown   bool     // no record up to the moment names the account
}

// windowPart is the withdrawals of the window of five business days.
type windowPart struct {
	*queries.Withdrawals
	Zone, Calendar string
	Days           []dayRow
	Plot           chart.DaysPlot
}

// dayRow is one day of the window.
type dayRow struct {
	Day    string
	Off    string // key of the reason why the day is no business day, "" for a business day
	USD    string
	Leaves time.Time // when the day leaves the window
	IsNow  bool
}

func (v *visit) getAccount() error {
	id := v.r.PathValue(operations.Account)
	if domain.WrongID(id) != "" {
		return &failure{status: http.StatusNotFound, key: "noaccount"}
	}
	filter, err := v.timelineFilter()
	if err != nil {
		return err
	}
	if err := v.recordRead(filter.in("/accounts/" + id)); err != nil {
		return err
	}
	entity := domain.AccountEntity(id)
	b := &accountBody{Account: id, Hidden: v.hidden(accountOperations)}
	known, err := v.Queries.Newest(v.r.Context(), queries.Back{Entity: entity, AsOf: v.moment.seq(), Limit: 1,
		Scan: 1})
	if err != nil {
		return err
	}
	if b.IsUnknown = len(known.Records) == 0; b.IsUnknown {
		v.write(http.StatusNotFound, "account", "account.title", b)
		return nil
	}
	if v.may("withdrawals") {
		if b.Withdrawals, err = v.window(id); err != nil {
			return err
		}
	}
	if v.may("account-timeline") {
		if b.Timeline, err = v.timeline(entity, "/accounts/"+id, filter); err != nil {
			return err
		}
	}
	v.write(http.StatusOK, "account", "account.title", b)
	return nil
}

// window returns the withdrawals of the window, and the days from its first day to the day of
// the page.
func (v *visit) window(id string) (*windowPart, error) {
	ctx := v.r.Context()
	found, err := v.Queries.Withdrawals(ctx, id, v.moment.at, v.moment.seq(),
		queries.Page{Limit: withdrawalsShown})
	if err != nil {
		return nil, err
	}
	policy, _, err := v.Queries.PolicyAt(ctx, v.moment.seq())
	if err != nil {
		return nil, err
	}
	p := &windowPart{Withdrawals: found, Zone: policy.Zone, Calendar: policy.Calendar}
	first, _ := calendar.Parse(found.Window.From) // the query returns valid days
	today, _ := calendar.Parse(found.Day)
	sums := sumsByDay(found.Withdrawals, policy.Location())
	var values []float64
	for d := first; d <= today; d++ {
		p.Days = append(p.Days, dayRow{
			Day: d.String(), Off: whyOff(policy.BusinessDays(), d), USD: sums[d].String(),
			Leaves: leaves(policy, d, today), IsNow: d == today,
		})
		values = append(values, dollars(sums[d]))
	}
	p.Plot = chart.Days(values, dayLimits(found.Limits))
	for i := range p.Plot.Y {
		p.Plot.Y[i].Label = v.text.Count(int64(p.Plot.Y[i].Value))
	}
	for i := range p.Plot.Limits {
		p.Plot.Limits[i].Label = v.text.T("account.limitline", v.text.Count(int64(p.Plot.Limits[i].Value)))
	}
	return p, nil
}

// sumsByDay returns the sums of the withdrawals that count towards the limits, by day.
func sumsByDay(all []queries.Withdrawal, zone *time.Location) map[calendar.Date]domain.Sum {
	sums := make(map[calendar.Date]domain.Sum)
	for i := range all {
		if usd, ok := domain.ParseUSD(all[i].USD); ok && all[i].State != domain.Cancelled {
			day := calendar.DateOf(all[i].Time, zone)
			sums[day] = sums[day].Plus(usd)
		}
	}
	return sums
}

// whyOff returns the key of the reason why a day is no business day, "" for a business day.
func whyOff(c *calendar.Calendar, d calendar.Date) string {
	switch weekday := d.Weekday(); {
	case c.Business(d):
		return ""
	case weekday == time.Saturday:
		return "saturday"
	case weekday == time.Sunday:
		return "sunday"
	}
	return "holiday"
}

// leavesWithin is the maximum number of days until a day leaves the window. It exceeds five
// business days in every calendar.
const leavesWithin = 31

// leaves returns the midnight at which a day leaves the window.
func leaves(policy *domain.Policy, day, today calendar.Date) time.Time {
	next := today + 1
	for next < today+leavesWithin && policy.BusinessDays().Window(next)[0] <= day {
		next++
	}
	return next.Start(policy.Location())
}

// dayLimits returns the different limits per day, in ascending order.
func dayLimits(limits []domain.LimitResult) (all []float64) {
	for i := range limits {
		if sum, ok := domain.ParseUSD(limits[i].PerDay); ok {
			all = append(all, float64(sum)/100)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}
