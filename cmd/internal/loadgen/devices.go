package loadgen

import (
	"time"

	"authledger/domain"
)

// installsApp activates the app on a telephone with a QR code or a text message.
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
	v.activate(device{number: v.day.number(), class: app}, method, v.day.id(code))
}

// highBalance is above the minimum balance for a card.
const highBalance = "750000.00"

// ordersCard requests a card, which is then shipped and activated.
func ordersCard(v visit) {
	v.succeed()
	v.pause(10*time.Second, time.Minute)
	if v.person().pick(func(h *device) bool { return h.class == digitalCardPlus }) == nil {
		v.order("new", "")
	}
}

// order requests a card that is shipped within two days. The user activates it, or the
// ledger activates it automatically (DEV-3).
func (v visit) order(purpose, replaces string) {
	h := device{number: v.day.number(), class: digitalCardPlus, state: ordered}
	if !v.person().addDevice(h) {
		return
	}
	v.send(&domain.DeviceRequest{
		User: v.user, Device: v.day.id(h.number), Class: h.class.String(), Purpose: purpose, Replaces: replaces, BalanceUSD: highBalance,
	})
	v.later(6*time.Hour, 48*time.Hour, func(v visit) {
		v.at(backOffice).send(&domain.DeviceShip{User: v.user, Device: v.day.id(h.number), Carrier: "Example Post"})
		if v.chance(25) {
			v.later(autoActivation, autoActivation+time.Second, func(v visit) { v.activatesAutomatically(h.number) })
			return
		}
		v.later(2*dayLength, 6*dayLength, func(v visit) { v.activatesDelivered(h) })
	})
}

// autoActivation is the period of automatic activation in the built-in policy (DEV-3).
const autoActivation = 14 * dayLength

// backOffice is the gate of the office that ships devices and settles withdrawals.
var backOffice = gate{source: "office/operations", caller: "operations"}

func (v visit) activatesAutomatically(number uint64) {
	if h := v.person().pick(hasNumber(number)); h != nil && h.state == ordered {
		h.state = active
		v.person().passcode, v.person().card = 0, 0
	}
}

// activatesDelivered activates a card that was delivered, and deactivates the card that
// it replaces.
func (v visit) activatesDelivered(h device) {
	v.succeed()
	v.pause(time.Minute, 3*time.Minute)
	v.activate(h, domain.Portal, "")
	v.send(&domain.DeviceRename{User: v.user, Device: v.day.id(h.number), Label: "Card at home"})
	v.pause(time.Minute, 3*time.Minute)
	old := v.person().pick(func(o *device) bool { return o.number != h.number && isCard(o) })
	if old == nil {
		return
	}
	v.deactivate(old, domain.Replaced)
}

func (v visit) deactivate(h *device, reason string) {
	h.state = lost
	if reason == domain.ByUser {
		h.state = dormant
	}
	v.send(&domain.DeviceDeactivate{User: v.user, Device: v.day.id(h.number), Reason: reason})
}

// deactivatesDevice deactivates a device. The user returns the device, or activates it again some
// days later.
func deactivatesDevice(v visit) {
	v.succeed()
	v.pause(20*time.Second, time.Minute)
	h := v.person().pick(func(h *device) bool { return h.state == active })
	switch {
	case h == nil:
	case h.class == digitalCardPlus && v.chance(50):
		v.deactivate(h, domain.Returned)
	default:
		number := h.number
		v.deactivate(h, domain.ByUser)
		v.later(dayLength, 9*dayLength, func(v visit) {
			if h := v.person().pick(hasNumber(number)); h != nil && h.state == dormant {
				v.activate(*h, methodOf[h.class], "")
			}
		})
	}
}

// losesDevice simulates a user who reports a lost or damaged device, and receives a temporary
// passcode and a replacement (CODE-2, DEV-2).
func losesDevice(v visit) {
	p := v.person()
	h := p.pick(func(h *device) bool { return h.state == active })
	if h == nil || p.passcode != 0 {
		v.succeed()
		return
	}
	v.device = ""
	lostDevice := *h
	v.deactivate(h, [...]string{domain.Lost, domain.Lost, domain.Damaged}[v.day.chance.IntN(3)])
	if j, ok := v.brokerage.otherName(v.i); ok { // the person's other user name loses the same app (DEV-9)
		if joined := v.brokerage.persons[j].pick(hasNumber(lostDevice.number)); joined != nil {
			joined.state = lost
		}
	}
	if p.pick(isUsable) == nil {
		v.requestsPasscode()
	}
	v.pause(10*time.Minute, 40*time.Minute)
	if lostDevice.class == app {
		v.later(dayLength, 6*dayLength, installsApp)
		return
	}
	v.order("replacement", v.day.id(lostDevice.number))
}
