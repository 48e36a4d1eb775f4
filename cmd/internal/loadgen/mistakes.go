package loadgen

import (
	"time"

	"authledger/domain"
)

// makesMistake logs in and sends a command that the rules refuse.
func makesMistake(v visit) {
	v.succeed()
	v.pause(20*time.Second, time.Minute)
	mistakes[v.day.chance.IntN(len(mistakes))](v)
}

// mistakes are the refused commands, chosen at random. A mistake that does not apply
// to the user sends nothing.
var mistakes = [...]func(visit){
	requestsLegacyCard, requestsCardWithLowBalance, requestsExistingDevice, shipsTwice, deactivatesUnknownDevice, sendsWrongClass,
	activatesLostDevice, activatesActiveDevice, returnsLegacyCard, activatesOthersCard, deactivatesBorrowedDevice, activatesDuringSharing, requestsChallengeOfUnknownDevice, changesMissingPIN,
	changesPINUnverified, resetsPINUnverified, requestsPasscodeUnverified, requestsSecondPasscode, printsCardWithoutPasscode,
	requestsCallWithoutSMS, requestsCallOnOldTWS, redeemsUnknownCode, redeemsRevokedCode, redeemsExpiredCode, redeemsUsedCode, joinsCard,
	sharesApp, requestsSharingTwice, sharesWeakerCard, sharesWithOtherPerson, sharesWithUnknownUser, reviewsUnknownSharing, reviewsOwnSharing, reviewsTwice, cancelsOthersSharing,
	cancelsUnknownSharing, settlesUnknownWithdrawal, beginsOpenAttempt, withdrawsWithLostDevice,
}

// deviceWhere returns the id and class of the last device of the user for which fits is true.
func (v visit) deviceWhere(fits func(*device) bool) (id string, c class, ok bool) {
	h := v.person().pick(fits)
	if h == nil {
		return "", 0, false
	}
	return v.day.id(h.number), h.class, true
}

// unknownID returns an id that no device, code, sharing or withdrawal has.
func (v visit) unknownID() string { return v.day.id(v.day.number()) }

func requestsLegacyCard(v visit) {
	v.send(&domain.DeviceRequest{User: v.user, Device: v.unknownID(), Class: domain.Gold, Purpose: "new"})
}

func requestsCardWithLowBalance(v visit) {
	if _, _, ok := v.deviceWhere(isCard); !ok {
		v.send(&domain.DeviceRequest{User: v.user, Device: v.unknownID(), Class: domain.DigitalSecurityCardPlus, Purpose: "new", BalanceUSD: "12000.00"})
	}
}

func requestsExistingDevice(v visit) {
	if id, _, ok := v.deviceWhere(isCard); ok {
		v.send(&domain.DeviceRequest{User: v.user, Device: id, Class: domain.DigitalSecurityCardPlus, Purpose: "new"})
	}
}

func shipsTwice(v visit) {
	if id, _, ok := v.deviceWhere(isCard); ok {
		v.at(backOffice).send(&domain.DeviceShip{User: v.user, Device: id})
	}
}

func deactivatesUnknownDevice(v visit) {
	v.send(&domain.DeviceDeactivate{User: v.user, Device: v.unknownID(), Reason: domain.Lost})
}

func sendsWrongClass(v visit) {
	if id, c, ok := v.deviceWhere(isCard); ok && c != gold {
		v.send(&domain.DeviceActivate{User: v.user, Device: id, Class: domain.Gold, Method: domain.Portal})
	}
}

func activatesLostDevice(v visit) {
	if id, c, ok := v.deviceWhere(isLost); ok {
		v.send(&domain.DeviceActivate{User: v.user, Device: id, Class: c.String(), Method: methodOf[c]})
	}
}

func activatesActiveDevice(v visit) {
	if id, c, ok := v.deviceWhere(func(h *device) bool { return h.state == active }); ok {
		v.send(&domain.DeviceActivate{User: v.user, Device: id, Class: c.String(), Method: methodOf[c]})
	}
}

func returnsLegacyCard(v visit) {
	if id, _, ok := v.deviceWhere(func(h *device) bool { return isCard(h) && !isPlus(h) }); ok {
		v.send(&domain.DeviceDeactivate{User: v.user, Device: id, Reason: domain.Returned})
	}
}

// activatesOthersCard activates a card of another user. The ledger refuses it, because a card
// has one owner.
func activatesOthersCard(v visit) {
	owner := visit{script: v.script, brokerage: v.brokerage, i: v.day.chance.IntN(len(v.brokerage.persons))}
	if id, c, ok := owner.deviceWhere(isCard); ok && owner.i != v.i {
		v.send(&domain.DeviceActivate{User: v.user, Device: id, Class: c.String(), Method: methodOf[c]})
	}
}

// deactivatesBorrowedDevice reports a borrowed device as lost. The ledger refuses it, because
// only the owner may deactivate a device.
func deactivatesBorrowedDevice(v visit) {
	if id, _, ok := v.deviceWhere(func(h *device) bool { return h.state == borrowed }); ok {
		v.send(&domain.DeviceDeactivate{User: v.user, Device: id, Reason: domain.Lost})
	}
}

// activatesDuringSharing activates an inactive device while the user borrows another. The ledger
// refuses it.
func activatesDuringSharing(v visit) {
	if v.person().sharing == 0 {
		sharesCard(v)
		v.later(dayLength, 2*dayLength, func(v visit) {
			if v.person().sharing != 0 {
				activatesDuringSharing(v)
			}
		})
		return
	}
	if id, c, ok := v.deviceWhere(func(h *device) bool { return h.state == dormant && h.class != app }); ok {
		v.send(&domain.DeviceActivate{User: v.user, Device: id, Class: c.String(), Method: methodOf[c]})
	}
}

func requestsChallengeOfUnknownDevice(v visit) { v.issue(domain.ChallengeCode, v.unknownID()) }

func changesMissingPIN(v visit) {
	if id, _, ok := v.deviceWhere(func(h *device) bool { return isCard(h) && !isPlus(h) }); ok {
		v.send(&domain.DeviceChangePIN{User: v.user, Device: id, Code: v.unknownID()})
	}
}

func changesPINUnverified(v visit) {
	if id, _, ok := v.deviceWhere(isApp); ok {
		code := v.issue(domain.SMS, "")
		v.pause(10*time.Second, time.Minute)
		v.send(&domain.DeviceChangePIN{User: v.user, Device: id, Code: v.day.id(code)})
	}
}

func resetsPINUnverified(v visit) {
	if id, _, ok := v.deviceWhere(isApp); ok {
		v.desk().send(&domain.DeviceResetPIN{User: v.user, Device: id, Agent: v.agent()})
	}
}

func withdrawsWithLostDevice(v visit) {
	if id, _, ok := v.deviceWhere(isLost); ok {
		v.send(&domain.WithdrawalRequest{
			Withdrawal: v.unknownID(), Account: accountOf(v.i), User: v.user, Device: id, Amount: "1000.00", Currency: "USD",
		})
	}
}

func settlesUnknownWithdrawal(v visit) {
	v.at(backOffice).send(&domain.WithdrawalSettle{Withdrawal: v.unknownID(), Account: accountOf(v.i)})
}

// beginsOpenAttempt begins an attempt that is already open. The ledger refuses the second command.
func beginsOpenAttempt(v visit) {
	gate := v.at(portal)
	attempt := gate.begin()
	gate.wait(time.Second)
	gate.send(&domain.LoginBegin{User: v.user, Attempt: attempt, Platform: gate.gate.platform, IP: v.address})
	gate.pause(5*time.Second, 20*time.Second)
	gate.finish(attempt, domain.Succeeded, "")
}
