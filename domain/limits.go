package domain

import (
	"time"

	"authledger/domain/calendar"
)

// withdrawalClasses are what may authenticate a withdrawal, in the order of the
// answers (WD, A-32).
var withdrawalClasses = []string{
	SecurityCodeCard, IBKRMobile, DigitalSecurityCard, DigitalSecurityCardPlus, Gold, Platinum, TempPasscode, OnlineCard,
}

// limit is a [Limit] in cents. What is unlimited has no most.
type limit struct {
	perDay, perFiveDays USD
	daily, fiveDaily    bool
	class               string
}

// of returns the limit of a class.
func (l *Limits) of(class string) *Limit {
	switch class {
	case SecurityCodeCard:
		return &l.SecurityCodeCard
	case IBKRMobile:
		return &l.IBKRMobile
	case DigitalSecurityCard:
		return &l.DigitalSecurityCard
	case DigitalSecurityCardPlus:
		return &l.DigitalSecurityCardPlus
	case Gold:
		return &l.Gold
	case Platinum:
		return &l.Platinum
	case TempPasscode:
		return &l.TempPasscode
	case OnlineCard:
		return &l.OnlineCard
	}
	return &Limit{PerDay: "0", PerFiveDays: "0"} // fails closed
}

func (l *Limit) parsed(class string) limit {
	p := limit{class: class}
	if l.PerDay != "" {
		p.perDay, p.daily = mustUSD(l.PerDay), true
	}
	if l.PerFiveDays != "" {
		p.perFiveDays, p.fiveDaily = mustUSD(l.PerFiveDays), true
	}
	return p
}

// mustUSD reads what has passed its form; what has not is nothing.
func mustUSD(text string) USD {
	usd, _ := parseUSD(text)
	return usd
}

// standing is an account at an instant: its day, its window and what was
// approved in each.
type standing struct {
	day               calendar.Date
	window            [calendar.WindowDays]calendar.Date
	dayUSD, windowUSD Sum
}

// standing counts at t. The account's sums must be by days of p's zone.
func (p *Policy) standing(a *Account, t time.Time) standing {
	s := standing{day: calendar.DateOf(t, p.compiled.zone)}
	s.window = p.compiled.calendar.Window(s.day)
	s.dayUSD, s.windowUSD = a.since(s.day), a.since(s.window[0])
	return s
}

// exceeded is the first limit that one more amount would break, "" if none
// (WD-3, WD-4).
func (l *limit) exceeded(s *standing, usd USD) Reason {
	switch {
	case l.daily && s.dayUSD.Plus(usd).Over(l.perDay):
		return DailyLimit
	case l.fiveDaily && s.windowUSD.Plus(usd).Over(l.perFiveDays):
		return FiveDayLimit
	}
	return ""
}

// freesAt is the first midnight at which an amount would pass, if nothing else
// happened; zero if it never would.
func (l *limit) freesAt(p *Policy, a *Account, from calendar.Date, usd USD) time.Time {
	if l.daily && usd > l.perDay || l.fiveDaily && usd > l.perFiveDays {
		return time.Time{}
	}
	for day := from + 1; ; day++ {
		window := p.compiled.calendar.Window(day)
		s := standing{day: day, window: window, dayUSD: a.since(day), windowUSD: a.since(window[0])}
		if l.exceeded(&s, usd) == "" {
			return day.Start(p.compiled.zone)
		}
	}
}

// LimitResult is a class's limits and what is left of them (WD-7, A-31).
type LimitResult struct {
	Class                                                       string
	PerDay, PerFiveDays, DayUSD, WindowUSD, DayLeft, WindowLeft string // USD; "" for no limit
}

func (r *LimitResult) Members(v Visitor) {
	v.Text("class", &r.Class, Need)
	v.Text("perDay", &r.PerDay, Free)
	v.Text("perFiveDays", &r.PerFiveDays, Free)
	v.Text("dayUsd", &r.DayUSD, Free)
	v.Text("windowUsd", &r.WindowUSD, Free)
	v.Text("dayRemaining", &r.DayLeft, Free)
	v.Text("windowRemaining", &r.WindowLeft, Free)
}

func (l *limit) result(s *standing) LimitResult {
	r := LimitResult{Class: l.class}
	if l.daily {
		r.PerDay, r.DayLeft = l.perDay.String(), s.dayUSD.Left(l.perDay).String()
	}
	if l.fiveDaily {
		r.PerFiveDays, r.WindowLeft = l.perFiveDays.String(), s.windowUSD.Left(l.perFiveDays).String()
	}
	return r
}

// WindowResult is the five business days that count, the oldest first (WD-4).
type WindowResult struct {
	From         string
	BusinessDays []string
}

func (r *WindowResult) Members(v Visitor) {
	v.Text("from", &r.From, Need)
	v.Texts("businessDays", &r.BusinessDays)
}

func (s *standing) windowResult() WindowResult {
	r := WindowResult{From: s.window[0].String(), BusinessDays: make([]string, len(s.window))}
	for i, day := range s.window {
		r.BusinessDays[i] = day.String()
	}
	return r
}

// Withdrawable is what an account may still withdraw at an instant.
type Withdrawable struct {
	Day               string
	Window            WindowResult
	DayUSD, WindowUSD string
	Limits            []LimitResult // of every class
	From              time.Time     // the window's first instant
}

// Withdrawable answers for an account as it stands at t, at or after its clock.
// The account's sums must be by days of p's zone: see [Account.In].
func (p *Policy) Withdrawable(a *Account, t time.Time) Withdrawable {
	s := p.standing(a, t)
	w := Withdrawable{
		Day: s.day.String(), Window: s.windowResult(), DayUSD: s.dayUSD.String(), WindowUSD: s.windowUSD.String(),
		From: s.window[0].Start(p.compiled.zone),
	}
	for i := range p.compiled.limits {
		w.Limits = append(w.Limits, p.compiled.limits[i].result(&s))
	}
	return w
}
