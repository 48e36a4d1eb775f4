package explain

import (
	"slices"
	"time"

	"authledger/domain"
	"authledger/domain/calendar"
)

// pageMax is the maximum number of withdrawals in one page of an explanation. A state has
// at most 200 facts of any other kind, and the first page has them all.
const pageMax = 100

// Total is the number of facts of one kind on all pages of an explanation, and the daily
// sums that the rule reads instead of the facts.
type Total struct {
	Of    domain.Entity
	Kind  string
	Count int64
	Days  []DayTotal // in the zone of the policy, the oldest first
}

// Members lists the members of the total in JSON.
func (t *Total) Members(v domain.Visitor) {
	v.Text("of", (*string)(&t.Of), domain.Need)
	v.Text("kind", &t.Kind, domain.Need)
	v.Count("count", &t.Count, domain.Need)
	v.List("days", domain.List(&t.Days))
}

// DayTotal is the sum in USD of the withdrawals of one day that are neither denied nor
// cancelled.
type DayTotal struct{ Day, USD string }

// Members lists the members of the total in JSON.
func (d *DayTotal) Members(v domain.Visitor) {
	v.Text("day", &d.Day, domain.Need)
	v.Text("usd", &d.USD, domain.Need)
}

// totals returns the totals of the withdrawals that the decision added up.
func (x *explaining) totals() ([]Total, error) {
	request, since := x.counted()
	if request == nil {
		return nil, nil
	}
	a, err := x.read.accounts[request.Account].In(x.read, request.Account, x.policy, x.record.Time)
	if err != nil {
		return nil, err
	}
	count, err := x.read.CountDrawn(request.Account, since)
	if err != nil || count == 0 {
		return nil, err
	}
	t := Total{Of: domain.AccountEntity(request.Account), Kind: withdrawalFact, Count: count}
	first := calendar.DateOf(since, x.policy.Location())
	for _, d := range a.Days {
		if d.Day >= first {
			t.Days = append(t.Days, DayTotal{d.Day.String(), d.Sum.String()})
		}
	}
	return []Total{t}, nil
}

// counted returns the withdrawal request of the record, and the first instant of the
// withdrawals that its decision added up. It returns nil if the decision used no sums.
// A decision that changes the zone of the sums adds up every day that the account keeps. Any
// other decision adds up the days of the window.
func (x *explaining) counted() (request *domain.WithdrawalRequest, since time.Time) {
	request, ok := x.command.Data.(*domain.WithdrawalRequest)
	if !ok {
		return nil, since
	}
	if zone := x.read.accounts[request.Account].Zone; zone != "" && zone != x.policy.Zone {
		return request, domain.KeptSince(x.record.Time)
	}
	if judged, _ := x.judged(); judged == nil {
		return nil, since
	}
	day := calendar.DateOf(x.record.Time, x.policy.Location())
	return request, x.policy.BusinessDays().Window(day)[0].Start(x.policy.Location())
}

// page returns one page of the withdrawals that the decision added up. next is the argument
// after that returns the next page, 0 on the last page.
func (x *explaining) page(after uint64) (page []Fact, next uint64, err error) {
	request, since := x.counted()
	if request == nil {
		return nil, 0, nil
	}
	all, err := x.read.Drawn(request.Account, since, after, pageMax+1)
	if err != nil {
		return nil, 0, err
	}
	if len(all) > pageMax {
		all = all[:pageMax]
		next = all[len(all)-1].Withdrawal.Seq
	}
	a := x.read.accounts[request.Account]
	for _, d := range all {
		f := withdrawalFactOf(request.Account, d.Withdrawal, &a)
		f.Seq, f.At = d.By.Seq, d.By.At
		page = append(page, f)
	}
	return page, next, nil
}

// withPage appends a page of withdrawals to the other facts. If a withdrawal is in both,
// withPage keeps the withdrawal of the page.
func withPage(facts, page []Fact) []Fact {
	facts = slices.DeleteFunc(facts, func(f Fact) bool {
		return f.Kind == withdrawalFact && slices.ContainsFunc(page, func(w Fact) bool { return w.id() == f.id() })
	})
	return append(facts, page...)
}
