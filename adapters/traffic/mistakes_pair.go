package traffic

import (
	"time"

	"authledger/domain"
)

// share asks for a sharing that comes to nothing.
func (v visit) share(owner, device string, review bool) (sharing uint64) {
	sharing = v.day.number()
	v.send(&domain.SharingRequest{Sharing: v.day.id(sharing), Requester: v.user, Owner: owner, Device: device, Review: review})
	v.pause(20*time.Second, 2*time.Minute)
	return sharing
}

// joinsCard: a card is shared, not joined (DEV-7).
func joinsCard(v visit) {
	if owner, ok := v.partner(); ok {
		if id, _, ok := owner.any(isCard); ok {
			v.send(&domain.DeviceAddUser{User: v.user, Owner: owner.user, Device: id, Code: v.fresh()})
		}
	}
}

// sharesApp: an app is joined, not shared (SHARE-1).
func sharesApp(v visit) {
	if owner, ok := v.partner(); ok {
		if id, _, ok := owner.any(isApp); ok {
			v.share(owner.user, id, false)
		}
	}
}

// sharesTwice asks again while an officer looks at the first request.
func sharesTwice(v visit) {
	owner, device, ok := v.lendable()
	if !ok {
		return
	}
	sharing := v.share(owner, device, true)
	v.share(owner, device, false)
	v.send(&domain.SharingCancel{Sharing: v.day.id(sharing), By: v.user})
}

// sharesWithStranger, who is another person.
func sharesWithStranger(v visit) {
	j := v.day.chance.IntN(len(v.house.people))
	owner := visit{script: v.script, house: v.house, i: j}
	if id, _, ok := owner.any(isCard); ok && holder(j) != holder(v.i) {
		v.share(userName(scenePeople+j), id, false)
	}
}

// sharesWeaker asks for a card that protects less than one that the person has.
func sharesWeaker(v visit) {
	owner, ok := v.partner()
	if !ok {
		return
	}
	weak, strong := owner.person().strongest(), v.person().strongest()
	if weak == nil || strong == nil || weak.class == strong.class {
		return
	}
	if weak.class > strong.class {
		v.user, owner.user, weak = owner.user, v.user, strong
	}
	v.share(owner.user, v.day.id(weak.number), false)
}

func sharesWithNobody(v visit) { v.share("nobody", v.fresh(), false) }

func reviewsNothing(v visit) { v.review(v.day.number(), "officer-ito", "approve") }

// lendable is a card of the person's other user name that both could have.
func (v visit) lendable() (owner, device string, ok bool) {
	o, ok := v.partner()
	if !ok || v.person().sharing != 0 || o.person().sharing != 0 {
		return "", "", false
	}
	best, own := o.person().strongest(), v.person().strongest()
	if best == nil || best.state != active || own != nil && own.class > best.class {
		return "", "", false
	}
	return o.user, v.day.id(best.number), true
}

// pending asks for such a card, and has it looked at.
func (v visit) pending() (sharing uint64, ok bool) {
	owner, device, ok := v.lendable()
	if !ok {
		return 0, false
	}
	return v.share(owner, device, true), true
}

// reviewsOwn is an officer who is one of the two.
func reviewsOwn(v visit) {
	if sharing, ok := v.pending(); ok {
		v.review(sharing, v.user, "approve")
		v.wait(time.Minute)
		v.review(sharing, "officer-ito", "reject")
	}
}

func reviewsTwice(v visit) {
	if sharing, ok := v.pending(); ok {
		v.review(sharing, "officer-ito", "reject")
		v.wait(time.Minute)
		v.review(sharing, "officer-ana", "approve")
	}
}

// cancelsAnothers sharing, of which the user is no part.
func cancelsAnothers(v visit) {
	if sharing, ok := v.pending(); ok {
		v.send(&domain.SharingCancel{Sharing: v.day.id(sharing), By: "somebody"})
		v.wait(time.Minute)
		v.send(&domain.SharingCancel{Sharing: v.day.id(sharing), By: v.user})
		v.wait(time.Minute)
		v.send(&domain.SharingCancel{Sharing: v.day.id(sharing), By: v.user})
	}
}

func cancelsNothing(v visit) {
	v.send(&domain.SharingCancel{Sharing: v.fresh(), By: v.user})
}
