package logtest

import (
	"fmt"

	"authledger/domain"
	"authledger/domain/calendar"
)

func (c *Generator) onLogin() domain.CommandData {
	failure := Pick(c, "bad_credentials", "bad_credentials", "bad_code", "cancelled")
	switch c.IntN(14) {
	case 0, 1:
		return &domain.LoginBegin{User: c.User(), Attempt: c.attempt(), Platform: "tws"}
	case 2:
		return &domain.LoginFinish{User: c.User(), Attempt: c.attempt(), Outcome: domain.Failed, Reason: failure}
	case 3:
		return &domain.LoginFinish{User: c.User(), Attempt: c.attempt(), Outcome: domain.Succeeded}
	case 4:
		return &domain.LoginReport{User: c.User(), Outcome: domain.Succeeded}
	case 5:
		if c.ids%3 == 0 {
			return &domain.AuditVerify{Verifier: "op", Role: "operator", Result: domain.VerificationIntact, From: 1, To: 7}
		}
		return &domain.LoginReport{User: "Not A Name", Outcome: domain.Succeeded}
	case 6:
		return &domain.LoginReport{User: c.User(), Outcome: domain.Failed, Reason: domain.UnknownUser}
	case 7:
		return &domain.LockoutRelease{User: c.User(), Agent: "agent"}
	}
	return &domain.LoginReport{User: c.User(), Outcome: domain.Failed, Reason: failure}
}

func (c *Generator) onDevice() domain.CommandData {
	device, class := c.device()
	method := domain.Portal
	if class == domain.IBKRMobile {
		method = domain.QR
	}
	known, code := c.one(c.devices, c.User()), c.one(c.codes, c.User())
	switch c.IntN(14) {
	case 0, 1, 2:
		return &domain.DeviceRequest{
			User: c.User(), Device: c.newID(), Class: domain.DigitalSecurityCardPlus,
			Purpose: "new", BalanceUSD: "500000",
		}
	case 3, 4:
		return &domain.DeviceShip{User: known.owner, Device: known.id}
	case 5, 6:
		reason := Pick(c, domain.Lost, domain.Damaged, domain.Returned, domain.Replaced, domain.ByUser)
		return &domain.DeviceDeactivate{User: known.owner, Device: known.id, Reason: reason}
	case 7, 8:
		code, known = c.one(c.joins, c.User()), c.one(c.apps, c.User())
		return &domain.DeviceAddUser{User: code.owner, Owner: known.owner, Device: known.id, Code: code.id}
	case 9:
		code = c.one(c.redeemed, c.User())
		known = c.one(c.of(c.active, code.owner), code.owner)
		return &domain.DeviceChangePIN{User: code.owner, Device: known.id, Code: code.id}
	case 10:
		return &domain.DeviceResetPIN{User: known.owner, Device: known.id, Agent: "agent"}
	}
	return &domain.DeviceActivate{User: c.User(), Device: device, Class: class, Method: method}
}

func (c *Generator) onCode() domain.CommandData {
	known, device := c.one(c.codes, c.User()), c.one(c.active, c.User())
	switch c.IntN(9) {
	case 0:
		return &domain.CodeRevoke{User: known.owner, Code: known.id, By: "agent"}
	case 1, 2:
		purpose := Pick(c, "", domain.PrintOnlineCard, domain.ChangePIN, domain.ChangePIN)
		return &domain.CodeRedeem{
			User: known.owner, Code: known.id, Platform: domain.ClientPortal, Purpose: purpose,
		}
	case 3:
		return &domain.CodeIssue{User: device.owner, Code: c.newID(), Kind: domain.ChallengeCode, Device: device.id}
	}
	kind := Pick(c, domain.TempPasscode, domain.TempPasscode, domain.OnlineCard, domain.SMS, domain.Voice,
		domain.ActivationQR, domain.ActivationSMS, domain.ActivationSMS)
	return &domain.CodeIssue{User: c.User(), Code: c.newID(), Kind: kind}
}

func (c *Generator) onSharing() domain.CommandData {
	known, device := c.one(c.sharings, ""), c.one(c.active, c.User())
	switch c.IntN(8) {
	case 0, 1:
		decision := Pick(c, "approve", "approve", "reject")
		return &domain.SharingReview{Sharing: known.id, Officer: "officer", Decision: decision}
	case 2:
		return &domain.SharingCancel{Sharing: known.id, By: "support"}
	}
	return &domain.SharingRequest{
		Sharing: c.newID(), Requester: c.User(), Owner: device.owner, Device: device.id, Review: c.IntN(3) == 0,
	}
}

// onWithdrawal draws amounts that soon exceed the limits, most often with an existing device.
func (c *Generator) onWithdrawal() domain.CommandData {
	known, device, code := c.one(c.withdrawals, c.Account()), c.one(c.active, c.User()), c.one(c.codes, c.User())
	switch c.IntN(8) {
	case 0:
		return &domain.WithdrawalSettle{Withdrawal: known.id, Account: known.owner}
	case 1:
		return &domain.WithdrawalCancel{Withdrawal: known.id, Account: known.owner, By: "agent"}
	}
	w := &domain.WithdrawalRequest{
		Withdrawal: c.newID(), Account: c.Account(), User: device.owner, Device: device.id,
		Amount: Pick(c, "0.01", "99999.99", "150000", "400000", "900000.5"), Currency: "USD",
	}
	if c.IntN(4) == 0 {
		w.User, w.Device, w.Code = code.owner, "", code.id
	}
	if c.IntN(4) == 0 {
		w.Currency, w.USDAmount, w.Amount = "JPY", w.Amount, "7"
	}
	return w
}

func (c *Generator) policyOrIdentity() domain.CommandData {
	switch c.IntN(10) {
	case 0:
		return &domain.PolicyAdopt{Policy: c.policy(), By: "officer"}
	case 1, 2, 3, 4:
		return &domain.IdentityRecord{User: c.User(), Fingerprint: "0123456789abcdef0123456789abcdef"}
	case 5:
		return &domain.AuditRead{
			Reader: "ann", Role: "auditor", Query: "/v1/lockouts", Purpose: "case 7", Reveal: c.ids%2 == 0,
		}
	case 6, 7:
		return c.onConfig(Pick(c, "config.token_add", "config.token_add", "config.webhook_rotate"))
	}
	return &domain.IdentityVerify{User: c.User(), Agent: "agent", Channel: "phone"}
}

func (c *Generator) policy() domain.Policy {
	p := *domain.IBKRSLS()
	p.Version = fmt.Sprintf("test@%d", 1+c.IntN(c.ids))
	p.Failures = Pick[int64](c, 1, 2, 3, 10, 10, 50)
	p.DurationSeconds = Pick[int64](c, 0, 1, 3600, 24*3600)
	p.RefusalsExtend = c.IntN(2) == 0
	p.IdentityVerificationTTLSeconds = Pick[int64](c, 1800, 10*24*3600)
	p.CodeTTLSeconds = Pick[int64](c, 60, 300, 24*3600)
	p.Zone = Pick(c, "America/New_York", "UTC", "Asia/Tokyo", "Pacific/Kiritimati")
	p.Calendar = Pick(c, calendar.Names()...)
	p.Limits.IBKRMobile = Pick(c,
		domain.Limit{},
		domain.Limit{PerDay: "200000", PerFiveDays: "600000"},
		domain.Limit{PerFiveDays: "150000.5"})
	return p
}
