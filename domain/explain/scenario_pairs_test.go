package explain_test

import (
	"fmt"

	"authledger/domain"
)

func (w *scenario) shares() {
	requester, owner := w.user(), one(w, w.user(), w.user(), "nobody")
	if requester == owner {
		return
	}
	if w.maybe() {
		for _, user := range []string{requester, owner} {
			w.give(&domain.IdentityRecord{User: user, Fingerprint: "0123456789abcdef0123456789abcdef"})
		}
	}
	device := one(w, "g1", "g1", "p1", "s1", "app")
	if w.maybe() { // what the two need to share
		device = fmt.Sprint("shared", w.ids)
		w.give(&domain.DeviceActivate{User: owner, Device: device, Class: domain.Platinum, Method: domain.Portal})
		w.give(&domain.DeviceActivate{User: requester, Device: "own" + device, Class: domain.SecurityCodeCard,
			Method: domain.Portal})
	}
	w.give(&domain.SharingRequest{Sharing: fmt.Sprint("s", w.ids), Requester: requester, Owner: owner,
		Device: device, Review: w.maybe()})
}

// asked returns a sharing that was requested, or an id without a sharing.
func (w *scenario) asked() string {
	var all []string
	for i := range w.records {
		if c, ok := w.records[i].Command.Data.(*domain.SharingRequest); ok {
			all = append(all, c.Sharing)
		}
	}
	return one(w, append(all[max(0, len(all)-4):], "none")...)
}

func (w *scenario) reviews() {
	if w.maybe() {
		w.give(&domain.SharingCancel{Sharing: w.asked(), By: one(w, "support", "alice", "zed")})
		return
	}
	w.give(&domain.SharingReview{Sharing: w.asked(), Officer: one(w, "olga", "alice"),
		Decision: one(w, "approve", "approve", "reject"), Note: "private note"})
}

func (w *scenario) withdraws() {
	user := w.user()
	r := domain.WithdrawalRequest{
		Withdrawal: fmt.Sprint("w", w.ids), Account: one(w, "acct", "acct", "other"), User: user,
		Amount: one(w, "1", "99999.99", "100000", "200000", "300000", "50000000"), Currency: "USD",
	}
	if one(w, 1, 2, 3) == 1 {
		r.Code = w.issued(user, domain.TempPasscode, domain.OnlineCard)
	} else {
		r.Device, _, _ = w.device()
	}
	if one(w, 1, 2, 3) == 1 {
		r.Currency, r.Amount, r.USDAmount = "JPY", "15000", r.Amount
	}
	w.give(&r)
}

// ends settles or cancels a withdrawal that was requested, or an id without a withdrawal.
func (w *scenario) ends() {
	all := []domain.WithdrawalRequest{{Withdrawal: "none", Account: "acct"}}
	for i := range w.records {
		if c, ok := w.records[i].Command.Data.(*domain.WithdrawalRequest); ok {
			all = append(all, *c)
		}
	}
	c := one(w, all[max(0, len(all)-6):]...)
	if w.maybe() {
		w.give(&domain.WithdrawalSettle{Withdrawal: c.Withdrawal, Account: c.Account})
		return
	}
	w.give(&domain.WithdrawalCancel{Withdrawal: c.Withdrawal, Account: c.Account, By: "alice"})
}

// fires records the events that are due for a user, as the timer does.
func (w *scenario) fires() {
	name := w.user()
	u, err := w.User(name)
	if err != nil {
		w.t.Fatal(err)
	}
	if due, ok := u.Due(); ok && !due.After(w.now) {
		w.do(w.t, domain.NewTimerFire(domain.UserEntity(name), due))
	}
}
