package traffic

import (
	"time"

	"authledger/domain"
)

// installsApp puts the app on a telephone, by a picture or by a text message.
func installsApp(v visit) {
	v.succeed()
	v.pause(10*time.Second, time.Minute)
	if v.person().pick(isApp) != nil {
		return
	}
	kind, method := domain.ActivationQR, domain.QR
	if v.chance(35) {
		kind, method = domain.ActivationSMS, domain.SMSCode
	}
	code := v.issue(kind, "")
	v.pause(15*time.Second, 2*time.Minute)
	v.activate(holding{number: v.day.number(), class: app}, method, v.day.id(code))
}

// wealth is above the balance from which a user of the app alone gets a card.
const wealth = "750000.00"

// ordersCard asks for a card, which is sent and activated.
func ordersCard(v visit) {
	v.succeed()
	v.pause(10*time.Second, time.Minute)
	if v.person().pick(func(h *holding) bool { return h.class == digitalCardPlus }) == nil {
		v.order("new", "")
	}
}

// order gets a card: sent within two days, then activated by hand or left to
// activate by itself (DEV-3).
func (v visit) order(purpose, replaces string) {
	h := holding{number: v.day.number(), class: digitalCardPlus, state: ordered}
	if !v.person().hold(h) {
		return
	}
	v.send(&domain.DeviceRequest{
		User: v.user, Device: v.day.id(h.number), Class: h.class.String(), Purpose: purpose, Replaces: replaces, BalanceUSD: wealth,
	})
	v.later(6*time.Hour, 48*time.Hour, func(v visit) {
		v.at(backOffice).send(&domain.DeviceShip{User: v.user, Device: v.day.id(h.number), Carrier: "Example Post"})
		if v.chance(25) {
			v.later(autoActivation, autoActivation+time.Second, func(v visit) { v.activatesItself(h.number) })
			return
		}
		v.later(2*dayLength, 6*dayLength, func(v visit) { v.unwraps(h) })
	})
}

// autoActivation is that of the built-in policy (DEV-3).
const autoActivation = 14 * dayLength

// backOffice sends devices and settles withdrawals.
var backOffice = gate{source: "office/operations", caller: "operations"}

func (v visit) activatesItself(number uint64) {
	if h := v.person().pick(numbered(number)); h != nil && h.state == ordered {
		h.state = active
		v.person().passcode, v.person().card = 0, 0
	}
}

// unwraps activates a card that has come. One that replaces another makes it
// useless.
func (v visit) unwraps(h holding) {
	v.succeed()
	v.pause(time.Minute, 3*time.Minute)
	v.activate(h, domain.Portal, "")
	v.pause(time.Minute, 3*time.Minute)
	old := v.person().pick(func(o *holding) bool { return o.number != h.number && isCard(o) })
	if old == nil {
		return
	}
	v.deactivate(old, domain.Replaced)
}

// deactivate takes a device out of use.
func (v visit) deactivate(h *holding, reason string) {
	h.state = lost
	if reason == domain.ByUser {
		h.state = dormant
	}
	v.send(&domain.DeviceDeactivate{User: v.user, Device: v.day.id(h.number), Reason: reason})
}

// putsAway is a device that its user has no need of for a while, or ever.
func putsAway(v visit) {
	v.succeed()
	v.pause(20*time.Second, time.Minute)
	h := v.person().pick(func(h *holding) bool { return h.state == active })
	switch {
	case h == nil:
	case h.class == digitalCardPlus && v.chance(50):
		v.deactivate(h, domain.Returned)
	default:
		number := h.number
		v.deactivate(h, domain.ByUser)
		v.later(dayLength, 9*dayLength, func(v visit) {
			if h := v.person().pick(numbered(number)); h != nil && h.state == dormant {
				v.activate(*h, methodOf[h.class], "")
			}
		})
	}
}

// losesDevice is a call to support, a passcode for the time being, and another
// device (CODE-2, DEV-2).
func losesDevice(v visit) {
	p := v.person()
	h := p.pick(func(h *holding) bool { return h.state == active })
	if h == nil || p.passcode != 0 {
		v.succeed()
		return
	}
	v.device = ""
	gone := *h
	v.deactivate(h, [...]string{domain.Lost, domain.Lost, domain.Damaged}[v.day.chance.IntN(3)])
	if j, ok := v.house.other(v.i); ok { // who has joined the app loses it too (DEV-9)
		if joined := v.house.people[j].pick(numbered(gone.number)); joined != nil {
			joined.state = lost
		}
	}
	if p.pick(usable) == nil {
		v.getsPasscode()
	}
	v.pause(10*time.Minute, 40*time.Minute)
	if gone.class == app {
		v.later(dayLength, 6*dayLength, installsApp)
		return
	}
	v.order("replacement", v.day.id(gone.number))
}
