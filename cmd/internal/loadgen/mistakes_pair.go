package loadgen

import (
	"time"

	"authledger/domain"
)

// share requests a sharing that the ledger refuses, or that waits for a review.
func (v visit) share(owner, device string, review bool) (sharing uint64) {
	sharing = v.day.number()
	v.send(&domain.SharingRequest{Sharing: v.day.id(sharing), Requester: v.user, Owner: owner, Device: device, Review: review})
	v.pause(20*time.Second, 2*time.Minute)
	return sharing
}

// joinsCard adds the user to a card with device.add_user. The ledger refuses it, because only an
// app can be joined (DEV-7).
func joinsCard(v visit) {
	if owner, ok := v.partner(); ok {
		if id, _, ok := owner.deviceWhere(isCard); ok {
			v.send(&domain.DeviceAddUser{User: v.user, Owner: owner.user, Device: id, Code: v.unknownID()})
		}
	}
}

// sharesApp requests a sharing of an app. The ledger refuses it, because only a physical device
// can be shared (SHARE-1).
func sharesApp(v visit) {
	if owner, ok := v.partner(); ok {
		if id, _, ok := owner.deviceWhere(isApp); ok {
			v.share(owner.user, id, false)
		}
	}
}

// requestsSharingTwice requests a sharing while an officer reviews the first request.
func requestsSharingTwice(v visit) {
	owner, device, ok := v.shareableCard()
	if !ok {
		return
	}
	sharing := v.share(owner, device, true)
	v.share(owner, device, false)
	v.send(&domain.SharingCancel{Sharing: v.day.id(sharing), By: v.user})
}

// sharesWithOtherPerson requests a card of another person.
func sharesWithOtherPerson(v visit) {
	j := v.day.chance.IntN(len(v.brokerage.persons))
	owner := visit{script: v.script, brokerage: v.brokerage, i: j}
	if id, _, ok := owner.deviceWhere(isCard); ok && ownerOf(j) != ownerOf(v.i) {
		v.share(userName(scenarioUsers+j), id, false)
	}
}

// sharesWeakerCard requests a card of a lower protection level than the person's own
// card.
func sharesWeakerCard(v visit) {
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

func sharesWithUnknownUser(v visit) { v.share("nobody", v.unknownID(), false) }

func reviewsUnknownSharing(v visit) { v.review(v.day.number(), "officer-ito", "approve") }

// shareableCard returns a card of the person's other user name that the user may borrow by the
// rules of sharings.
func (v visit) shareableCard() (owner, device string, ok bool) {
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

// pendingSharing requests a sharing of the card that shareableCard returns, with a review.
func (v visit) pendingSharing() (sharing uint64, ok bool) {
	owner, device, ok := v.shareableCard()
	if !ok {
		return 0, false
	}
	return v.share(owner, device, true), true
}

// reviewsOwnSharing sends a review by the user who requested the sharing. The ledger refuses the
// review.
func reviewsOwnSharing(v visit) {
	if sharing, ok := v.pendingSharing(); ok {
		v.review(sharing, v.user, "approve")
		v.wait(time.Minute)
		v.review(sharing, "officer-ito", "reject")
	}
}

func reviewsTwice(v visit) {
	if sharing, ok := v.pendingSharing(); ok {
		v.review(sharing, "officer-ito", "reject")
		v.wait(time.Minute)
		v.review(sharing, "officer-ana", "approve")
	}
}

// cancelsOthersSharing sends a cancellation by a user who is neither the owner nor the requester,
// and then two cancellations by the requester. The ledger refuses the first and the last.
func cancelsOthersSharing(v visit) {
	if sharing, ok := v.pendingSharing(); ok {
		v.send(&domain.SharingCancel{Sharing: v.day.id(sharing), By: "somebody"})
		v.wait(time.Minute)
		v.send(&domain.SharingCancel{Sharing: v.day.id(sharing), By: v.user})
		v.wait(time.Minute)
		v.send(&domain.SharingCancel{Sharing: v.day.id(sharing), By: v.user})
	}
}

func cancelsUnknownSharing(v visit) {
	v.send(&domain.SharingCancel{Sharing: v.unknownID(), By: v.user})
}
