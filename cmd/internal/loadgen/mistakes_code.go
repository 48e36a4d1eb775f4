package loadgen

import (
	"time"

	"authledger/domain"
)

// passcode requests a temporary passcode that the rules refuse.
func (v visit) passcode() {
	v.send(&domain.CodeIssue{User: v.user, Code: v.unknownID(), Kind: domain.TempPasscode, Agent: v.agent()})
}

func requestsPasscodeUnverified(v visit) { v.desk().passcode() }

// requestsSecondPasscode requests a passcode although the user has one (CODE-2).
func requestsSecondPasscode(v visit) {
	losesDevice(v)
	if v.person().passcode == 0 {
		return
	}
	v.wait(time.Hour)
	desk := v.desk()
	desk.verify()
	desk.passcode()
}

func printsCardWithoutPasscode(v visit) {
	if v.person().passcode == 0 {
		v.issue(domain.OnlineCard, "")
	}
}

func requestsCallWithoutSMS(v visit) { v.issue(domain.Voice, "") }

func requestsCallOnOldTWS(v visit) {
	old := v.at(tws)
	old.issue(domain.SMS, "")
	old.pause(30*time.Second, time.Minute)
	old.issue(domain.Voice, "")
}

func redeemsUnknownCode(v visit) { v.redeem(v.day.number(), v.platform(), domain.ToLogin) }

func redeemsRevokedCode(v visit) {
	code := v.issue(domain.SMS, "")
	v.wait(20 * time.Second)
	v.send(&domain.CodeRevoke{User: v.user, Code: v.day.id(code), By: v.agent()})
	v.pause(5*time.Second, time.Minute)
	v.redeem(code, v.platform(), domain.ToLogin)
}

func redeemsExpiredCode(v visit) {
	code := v.issue(domain.SMS, "")
	v.pause(6*time.Minute, 9*time.Minute)
	v.redeem(code, v.platform(), domain.ToLogin)
}

func redeemsUsedCode(v visit) {
	code := v.issue(domain.SMS, "")
	for range 2 {
		v.pause(10*time.Second, time.Minute)
		v.redeem(code, v.platform(), domain.ToLogin)
	}
}
