package traffic

import (
	"time"

	"authledger/domain"
)

// The people whom the views of a demonstration look at: the scenes leave them
// the same whatever the crowd does.
//
// Borrower has a platinum device of another user name, an own card put away, an
// app, and codes.
var Borrower = userName(borrower)

// PressedAccount has taken out nearly as much as its user's card lets in a day.
const PressedAccount = "U999001"

// stageAccounts puts the scenes of devices and withdrawals on top.
func (b *brokerage) stageAccounts() {
	b.draw(sceneSession - 1)
	b.twoNames(b.length - 8*time.Hour)
	b.pressed(b.length - 15*time.Minute)
}

// twoNames: one person lets the own second user name have the better card, which
// puts the other away (SHARE-4).
func (b *brokerage) twoNames(at time.Duration) {
	const card, better, telephone = "card", "better", "telephone"
	name := func(device string) string { return b.prefix + device }
	print := fingerprintOf(0)
	books := b.enter(lender, registry, at)
	books.send(&domain.IdentityRecord{User: books.user, Fingerprint: print})
	books.send(&domain.DeviceActivate{User: books.user, Device: name(better), Class: domain.Platinum, Method: domain.Challenge})
	s := b.enter(borrower, portal, at)
	s.send(&domain.IdentityRecord{User: s.user, Fingerprint: print})
	s.send(&domain.DeviceActivate{User: s.user, Device: name(card), Class: domain.SecurityCodeCard, Method: domain.Portal})
	s.wait(time.Hour)
	s.send(&domain.CodeIssue{User: s.user, Code: name("picture"), Kind: domain.ActivationQR})
	s.wait(time.Minute)
	s.send(&domain.DeviceActivate{User: s.user, Device: name(telephone), Class: domain.IBKRMobile, Method: domain.QR, Code: name("picture")})
	s.wait(time.Hour)
	s.send(&domain.SharingRequest{Sharing: name("sharing"), Requester: s.user, Owner: books.user, Device: name(better)})
	s.wait(time.Minute)
	s.send(&domain.CodeIssue{User: s.user, Code: name("text"), Kind: domain.SMS})
	s.wait(30 * time.Second)
	s.send(&domain.CodeRedeem{User: s.user, Code: name("text"), Platform: domain.ClientPortal})
	s.succeed()
}

// pressed: a request above the day's limit is denied; what is left of it is all
// but used up then (WD-3).
func (b *brokerage) pressed(at time.Duration) {
	device := b.prefix + "only"
	books := b.enter(presser, registry, at)
	books.send(&domain.DeviceActivate{User: books.user, Device: device, Class: domain.SecurityCodeCard, Method: domain.Portal})
	s := b.enter(presser, portal, at)
	for _, w := range [...]struct{ id, amount string }{{"w1", "90000.00"}, {"w2", "65000.50"}, {"w3", "60000.00"}, {"w4", "12500.00"}} {
		s.wait(2 * time.Minute)
		s.send(&domain.WithdrawalRequest{
			Withdrawal: b.prefix + w.id, Account: PressedAccount, User: s.user, Device: device, Amount: w.amount, Currency: "USD",
		})
	}
	s.wait(time.Minute)
	b.enter(presser, backOffice, s.now).send(&domain.WithdrawalSettle{Withdrawal: b.prefix + "w1", Account: PressedAccount})
}
