package traffic

import (
	"time"

	"authledger/domain"
)

// errs is a visit at which something is asked that the rules refuse.
func errs(v visit) {
	v.succeed()
	v.pause(20*time.Second, time.Minute)
	mistakes[v.day.chance.IntN(len(mistakes))](v)
}

// mistakes are asked at random. One that does not fit the user is not made.
var mistakes = [...]func(visit){
	wantsOldCard, wantsCardWithLittle, wantsTheSame, shipsTwice, reportsStrange, mistakesClass,
	findsLost, activatesTwice, returnsOldCard, activatesAnothers, reportsBorrowed, takesOut, challengesWithout, changesNoPIN,
	changesPINUnproved, resetsUnasked, wantsPasscodeUnasked, wantsSecondPasscode, printsWithout,
	isCalledWithout, isCalledOnOldTWS, entersStrange, entersRevoked, entersLate, entersTwice, joinsCard,
	sharesApp, sharesTwice, sharesWeaker, sharesWithStranger, sharesWithNobody, reviewsNothing, reviewsOwn, reviewsTwice, cancelsAnothers,
	cancelsNothing, settlesNothing, startsTwice, withdrawsByLost,
}

// any is one of the user's devices that fits: as an id, with its class.
func (v visit) any(fits func(*holding) bool) (id string, c class, ok bool) {
	h := v.person().pick(fits)
	if h == nil {
		return "", 0, false
	}
	return v.day.id(h.number), h.class, true
}

// fresh is an id of nothing.
func (v visit) fresh() string { return v.day.id(v.day.number()) }

func wantsOldCard(v visit) {
	v.send(&domain.DeviceRequest{User: v.user, Device: v.fresh(), Class: domain.Gold, Purpose: "new"})
}

func wantsCardWithLittle(v visit) {
	if _, _, ok := v.any(isCard); !ok {
		v.send(&domain.DeviceRequest{User: v.user, Device: v.fresh(), Class: domain.DigitalSecurityCardPlus, Purpose: "new", BalanceUSD: "12000.00"})
	}
}

func wantsTheSame(v visit) {
	if id, _, ok := v.any(isCard); ok {
		v.send(&domain.DeviceRequest{User: v.user, Device: id, Class: domain.DigitalSecurityCardPlus, Purpose: "new"})
	}
}

func shipsTwice(v visit) {
	if id, _, ok := v.any(isCard); ok {
		v.at(backOffice).send(&domain.DeviceShip{User: v.user, Device: id})
	}
}

func reportsStrange(v visit) {
	v.send(&domain.DeviceDeactivate{User: v.user, Device: v.fresh(), Reason: domain.Lost})
}

func mistakesClass(v visit) {
	if id, c, ok := v.any(isCard); ok && c != gold {
		v.send(&domain.DeviceActivate{User: v.user, Device: id, Class: domain.Gold, Method: domain.Portal})
	}
}

func findsLost(v visit) {
	if id, c, ok := v.any(isLost); ok {
		v.send(&domain.DeviceActivate{User: v.user, Device: id, Class: c.String(), Method: methodOf[c]})
	}
}

func activatesTwice(v visit) {
	if id, c, ok := v.any(func(h *holding) bool { return h.state == active }); ok {
		v.send(&domain.DeviceActivate{User: v.user, Device: id, Class: c.String(), Method: methodOf[c]})
	}
}

func returnsOldCard(v visit) {
	if id, _, ok := v.any(func(h *holding) bool { return isCard(h) && !isPlus(h) }); ok {
		v.send(&domain.DeviceDeactivate{User: v.user, Device: id, Reason: domain.Returned})
	}
}

// activatesAnothers: a card has one owner.
func activatesAnothers(v visit) {
	owner := visit{script: v.script, house: v.house, i: v.day.chance.IntN(len(v.house.people))}
	if id, c, ok := owner.any(isCard); ok && owner.i != v.i {
		v.send(&domain.DeviceActivate{User: v.user, Device: id, Class: c.String(), Method: methodOf[c]})
	}
}

// reportsBorrowed: that is for the owner to do.
func reportsBorrowed(v visit) {
	if id, _, ok := v.any(func(h *holding) bool { return h.state == borrowed }); ok {
		v.send(&domain.DeviceDeactivate{User: v.user, Device: id, Reason: domain.Lost})
	}
}

// takesOut what was put away while a device is shared.
func takesOut(v visit) {
	if v.person().sharing == 0 {
		shares(v)
		v.later(dayLength, 2*dayLength, func(v visit) {
			if v.person().sharing != 0 {
				takesOut(v)
			}
		})
		return
	}
	if id, c, ok := v.any(func(h *holding) bool { return h.state == dormant && h.class != app }); ok {
		v.send(&domain.DeviceActivate{User: v.user, Device: id, Class: c.String(), Method: methodOf[c]})
	}
}

func challengesWithout(v visit) { v.issue(domain.ChallengeCode, v.fresh()) }

func changesNoPIN(v visit) {
	if id, _, ok := v.any(func(h *holding) bool { return isCard(h) && !isPlus(h) }); ok {
		v.send(&domain.DeviceChangePIN{User: v.user, Device: id, Code: v.fresh()})
	}
}

func changesPINUnproved(v visit) {
	if id, _, ok := v.any(isApp); ok {
		code := v.issue(domain.SMS, "")
		v.pause(10*time.Second, time.Minute)
		v.send(&domain.DeviceChangePIN{User: v.user, Device: id, Code: v.day.id(code)})
	}
}

func resetsUnasked(v visit) {
	if id, _, ok := v.any(isApp); ok {
		v.desk().send(&domain.DeviceResetPIN{User: v.user, Device: id, Agent: v.agent()})
	}
}

func withdrawsByLost(v visit) {
	if id, _, ok := v.any(isLost); ok {
		v.send(&domain.WithdrawalRequest{
			Withdrawal: v.fresh(), Account: accountOf(v.i), User: v.user, Device: id, Amount: "1000.00", Currency: "USD",
		})
	}
}

func settlesNothing(v visit) {
	v.at(backOffice).send(&domain.WithdrawalSettle{Withdrawal: v.fresh(), Account: accountOf(v.i)})
}

// startsTwice begins an attempt that is open.
func startsTwice(v visit) {
	gate := v.at(portal)
	attempt := gate.begin()
	gate.wait(time.Second)
	gate.send(&domain.LoginBegin{User: v.user, Attempt: attempt, Platform: gate.gate.platform, IP: v.address})
	gate.pause(5*time.Second, 20*time.Second)
	gate.finish(attempt, domain.Succeeded, "")
}
