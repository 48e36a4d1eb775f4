package loadgen

import (
	"time"

	"authledger/domain"
)

// visit is a session of one of the brokerage's users, or a later part of a session.
type visit struct {
	*script
	brokerage *brokerage
	i         int // index of the person
}

func (v visit) person() *person { return &v.brokerage.persons[v.i] }

// chance returns true with a probability of the given percentage.
func (v visit) chance(percent int) bool { return v.day.chance.IntN(100) < percent }

// later schedules a step of the same user after a random duration.
func (v visit) later(least, most time.Duration, step func(visit)) {
	brokerage, i, then := v.brokerage, v.i, script{day: v.day, now: v.now}
	then.pause(least, most)
	at := then.now
	brokerage.scheduleStep(at, func() { step(brokerage.visit(i, at)) })
}

// enter runs the session. It enrolls the user first if necessary.
func (v visit) enter() {
	if p := v.person(); !p.known {
		v.enroll()
	}
	share := v.day.chance.IntN(perMilleAll)
	for _, c := range visitKinds {
		if share -= c.perMille; share < 0 {
			c.run(v)
			return
		}
	}
	v.succeed()
}

// visitKinds are the kinds of visits and their shares. The other visits only log in.
var visitKinds = [...]struct {
	perMille int
	run      func(visit)
}{
	{150, withdraws},
	{90, logsInBySMS},
	{12, logsInByCall},
	{110, failsLogin},
	{14, installsApp},
	{12, ordersCard},
	{6, losesDevice},
	{8, changesPIN},
	{3, forgetsPIN},
	{8, sharesCard},
	{5, joinsApp},
	{4, deactivatesDevice},
	{2, isAttacked},
	{3, forgetsPassword},
	{18, makesMistake},
}

// failsLogin runs a session of [Day] other than a success.
func failsLogin(v visit) {
	share := v.day.chance.IntN(perMilleAll - sessionKinds[0].perMille)
	for _, h := range sessionKinds[1:] {
		if share -= h.perMille; share < 0 {
			h.run(v.script)
			return
		}
	}
}

// registry is the gate from which users, their identities and their old devices come.
var registry = gate{source: "registry", caller: "registry"}

// at returns the visit at another gate.
func (v visit) at(g gate) visit {
	there := *v.script
	there.gate, there.device = g, ""
	v.script = &there
	return v
}

// desk returns the visit at support, during a telephone call of the user.
func (v visit) desk() visit { return v.at(supportDesk) }

func (v visit) agent() string {
	return [...]string{"agent-lee", "agent-kim", "agent-ana", "agent-raj"}[v.i%4]
}

// verify verifies the identity of the caller.
func (v visit) verify() {
	v.send(&domain.IdentityVerify{User: v.user, Agent: v.agent(), Channel: "phone"})
	v.pause(20*time.Second, 90*time.Second)
}

// enroll records the identity and the devices that a user has before the ledger
// begins.
func (v visit) enroll() {
	v.person().known = true
	books := v.at(registry)
	if print := fingerprintOf(v.i); print != "" {
		books.send(&domain.IdentityRecord{User: v.user, Fingerprint: print})
	}
	for _, c := range oldDevices[v.day.chance.IntN(len(oldDevices))] {
		books.activate(device{number: v.day.number(), class: c}, methodOf[c], "")
	}
	v.wait(2 * time.Second)
}

// oldDevices are the devices that users have when the ledger begins, by their share.
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

// activate activates a new device, or a known one again.
func (v visit) activate(h device, method, code string) {
	p := v.person()
	h.state = active
	if known := p.pick(hasNumber(h.number)); known != nil {
		*known = h
	} else if !p.addDevice(h) {
		return
	}
	p.passcode, p.card = 0, 0 // the activation revokes both
	v.send(&domain.DeviceActivate{User: v.user, Device: v.day.id(h.number), Class: h.class.String(), Method: method, Code: code})
}
