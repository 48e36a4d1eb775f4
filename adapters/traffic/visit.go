package traffic

import (
	"time"

	"authledger/domain"
)

// visit is a session of one of the brokerage's users, or a later part of one.
type visit struct {
	*script
	house *brokerage
	i     int // which of the people
}

func (v visit) person() *person { return &v.house.people[v.i] }

// chance is true so often of a hundred.
func (v visit) chance(percent int) bool { return v.day.chance.IntN(100) < percent }

// later lets the user come by again, so long after now.
func (v visit) later(least, most time.Duration, step func(visit)) {
	house, i, then := v.house, v.i, script{day: v.day, now: v.now}
	then.pause(least, most)
	at := then.now
	house.plan(at, func() { step(house.visit(i, at)) })
}

// enter is the session itself. Whom nobody knows is taken on first.
func (v visit) enter() {
	if p := v.person(); !p.known {
		v.enrol()
	}
	share := v.day.chance.IntN(perMilleAll)
	for _, c := range courses {
		if share -= c.perMille; share < 0 {
			c.play(v)
			return
		}
	}
	v.succeed()
}

// courses are what users come for, by their share. The rest just log in.
var courses = [...]struct {
	perMille int
	play     func(visit)
}{
	{150, withdraws},
	{90, getsText},
	{12, getsCall},
	{110, stumbles},
	{14, installsApp},
	{12, ordersCard},
	{6, losesDevice},
	{8, changesPIN},
	{3, forgetsPIN},
	{8, shares},
	{5, joinsApp},
	{4, putsAway},
	{2, isGuessedAt},
	{3, forgetsPassword},
	{18, errs},
}

// stumbles is a session as the crowd of a [Day] has it.
func stumbles(v visit) {
	share := v.day.chance.IntN(perMilleAll - habits[0].perMille)
	for _, h := range habits[1:] {
		if share -= h.perMille; share < 0 {
			h.play(v.script)
			return
		}
	}
}

// registry is where users, their identities and their old devices come from.
var registry = gate{source: "registry", caller: "registry"}

// at is the visit as another gate sees it.
func (v visit) at(g gate) visit {
	there := *v.script
	there.gate, there.device = g, ""
	v.script = &there
	return v
}

// desk is support, on the telephone with the user.
func (v visit) desk() visit { return v.at(supportDesk) }

func (v visit) agent() string {
	return [...]string{"agent-lee", "agent-kim", "agent-ana", "agent-raj"}[v.i%4]
}

// verify proves to support who is calling.
func (v visit) verify() {
	v.send(&domain.IdentityVerify{User: v.user, Agent: v.agent(), Channel: "phone"})
	v.pause(20*time.Second, 90*time.Second)
}

// enrol tells what the old books say of a user: who it is, and which devices.
func (v visit) enrol() {
	v.person().known = true
	books := v.at(registry)
	if print := fingerprintOf(v.i); print != "" {
		books.send(&domain.IdentityRecord{User: v.user, Fingerprint: print})
	}
	for _, c := range oldDevices[v.day.chance.IntN(len(oldDevices))] {
		books.activate(holding{number: v.day.number(), class: c}, methodOf[c], "")
	}
	v.wait(2 * time.Second)
}

// oldDevices are what users have when the ledger begins, by their share.
var oldDevices = [...][]class{
	{app}, {app}, {app}, {app}, {app}, {app},
	{codeCard}, {codeCard}, {codeCard}, {digitalCard}, {digitalCard},
	{gold}, {platinum}, {digitalCardPlus}, {digitalCardPlus},
	{codeCard, app}, {digitalCardPlus, app}, {gold, app}, {platinum, app}, {digitalCard, app},
}

var methodOf = [...]string{
	app: domain.QR, codeCard: domain.Portal, digitalCard: domain.Challenge, gold: domain.Challenge,
	platinum: domain.Challenge, digitalCardPlus: domain.Portal,
}

// activate takes a device into use, or one that was there again.
func (v visit) activate(h holding, method, code string) {
	p := v.person()
	h.state = active
	if known := p.pick(numbered(h.number)); known != nil {
		*known = h
	} else if !p.hold(h) {
		return
	}
	p.passcode, p.card = 0, 0 // revoked by it
	v.send(&domain.DeviceActivate{User: v.user, Device: v.day.id(h.number), Class: h.class.String(), Method: method, Code: code})
}
