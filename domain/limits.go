package domain

import (
	"time"

	"authledger/domain/calendar"
)

// withdrawalClasses are the classes of devices and codes that can authenticate a withdrawal,
// in the order of the answers (WD, A-32).
var withdrawalClasses = []string{
	SecurityCodeCard, IBKRMobile, DigitalSecurityCard, DigitalSecurityCardPlus, Gold, Platinum, TempPasscode, OnlineCard,
}

// limit is a parsed [Limit]. daily and fiveDaily report whether the limit applies.
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
	return &Limit{PerDay: "0", PerFiveDays: "0"} // an unknown class may withdraw nothing
}

// LimitOf returns the limit of a class of devices or codes. An unknown class has a limit of 0.
func (p *Policy) LimitOf(class string) Limit { return *p.Limits.of(class) }

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

// mustUSD parses an amount that has a valid form. It returns 0 for other texts.
func mustUSD(text string) USD {
	usd, _ := ParseUSD(text)
	return usd
}

// standing is the state of an account at an instant: the day, the window, and the approved
// sums of both.
type standing struct {
	day               calendar.Date
	window            [calendar.WindowDays]calendar.Date
	dayUSD, windowUSD Sum
}

// standing returns the standing of an account at t. The sums of the account MUST be for days of
// the zone of p.
func (p *Policy) standing(a *Account, t time.Time) standing {
	s := standing{day: calendar.DateOf(t, p.compiled.zone)}
	s.window = p.compiled.calendar.Window(s.day)
	s.dayUSD, s.windowUSD = a.since(s.day), a.since(s.window[0])
	return s
}

// exceeded returns the reason of the first limit that a withdrawal of usd would exceed, "" if
// it exceeds none (WD-3, WD-4).
func (l *limit) exceeded(s *standing, usd USD) Reason {
	switch {
	case l.daily && s.dayUSD.Plus(usd).Over(l.perDay):
		return DailyLimit
	case l.fiveDaily && s.windowUSD.Plus(usd).Over(l.perFiveDays):
		return FiveDayLimit
	}
	return ""
}

// freesAt returns the first midnight at which an amount is within the limits, if nothing else
// happens. It returns zero if the amount itself exceeds a limit.
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

// LimitResult holds the limits of a class and the remaining amounts in USD (WD-7, A-31). A limit
// and its remaining amount are "" if the class is unlimited. DayUSD and WindowUSD are set only in
// a [WithdrawalResult], because a [Withdrawable] has one sum for all classes.
type LimitResult struct {
	Class                                                                 string
	PerDay, PerFiveDays, DayUSD, WindowUSD, DayRemaining, WindowRemaining string
}

func (r *LimitResult) Members(v Visitor) {
	v.Text("class", &r.Class, Need)
	v.Text("perDay", &r.PerDay, Free)
	v.Text("perFiveDays", &r.PerFiveDays, Free)
	v.Text("dayUsd", &r.DayUSD, Free)
	v.Text("windowUsd", &r.WindowUSD, Free)
	v.Text("dayRemaining", &r.DayRemaining, Free)
	v.Text("windowRemaining", &r.WindowRemaining, Free)
}

func (l *limit) result(s *standing) LimitResult {
	r := LimitResult{Class: l.class}
	if l.daily {
		r.PerDay, r.DayRemaining = l.perDay.String(), s.dayUSD.Remaining(l.perDay).String()
	}
	if l.fiveDaily {
		r.PerFiveDays, r.WindowRemaining = l.perFiveDays.String(), s.windowUSD.Remaining(l.perFiveDays).String()
	}
	return r
}

// WindowResult is the window of five business days, oldest first (WD-4).
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

// Withdrawable holds the amounts that an account may still withdraw at an instant.
type Withdrawable struct {
	Day               string
	Window            WindowResult
	DayUSD, WindowUSD string
	Limits            []LimitResult // of every class
	From              time.Time     // first instant of the window
}

// Withdrawable returns the remaining amounts of an account at t. t MUST NOT be before the
// clock of the account. The sums of the account MUST be for days of the zone of p: see
// [Account.In].
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
