package loadgen

import (
	"time"

	"authledger/domain"
)

// issue issues a code to the user and returns the code's number.
func (v visit) issue(kind, device string) uint64 {
	n := v.day.number()
	v.send(&domain.CodeIssue{User: v.user, Code: v.day.id(n), Kind: kind, Device: device, Platform: v.gate.platform})
	return n
}

// redeem redeems a code.
func (v visit) redeem(code uint64, platform, purpose string) {
	v.send(&domain.CodeRedeem{User: v.user, Code: v.day.id(code), Platform: platform, Purpose: purpose})
}

// platform returns the platform of the gate, or the portal if the gate has none.
func (v visit) platform() string {
	if v.gate.platform == "" {
		return domain.ClientPortal
	}
	return v.gate.platform
}

// logsInBySMS logs in with a code from a text message (CODE-5).
func logsInBySMS(v visit) {
	code := v.issue(domain.SMS, "")
	v.pause(8*time.Second, 50*time.Second)
	v.redeem(code, v.platform(), domain.ToLogin)
	v.pause(time.Second, 3*time.Second)
	v.succeed()
}

// logsInByCall receives no text message and logs in with a code from a call (CODE-5).
func logsInByCall(v visit) {
	v.issue(domain.SMS, "")
	v.pause(40*time.Second, 2*time.Minute)
	code := v.day.number()
	v.send(&domain.CodeIssue{User: v.user, Code: v.day.id(code), Kind: domain.Voice, Platform: v.gate.platform, ClientChannel: "latest"})
	v.pause(20*time.Second, time.Minute)
	v.redeem(code, v.platform(), domain.ToLogin)
	v.succeed()
}

// changesPIN changes a PIN after a code has proved that the user has the device or the
// telephone (DEV-8).
func changesPIN(v visit) {
	v.succeed()
	v.pause(10*time.Second, time.Minute)
	kind, h := domain.ChallengeCode, v.person().pick(isPlus)
	if h == nil {
		kind, h = domain.SMS, v.person().pick(isApp)
	}
	if h == nil {
		return
	}
	device, of := v.day.id(h.number), ""
	if kind == domain.ChallengeCode {
		of = device
	}
	code := v.issue(kind, of)
	v.pause(10*time.Second, time.Minute)
	v.redeem(code, v.platform(), domain.ChangePIN)
	v.pause(10*time.Second, time.Minute)
	v.send(&domain.DeviceChangePIN{User: v.user, Device: device, Code: v.day.id(code)})
}

// forgetsPIN fails a login. Then support resets the PIN (DEV-8).
func forgetsPIN(v visit) {
	h := v.person().pick(func(h *device) bool { return isPlus(h) || isApp(h) })
	if h == nil {
		v.succeed()
		return
	}
	v.fail(badCode)
	v.pause(3*time.Minute, 10*time.Minute)
	desk := v.desk()
	desk.verify()
	desk.send(&domain.DeviceResetPIN{User: v.user, Device: v.day.id(h.number), Agent: v.agent()})
	v.now = desk.now + time.Minute
	v.succeed()
}

// requestsPasscode simulates a user without a device who calls support for a temporary
// passcode. Two days later the passcode only allows printing a card in the portal
// (CODE-2, CODE-3).
func (v visit) requestsPasscode() {
	v.pause(5*time.Minute, 30*time.Minute)
	desk := v.desk()
	desk.verify()
	code := v.day.number()
	desk.send(&domain.CodeIssue{User: v.user, Code: v.day.id(code), Kind: domain.TempPasscode, Agent: v.agent()})
	p := v.person()
	p.passcode = code
	v.now = desk.now + time.Minute
	v.redeem(code, v.platform(), domain.ToLogin)
	v.succeed()
	v.later(fullFor/4, fullFor, printsCard)
	v.later(fullFor+time.Hour, fullFor+2*dayLength, triesPasscode)
	v.later(fullFor+2*dayLength, fullFor+restrictedFor, printsCard)
}

// The periods in which a passcode is unrestricted, and then restricted (CODE-3).
const (
	fullFor       = 2 * dayLength
	restrictedFor = 8 * dayLength
)

// printsCard prints an online card in the portal, for 40 % of the users (CODE-4).
func printsCard(v visit) {
	p := v.person()
	if p.passcode == 0 || p.card != 0 || v.chance(60) {
		return
	}
	v.redeem(p.passcode, domain.ClientPortal, domain.PrintOnlineCard)
	v.pause(10*time.Second, time.Minute)
	p.card = v.issue(domain.OnlineCard, "")
	if v.chance(15) { // revokes the card
		v.pause(time.Hour, 5*time.Hour)
		v.send(&domain.CodeRevoke{User: v.user, Code: v.day.id(p.card), By: v.user})
		p.card = 0
	}
}

// triesPasscode redeems a restricted passcode for a login. The ledger refuses it (CODE-6).
func triesPasscode(v visit) {
	p := v.person()
	if p.passcode == 0 || v.chance(70) {
		return
	}
	v.redeem(p.passcode, [...]string{domain.TWS, domain.ClientPortal}[v.day.chance.IntN(2)], domain.ToLogin)
	v.fail(expiredCode)
}
