package loadgen

import (
	"iter"
	"strconv"
	"time"

	"authledger/domain"
	"authledger/domain/calendar"
)

// weekendShare is the number of sessions on a day without a market, in percent of the
// number on a business day.
const weekendShare = 22

// Brokerage generates commands of all kinds for the given number of days before end, at
// least one day, in order of arrival: logins, devices, codes, sharings and withdrawals of the users, and
// the scenarios. Memory grows by about 100 bytes a user and with the number of open
// sessions, but not with the days. The sequence can be iterated any number of times.
func Brokerage(seed uint64, end time.Time, users, days int) iter.Seq[domain.Command] {
	return func(yield func(domain.Command) bool) {
		b := newBrokerage(seed, end, users, days)
		b.adoptPolicy()
		b.scheduleScenarios()
		b.scheduleAccounts()
		b.run(func(_ time.Duration, c *domain.Command) bool { return yield(*c) })
	}
}

// onwardLength is the time after the end for which [Onward] generates commands.
const onwardLength = 365 * dayLength

// Onward generates the commands of one day before end like [Brokerage], and then those of the following
// year. It yields each command with its instant of arrival at the ledger. The day before end has the
// same scenarios as that of Brokerage, but its random sessions have other ids and other results.
func Onward(seed uint64, end time.Time, users int) iter.Seq2[time.Time, domain.Command] {
	return func(yield func(time.Time, domain.Command) bool) {
		b := newBrokerage(seed, end, users, 1)
		b.adoptPolicy()
		b.scheduleScenarios()
		b.scheduleAccounts()
		b.length += onwardLength
		b.run(func(at time.Duration, c *domain.Command) bool { return yield(b.start.Add(at), *c) })
	}
}

// run yields the commands of the scenarios and of all sessions, in order of arrival.
func (b *brokerage) run(yield func(time.Duration, *domain.Command) bool) {
	for at, session := range b.sessions() {
		if !b.arrive(at, yield) {
			return
		}
		b.reseed(session)
		b.visit(b.chance.IntN(b.users), at).enter()
	}
	b.arrive(b.length, yield)
}

// brokerage is one iteration of [Brokerage].
type brokerage struct {
	*day
	persons []person
}

func newBrokerage(seed uint64, end time.Time, users, days int) *brokerage {
	d := newDay(seed, end, users)
	days = max(days, 1)
	d.length = time.Duration(days) * dayLength
	d.start = d.start.Add(dayLength - d.length)
	d.prefix = strconv.FormatInt(int64(d.users), 36) + "." + strconv.FormatInt(int64(days), 36) + "." + d.prefix
	return &brokerage{day: d, persons: make([]person, d.users)}
}

// sessions yields, in order of time, the start of each session and its stream of random
// numbers, which depends on the date and on the number of the session on that date.
func (b *brokerage) sessions() iter.Seq2[time.Duration, uint64] {
	return func(yield func(time.Duration, uint64) bool) {
		first := calendar.DateOf(b.start, b.zone)
		last := calendar.DateOf(b.start.Add(b.length-1), b.zone)
		for date := first; date <= last; date++ {
			if !b.sessionsOf(date, yield) {
				return
			}
		}
	}
}

func (b *brokerage) sessionsOf(date calendar.Date, yield func(time.Duration, uint64) bool) bool {
	midnight, next := date.Start(b.zone), (date + 1).Start(b.zone)
	curve, sessions := curveFrom(midnight.In(b.zone)), b.sessionsOn(date)
	for k := range sessions {
		session := uint64(date)<<32 | uint64(k)
		b.reseed(^session &^ stepStream)
		at := midnight.Add(curve.sessionStart(k, sessions, b.chance)) // on a day of 23 hours, the loop skips sessions of a 24th hour
		since := at.Sub(b.start)
		if since < 0 || since >= b.length || !at.Before(next) {
			continue
		}
		if !yield(since, session) {
			return false
		}
	}
	return true
}

func (b *brokerage) sessionsOn(date calendar.Date) int64 {
	sessions := int64(b.users) * sessionsPer / usersPer
	if !market.Business(date) {
		return sessions * weekendShare / 100
	}
	return sessions
}

// market is the calendar of business days.
var market = calendar.Named("us-fedwire")

// compliance is the gate of the compliance office.
var compliance = gate{source: "office/compliance", caller: "compliance"}

// adoptPolicy schedules the adoption of the built-in policy.
func (b *brokerage) adoptPolicy() {
	b.schedule(0, 0, compliance, &domain.PolicyAdopt{Policy: *domain.IBKRSLS(), By: "compliance"}, b.nextID())
}

// visit returns a session of a user at an instant.
func (b *brokerage) visit(i int, at time.Duration) visit {
	who := scenarioUsers + i
	v := visit{brokerage: b, i: i, script: &script{
		day: b.day, now: at.Truncate(time.Millisecond), user: userName(who), address: addressOf(who),
		gate: gateOf(who, mobileShare(b.start.Add(at).In(b.zone)), b.chance), isUnreliable: true,
	}}
	if h := v.person().pick(isUsable); h != nil {
		v.device = b.id(h.number)
	}
	return v
}
