package loadgen

import (
	"time"

	"authledger/domain"
)

// partner returns a visit of the person's other user name, and enrolls that user name
// if necessary. The visit is at the gate of v.
func (v visit) partner() (visit, bool) {
	j, ok := v.brokerage.otherName(v.i)
	if !ok {
		return visit{}, false
	}
	twin := *v.script
	twin.user, twin.device = userName(scenarioUsers+j), ""
	o := visit{script: &twin, brokerage: v.brokerage, i: j}
	if !o.person().known {
		o.enroll()
		v.now = o.now
	}
	return o, true
}

// sharesCard shares the better of the person's cards with the other user name
// (SHARE-1).
func sharesCard(v visit) {
	v.succeed()
	v.pause(20*time.Second, time.Minute)
	owner, ok := v.partner()
	if !ok {
		return
	}
	borrower := v
	theirs, own := owner.person().strongest(), v.person().strongest()
	if theirs == nil || own != nil && own.class > theirs.class {
		borrower, owner, theirs = owner, borrower, own
	}
	if theirs == nil || theirs.state != active || borrower.person().sharing != 0 || owner.person().sharing != 0 {
		return
	}
	borrower.now = v.now
	borrower.requestsSharing(owner.user, *theirs)
}

// requestsSharing requests a sharing. An officer reviews one in three (SHARE-3).
func (v visit) requestsSharing(owner string, h device) {
	n := v.day.number()
	review := v.chance(33)
	v.send(&domain.SharingRequest{Sharing: v.day.id(n), Requester: v.user, Owner: owner, Device: v.day.id(h.number), Review: review})
	if !review {
		v.usesBorrowed(n, h)
		return
	}
	v.later(2*time.Hour, 20*time.Hour, func(v visit) {
		if v.chance(25) {
			v.review(n, "officer-ito", "reject")
			return
		}
		v.review(n, "officer-ito", "approve")
		v.usesBorrowed(n, h)
	})
}

func (v visit) review(sharing uint64, officer, decision string) {
	v.at(compliance).send(&domain.SharingReview{Sharing: v.day.id(sharing), Officer: officer, Decision: decision})
}

// usesBorrowed adds the borrowed device and deactivates the user's own devices (SHARE-4). Half
// of the users return the device some days later and activate one of their own devices.
func (v visit) usesBorrowed(sharing uint64, h device) {
	p := v.person()
	if p.passcode != 0 || p.card != 0 { // refused (SHARE-1)
		return
	}
	p.changeAll(active, dormant)
	h.state = borrowed
	if !p.addDevice(h) {
		return
	}
	p.sharing = sharing
	if v.chance(50) {
		return
	}
	v.later(2*dayLength, 9*dayLength, func(v visit) {
		by := [...]string{v.user, v.user, "support"}[v.day.chance.IntN(3)]
		v.cancelSharing(sharing, by)
		if own := v.person().pick(func(h *device) bool { return h.state == dormant }); own != nil {
			v.pause(time.Minute, time.Hour)
			v.activate(*own, methodOf[own.class], "")
		}
		if v.chance(10) { // the user cancels a second time
			v.cancelSharing(sharing, v.user)
		}
	})
}

func (v visit) cancelSharing(sharing uint64, by string) {
	p := v.person()
	if h := p.pick(func(h *device) bool { return h.state == borrowed }); h != nil {
		*h = device{}
	}
	p.sharing = 0
	v.send(&domain.SharingCancel{Sharing: v.day.id(sharing), By: by})
}

// joinsApp adds this user name to the app of the other user name (DEV-7).
func joinsApp(v visit) {
	v.succeed()
	owner, ok := v.partner()
	if !ok || v.person().pick(isApp) != nil {
		return
	}
	h := owner.person().pick(isApp)
	if h == nil {
		return
	}
	v.pause(30*time.Second, time.Minute)
	code := v.issue(domain.ActivationSMS, "")
	v.pause(20*time.Second, time.Minute)
	if p := v.person(); p.addDevice(*h) {
		p.passcode, p.card = 0, 0
		v.send(&domain.DeviceAddUser{User: v.user, Owner: owner.user, Device: v.day.id(h.number), Code: v.day.id(code)})
	}
}
