package domain

import (
	"math/big"
	"slices"
	"time"
)

// bank is a second implementation of WD-1 to WD-9. It keeps no sums: for each answer it adds all approved
// requests with math/big, and finds the days with package time.
type bank struct {
	policy   *Policy
	people   map[string]*person
	accounts map[string]*naiveAccount
}

// naiveAccount holds the requests of one account.
type naiveAccount struct {
	clock    time.Time
	requests []*naiveWithdrawal
}

// naiveWithdrawal is a recorded request.
type naiveWithdrawal struct {
	request WithdrawalRequest
	seq     uint64
	at      time.Time
	cents   *big.Int
	state   string
}

// person is the part of a user that a withdrawal reads.
type person struct {
	clock       time.Time
	lockedUntil time.Time
	active      []string // in order of activation
	class       map[string]string
	shipped     []arrival // in order of shipment
	passcode    string    // a live one, "" for none
	fullUntil   time.Time
}

// arrival is the automatic activation of a shipped device.
type arrival struct {
	device string
	due    time.Time
}

func (p *person) activate(device, class string) {
	p.active = append(slices.DeleteFunc(p.active, func(d string) bool { return d == device }), device)
	p.class[device] = class
	p.shipped = slices.DeleteFunc(p.shipped, func(a arrival) bool { return a.device == device })
	p.passcode = "" // DEV-5
}

func (p *person) deactivate(device string) {
	p.active = slices.DeleteFunc(p.active, func(d string) bool { return d == device })
	p.shipped = slices.DeleteFunc(p.shipped, func(a arrival) bool { return a.device == device })
}

// wait applies all deadlines until t.
func (p *person) wait(t time.Time) {
	if p.clock.Before(t) {
		p.clock = t
	}
	slices.SortStableFunc(p.shipped, func(a, b arrival) int { return a.due.Compare(b.due) })
	for len(p.shipped) > 0 && !p.shipped[0].due.After(p.clock) {
		p.activate(p.shipped[0].device, DigitalSecurityCardPlus)
	}
}

// at returns the person at t.
func (p *person) at(t time.Time) *person {
	c := *p
	c.active, c.shipped, c.class = slices.Clone(p.active), slices.Clone(p.shipped), map[string]string{}
	for device, class := range p.class {
		c.class[device] = class
	}
	c.wait(t)
	return &c
}

func (p *person) locked() bool { return p.clock.Before(p.lockedUntil) }

// authenticates returns the class of the device or code of a request, "" if it is not valid.
func (p *person) authenticates(r *WithdrawalRequest) string {
	switch {
	case r.Device != "" && slices.Contains(p.active, r.Device):
		return p.class[r.Device]
	case r.Code != "" && r.Code == p.passcode && p.clock.Before(p.fullUntil):
		return TempPasscode
	}
	return ""
}

// cents returns the cents of a valid amount of dollars.
func cents(text string) *big.Int {
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		panic("invalid amount: " + text)
	}
	return r.Mul(r, big.NewRat(100, 1)).Num()
}

// date returns the local day of an instant.
func (b *bank) date(t time.Time) string { return t.In(location(b.policy.Zone)).Format(time.DateOnly) }

// since returns the first day of the window of a day (WD-4).
func (b *bank) since(date string) string {
	day, _ := time.Parse(time.DateOnly, date)
	for business := 0; ; day = day.AddDate(0, 0, -1) {
		weekend := day.Weekday() == time.Saturday || day.Weekday() == time.Sunday
		if !weekend && !b.policy.compiled.calendar.Holiday(calendarDay(day.Format(time.DateOnly))) {
			business++
		}
		if business == 5 {
			return day.Format(time.DateOnly)
		}
	}
}

// used returns the sums of a day and its window.
func (b *bank) used(t *naiveAccount, date string) (today, window *big.Int) {
	today, window = new(big.Int), new(big.Int)
	from := b.since(date)
	for _, w := range t.requests {
		if w.state != Approved && w.state != Settled {
			continue
		}
		if on := b.date(w.at); on == date {
			today.Add(today, w.cents)
		}
		if b.date(w.at) >= from {
			window.Add(window, w.cents)
		}
	}
	return today, window
}

// refusal returns the limit of a class that another amount would exceed.
func (b *bank) refusal(t *naiveAccount, class, date string, more *big.Int) Reason {
	today, window := b.used(t, date)
	limit := b.policy.Limits.of(class)
	switch {
	case limit.PerDay != "" && today.Add(today, more).Cmp(cents(limit.PerDay)) > 0:
		return DailyLimit
	case limit.PerFiveDays != "" && window.Add(window, more).Cmp(cents(limit.PerFiveDays)) > 0:
		return FiveDayLimit
	}
	return ""
}

// freesAt checks each midnight of the next two months.
func (b *bank) freesAt(t *naiveAccount, class string, at time.Time, more *big.Int) time.Time {
	zone := location(b.policy.Zone)
	year, month, day := at.In(zone).Date()
	for later := 1; later < 60; later++ {
		midnight := time.Date(year, month, day+later, 0, 0, 0, 0, zone)
		if b.refusal(t, class, b.date(midnight), more) == "" {
			return midnight
		}
	}
	return time.Time{}
}

// left returns the remaining amount of a limit, "" for no limit.
func left(limit string, used *big.Int) string {
	if limit == "" {
		return ""
	}
	n := cents(limit)
	n.Sub(n, used)
	if n.Sign() < 0 {
		n.SetInt64(0)
	}
	return dollars(n)
}

// request returns the lines of formattedMoney without the events.
func (b *bank) request(r *WithdrawalRequest, at time.Time, seq uint64) []string {
	t := b.accounts[r.Account]
	for _, w := range t.requests {
		if w.request.Withdrawal != r.Withdrawal {
			continue
		}
		if w.request == *r {
			return []string{"duplicate of " + decimal(int64(w.seq))}
		}
		return []string{"invalid id_reused"}
	}
	if t.clock.Before(at) {
		t.clock = at
	}
	now := t.clock
	p := b.people[r.User].at(now)
	w := &naiveWithdrawal{request: *r, seq: seq, at: now, cents: cents(r.Amount), state: Denied}
	t.requests = append(t.requests, w)
	class := p.authenticates(r)
	switch {
	case p.locked():
		return []string{"refused locked_out"}
	case class == "":
		return []string{"refused device_not_active"}
	}
	today := b.date(now)
	answer := &WithdrawalResult{Limits: LimitResult{Class: class,
		PerDay:      rounded(b.policy.Limits.of(class).PerDay),
		PerFiveDays: rounded(b.policy.Limits.of(class).PerFiveDays)}}
	reason := b.refusal(t, class, today, w.cents)
	head := "accepted"
	if reason == "" {
		w.state = Approved
	} else {
		head = "refused " + string(reason)
		answer.FreesAt = b.freesAt(t, class, now, w.cents)
		for _, device := range p.active {
			if device != r.Device && b.refusal(t, p.class[device], today, w.cents) == "" {
				answer.TryDevices = append(answer.TryDevices, device)
			}
		}
	}
	onDay, inWindow := b.used(t, today)
	answer.Window.From = b.since(today)
	answer.Limits.DayUSD, answer.Limits.WindowUSD = dollars(onDay), dollars(inWindow)
	answer.Limits.DayRemaining, answer.Limits.WindowRemaining = left(answer.Limits.PerDay, onDay),
		left(answer.Limits.PerFiveDays, inWindow)
	return append([]string{head}, toldResult(answer)...)
}

// rounded returns a limit with two decimals.
func rounded(limit string) string {
	if limit == "" {
		return ""
	}
	return dollars(cents(limit))
}

// end settles or cancels a withdrawal.
func (b *bank) end(account, withdrawal, state string, at time.Time) string {
	t := b.accounts[account]
	if t.clock.Before(at) {
		t.clock = at
	}
	for _, w := range t.requests {
		if w.request.Withdrawal != withdrawal || w.state == Denied {
			continue
		}
		switch w.state {
		case Settled:
			return "refused already_settled"
		case Cancelled:
			return "refused already_cancelled"
		}
		w.state = state
		return "accepted"
	}
	return "refused unknown_withdrawal"
}
