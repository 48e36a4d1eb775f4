package traffic

import (
	"time"

	"authledger/domain"
)

// passcode is one that is refused.
func (v visit) passcode() {
	v.send(&domain.CodeIssue{User: v.user, Code: v.fresh(), Kind: domain.TempPasscode, Agent: v.agent()})
}

func wantsPasscodeUnasked(v visit) { v.desk().passcode() }

// wantsSecondPasscode has lost the first (CODE-2).
func wantsSecondPasscode(v visit) {
	losesDevice(v)
	if v.person().passcode == 0 {
		return
	}
	v.wait(time.Hour)
	desk := v.desk()
	desk.verify()
	desk.passcode()
}

func printsWithout(v visit) {
	if v.person().passcode == 0 {
		v.issue(domain.OnlineCard, "")
	}
}

func isCalledWithout(v visit) { v.issue(domain.Voice, "") }

func isCalledOnOldTWS(v visit) {
	old := v.at(tws)
	old.issue(domain.SMS, "")
	old.pause(30*time.Second, time.Minute)
	old.issue(domain.Voice, "")
}

func entersStrange(v visit) { v.redeem(v.day.number(), v.platform(), domain.ToLogin) }

func entersRevoked(v visit) {
	code := v.issue(domain.SMS, "")
	v.wait(20 * time.Second)
	v.send(&domain.CodeRevoke{User: v.user, Code: v.day.id(code), By: v.agent()})
	v.pause(5*time.Second, time.Minute)
	v.redeem(code, v.platform(), domain.ToLogin)
}

func entersLate(v visit) {
	code := v.issue(domain.SMS, "")
	v.pause(6*time.Minute, 9*time.Minute)
	v.redeem(code, v.platform(), domain.ToLogin)
}

func entersTwice(v visit) {
	code := v.issue(domain.SMS, "")
	for range 2 {
		v.pause(10*time.Second, time.Minute)
		v.redeem(code, v.platform(), domain.ToLogin)
	}
}
