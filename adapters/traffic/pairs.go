package traffic

import (
	"time"

	"authledger/domain"
)

// partner is the person's other user name, taken on if nobody knew it. It comes
// to no gate.
func (v visit) partner() (visit, bool) {
	j, ok := v.house.other(v.i)
	if !ok {
		return visit{}, false
	}
	twin := *v.script
	twin.user, twin.device = userName(scenePeople+j), ""
	o := visit{script: &twin, house: v.house, i: j}
	if !o.person().known {
		o.enrol()
		v.now = o.now
	}
	return o, true
}

// shares lets both user names have the better of the person's cards (SHARE-1).
func shares(v visit) {
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
	borrower.asks(owner.user, *theirs)
}

// asks for a sharing; one in three is for an officer to look at (SHARE-3).
func (v visit) asks(owner string, h holding) {
	n := v.day.number()
	review := v.chance(33)
	v.send(&domain.SharingRequest{Sharing: v.day.id(n), Requester: v.user, Owner: owner, Device: v.day.id(h.number), Review: review})
	if !review {
		v.borrows(n, h)
		return
	}
	v.later(2*time.Hour, 20*time.Hour, func(v visit) {
		if v.chance(25) {
			v.review(n, "officer-ito", "reject")
			return
		}
		v.review(n, "officer-ito", "approve")
		v.borrows(n, h)
	})
}

func (v visit) review(sharing uint64, officer, decision string) {
	v.at(compliance).send(&domain.SharingReview{Sharing: v.day.id(sharing), Officer: officer, Decision: decision})
}

// borrows has the device, and puts the own ones away (SHARE-4). Half give it back
// in days, and take the own ones out again.
func (v visit) borrows(sharing uint64, h holding) {
	p := v.person()
	if p.passcode != 0 || p.card != 0 { // refused (SHARE-1)
		return
	}
	p.setAll(active, dormant)
	h.state = borrowed
	if !p.hold(h) {
		return
	}
	p.sharing = sharing
	if v.chance(50) {
		return
	}
	v.later(2*dayLength, 9*dayLength, func(v visit) {
		by := [...]string{v.user, v.user, "support"}[v.day.chance.IntN(3)]
		v.cancelSharing(sharing, by)
		if own := v.person().pick(func(h *holding) bool { return h.state == dormant }); own != nil {
			v.pause(time.Minute, time.Hour)
			v.activate(*own, methodOf[own.class], "")
		}
		if v.chance(10) { // both give it back
			v.cancelSharing(sharing, v.user)
		}
	})
}

func (v visit) cancelSharing(sharing uint64, by string) {
	p := v.person()
	if h := p.pick(func(h *holding) bool { return h.state == borrowed }); h != nil {
		*h = holding{}
	}
	p.sharing = 0
	v.send(&domain.SharingCancel{Sharing: v.day.id(sharing), By: by})
}

// joinsApp adds this user name to the app of the other (DEV-7).
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
	if p := v.person(); p.hold(*h) {
		p.passcode, p.card = 0, 0
		v.send(&domain.DeviceAddUser{User: v.user, Owner: owner.user, Device: v.day.id(h.number), Code: v.day.id(code)})
	}
}
