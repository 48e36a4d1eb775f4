package traffic

import (
	"iter"
	"strconv"
	"time"

	"authledger/domain"
	"authledger/domain/calendar"
)

// weekendShare is how many sessions a day without a market has, in percent of
// one with a market.
const weekendShare = 22

// Brokerage tells so many days (at least one) before end of the traffic of all
// kinds, in order of arrival: of so many users with their devices, codes,
// sharings and withdrawals, and on top the scenes. Memory grows with the users,
// by about a hundred bytes each, and with what is under way, not with the days.
// It may be told any number of times.
func Brokerage(seed uint64, end time.Time, users, days int) iter.Seq[domain.Command] {
	return func(yield func(domain.Command) bool) {
		b := newBrokerage(seed, end, users, days)
		b.adoptPolicy()
		b.stageScenes()
		b.stageAccounts()
		for at, session := range b.sessions() {
			if !b.arrive(at, yield) {
				return
			}
			b.draw(session)
			b.visit(b.chance.IntN(b.users), at).enter()
		}
		b.arrive(b.length, yield)
	}
}

// brokerage is one telling of many days.
type brokerage struct {
	*day
	people []person
}

func newBrokerage(seed uint64, end time.Time, users, days int) *brokerage {
	d := newDay(seed, end, users)
	days = max(days, 1)
	d.length = time.Duration(days) * dayLength
	d.start = d.start.Add(dayLength - d.length)
	d.prefix = strconv.FormatInt(int64(d.users), 36) + "." + strconv.FormatInt(int64(days), 36) + "." + d.prefix
	return &brokerage{day: d, people: make([]person, d.users)}
}

// sessions yields when each session begins, in order, and what it draws by: its
// date and its number of that day.
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
		b.draw(^session &^ stepDraw)
		at := midnight.Add(curve.spread(k, sessions, b.chance)) // of a day of 23 hours the last are left out
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

// market has the days on which money moves.
var market = calendar.Named("us-fedwire")

// compliance is the office that sees to the rules.
var compliance = gate{source: "office/compliance", caller: "compliance"}

// adoptPolicy puts the built-in policy on record as the house's own.
func (b *brokerage) adoptPolicy() {
	b.stage(0, 0, compliance, &domain.PolicyAdopt{Policy: *domain.IBKRSLS(), By: "compliance"}, b.nextID())
}

// visit lets one of the users come by.
func (b *brokerage) visit(i int, at time.Duration) visit {
	who := scenePeople + i
	v := visit{house: b, i: i, script: &script{
		day: b.day, now: at.Truncate(time.Millisecond), user: userName(who), address: homeAddress(who),
		gate: gateOf(who, mobileShare(b.start.Add(at).In(b.zone)), b.chance), careless: true,
	}}
	if h := v.person().pick(usable); h != nil {
		v.device = b.id(h.number)
	}
	return v
}
