package loadgen

import (
	"time"

	"authledger/domain"
)

// Borrower is the user of the scenarios that borrows a platinum device from another
// user name of the same person. The user also has an inactive card, the app and codes.
// The generated load does not affect this state, so a demonstration can show it.
var Borrower = userName(borrower)

// LimitedAccount is an account whose withdrawals are near the daily limit of its user's
// card.
const LimitedAccount = "U999001"

// scheduleAccounts schedules the scenarios of devices and withdrawals.
func (b *brokerage) scheduleAccounts() {
	b.reseed(scenarioSession - 1)
	b.sharesBetweenNames(b.length - 8*time.Hour)
	b.withdrawsToLimit(b.length - 15*time.Minute)
}

// sharesBetweenNames schedules a person who shares the better card with the person's
// second user name. The sharing deactivates the other card (SHARE-4).
func (b *brokerage) sharesBetweenNames(at time.Duration) {
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

// withdrawsToLimit schedules requests that use nearly all of the daily limit, and a request that
// would exceed the limit. The ledger denies that request (WD-3).
func (b *brokerage) withdrawsToLimit(at time.Duration) {
	device := b.prefix + "only"
	books := b.enter(withdrawer, registry, at)
	books.send(&domain.DeviceActivate{User: books.user, Device: device, Class: domain.SecurityCodeCard, Method: domain.Portal})
	s := b.enter(withdrawer, portal, at)
	for _, w := range [...]struct{ id, amount string }{{"w1", "90000.00"}, {"w2", "65000.50"}, {"w3", "60000.00"}, {"w4", "12500.00"}} {
		s.wait(2 * time.Minute)
		s.send(&domain.WithdrawalRequest{
			Withdrawal: b.prefix + w.id, Account: LimitedAccount, User: s.user, Device: device, Amount: w.amount, Currency: "USD",
		})
	}
	s.wait(time.Minute)
	b.enter(withdrawer, backOffice, s.now).send(&domain.WithdrawalSettle{Withdrawal: b.prefix + "w1", Account: LimitedAccount})
}
