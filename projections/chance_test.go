package projections

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"authledger/domain"
	"authledger/domain/calendar"
)

// chance makes histories: every kind of command, few users, accounts and ids, and
// times that mostly go on but repeat, go back and jump over locks and windows.
type chance struct {
	*rand.Rand
	users  int
	now    time.Time
	ids    int
	timers bool   // the timer runs
	last   string // the user of the command before

	devices, active, apps, codes, joins, redeemed, sharings, withdrawals []owned
}

func newChance(seed uint64, users int) *chance {
	return &chance{Rand: rand.New(rand.NewPCG(seed, 1)), users: users, now: epoch, timers: seed%3 > 0}
}

func pick[T any](c *chance, of ...T) T { return of[c.IntN(len(of))] }

// user is often the one of the command before: most rules want two steps.
func (c *chance) user() string {
	if c.last == "" || c.IntN(3) > 0 {
		c.last = fmt.Sprintf("user%d", c.IntN(c.users))
	}
	return c.last
}

func (c *chance) attempt() string { return fmt.Sprintf("a-%d", c.IntN(4)) }
func (c *chance) account() string { return fmt.Sprintf("U%d", c.IntN(3)) }
func (c *chance) newID() string   { return fmt.Sprintf("i-%d", c.ids-c.IntN(2)) }

// device is one of few, whose class its id tells.
func (c *chance) device() (id, class string) {
	class = pick(c, domain.IBKRMobile, domain.IBKRMobile, domain.DigitalSecurityCardPlus, domain.Gold, domain.SecurityCodeCard)
	return fmt.Sprintf("%s-%d", class, c.IntN(4)), class
}

// owned is something of a user or an account: most often what there is, lately.
type owned struct{ owner, id string }

func (c *chance) one(of []owned, owner string) owned {
	if len(of) == 0 || c.IntN(8) == 0 {
		return owned{owner, c.newID()}
	}
	return of[len(of)-1-c.IntN(min(len(of), 3))]
}

// of are those of one owner.
func (c *chance) of(all []owned, owner string) []owned {
	return slices.DeleteFunc(slices.Clone(all), func(o owned) bool { return o.owner != owner })
}

// learn keeps what an accepted command made.
func (c *chance) learn(data domain.CommandData) {
	switch data := data.(type) {
	case *domain.DeviceRequest:
		c.devices = append(c.devices, owned{data.User, data.Device})
	case *domain.DeviceActivate:
		c.devices = append(c.devices, owned{data.User, data.Device})
		c.active = append(c.active, owned{data.User, data.Device})
		if data.Class == domain.IBKRMobile {
			c.apps = append(c.apps, owned{data.User, data.Device})
		}
	case *domain.CodeRedeem:
		c.redeemed = append(c.redeemed, owned{data.User, data.Code})
	case *domain.CodeIssue:
		c.codes = append(c.codes, owned{data.User, data.Code})
		if data.Kind == domain.ActivationSMS {
			c.joins = append(c.joins, owned{data.User, data.Code})
		}
	case *domain.SharingRequest:
		c.sharings = append(c.sharings, owned{"", data.Sharing})
	case *domain.WithdrawalRequest:
		c.withdrawals = append(c.withdrawals, owned{data.Account, data.Withdrawal})
	}
}

func (c *chance) time() time.Time {
	c.now = c.now.Add(pick(c, 0, 0, 0, 0, 0, time.Nanosecond, time.Second, time.Second, time.Minute, time.Minute, 5*time.Minute,
		time.Hour, 20*time.Hour, -time.Minute))
	if c.IntN(60) == 0 {
		c.now = c.now.Add(8 * 24 * time.Hour)
	}
	return c.now
}

func (c *chance) command() domain.Command {
	c.ids++
	return domain.Command{
		Source: pick(c, "gateway/portal", "gateway/tws", "import/2023"), ID: fmt.Sprintf("e-%d", c.ids), Caller: "test",
		Time: c.time(), Backfill: c.IntN(6) == 0, Data: c.data(),
		Bucket: domain.SourceEntity(c.IntN(3)),
	}
}

// data passes its form, as what reaches the rules does.
func (c *chance) data() domain.CommandData {
	for {
		data := c.anyData()
		form, ok := data.(interface{ Check() *domain.Rejection })
		if !ok || form.Check() == nil {
			return data
		}
	}
}

func (c *chance) anyData() domain.CommandData {
	switch c.IntN(12) {
	case 0:
		return c.policyOrIdentity()
	case 1, 2:
		return c.onDevice()
	case 3, 4:
		return c.onCode()
	case 5:
		return c.onSharing()
	case 6, 7:
		return c.onWithdrawal()
	}
	return c.onLogin()
}

func (c *chance) onLogin() domain.CommandData {
	failure := pick(c, "bad_credentials", "bad_credentials", "bad_code", "cancelled")
	switch c.IntN(14) {
	case 0, 1:
		return &domain.LoginBegin{User: c.user(), Attempt: c.attempt(), Platform: "tws"}
	case 2:
		return &domain.LoginFinish{User: c.user(), Attempt: c.attempt(), Outcome: domain.Failed, Reason: failure}
	case 3:
		return &domain.LoginFinish{User: c.user(), Attempt: c.attempt(), Outcome: domain.Succeeded}
	case 4:
		return &domain.LoginReport{User: c.user(), Outcome: domain.Succeeded}
	case 5:
		return &domain.LoginReport{User: "Not A Name", Outcome: domain.Succeeded}
	case 6:
		return &domain.LoginReport{User: c.user(), Outcome: domain.Failed, Reason: domain.UnknownUser}
	case 7:
		return &domain.LockoutRelease{User: c.user(), Agent: "agent"}
	}
	return &domain.LoginReport{User: c.user(), Outcome: domain.Failed, Reason: failure}
}

func (c *chance) onDevice() domain.CommandData {
	device, class := c.device()
	method := domain.Portal
	if class == domain.IBKRMobile {
		method = domain.QR
	}
	known, code := c.one(c.devices, c.user()), c.one(c.codes, c.user())
	switch c.IntN(14) {
	case 0, 1, 2:
		return &domain.DeviceRequest{User: c.user(), Device: c.newID(), Class: domain.DigitalSecurityCardPlus, Purpose: "new", BalanceUSD: "500000"}
	case 3, 4:
		return &domain.DeviceShip{User: known.owner, Device: known.id}
	case 5, 6:
		return &domain.DeviceDeactivate{User: known.owner, Device: known.id, Reason: pick(c, domain.Lost, domain.Damaged, domain.Returned, domain.Replaced, domain.ByUser)}
	case 7, 8:
		code, known = c.one(c.joins, c.user()), c.one(c.apps, c.user())
		return &domain.DeviceAddUser{User: code.owner, Owner: known.owner, Device: known.id, Code: code.id}
	case 9:
		code = c.one(c.redeemed, c.user())
		known = c.one(c.of(c.active, code.owner), code.owner)
		return &domain.DeviceChangePIN{User: code.owner, Device: known.id, Code: code.id}
	case 10:
		return &domain.DeviceResetPIN{User: known.owner, Device: known.id, Agent: "agent"}
	}
	return &domain.DeviceActivate{User: c.user(), Device: device, Class: class, Method: method}
}

func (c *chance) onCode() domain.CommandData {
	known, device := c.one(c.codes, c.user()), c.one(c.active, c.user())
	switch c.IntN(9) {
	case 0:
		return &domain.CodeRevoke{User: known.owner, Code: known.id, By: "agent"}
	case 1, 2:
		return &domain.CodeRedeem{User: known.owner, Code: known.id, Platform: domain.ClientPortal, Purpose: pick(c, "", domain.PrintOnlineCard, domain.ChangePIN, domain.ChangePIN)}
	case 3:
		return &domain.CodeIssue{User: device.owner, Code: c.newID(), Kind: domain.ChallengeCode, Device: device.id}
	}
	kind := pick(c, domain.TempPasscode, domain.TempPasscode, domain.OnlineCard, domain.SMS, domain.Voice, domain.ActivationQR, domain.ActivationSMS, domain.ActivationSMS)
	return &domain.CodeIssue{User: c.user(), Code: c.newID(), Kind: kind}
}

func (c *chance) onSharing() domain.CommandData {
	known, device := c.one(c.sharings, ""), c.one(c.active, c.user())
	switch c.IntN(8) {
	case 0, 1:
		return &domain.SharingReview{Sharing: known.id, Officer: "officer", Decision: pick(c, "approve", "approve", "reject")}
	case 2:
		return &domain.SharingCancel{Sharing: known.id, By: "support"}
	}
	return &domain.SharingRequest{Sharing: c.newID(), Requester: c.user(), Owner: device.owner, Device: device.id, Review: c.IntN(3) == 0}
}

// onWithdrawal asks for what the limits soon forbid, most often by a device that
// there is.
func (c *chance) onWithdrawal() domain.CommandData {
	known, device, code := c.one(c.withdrawals, c.account()), c.one(c.active, c.user()), c.one(c.codes, c.user())
	switch c.IntN(8) {
	case 0:
		return &domain.WithdrawalSettle{Withdrawal: known.id, Account: known.owner}
	case 1:
		return &domain.WithdrawalCancel{Withdrawal: known.id, Account: known.owner, By: "agent"}
	}
	w := &domain.WithdrawalRequest{
		Withdrawal: c.newID(), Account: c.account(), User: device.owner, Device: device.id,
		Amount: pick(c, "0.01", "99999.99", "150000", "400000", "900000.5"), Currency: "USD",
	}
	if c.IntN(4) == 0 {
		w.User, w.Device, w.Code = code.owner, "", code.id
	}
	if c.IntN(4) == 0 {
		w.Currency, w.USDAmount, w.Amount = "JPY", w.Amount, "7"
	}
	return w
}

func (c *chance) policyOrIdentity() domain.CommandData {
	switch c.IntN(10) {
	case 0:
		return &domain.PolicyAdopt{Policy: c.policy(), By: "officer"}
	case 1, 2, 3, 4:
		return &domain.IdentityRecord{User: c.user(), Fingerprint: "0123456789abcdef0123456789abcdef"}
	case 5:
		return &domain.AuditRead{Reader: "ann", Role: "auditor", Query: "/v1/lockouts", Purpose: "case 7", Reveal: c.ids%2 == 0}
	}
	return &domain.IdentityVerify{User: c.user(), Agent: "agent", Channel: "phone"}
}

func (c *chance) policy() domain.Policy {
	p := *domain.IBKRSLS()
	p.Version = fmt.Sprintf("test@%d", 1+c.IntN(c.ids))
	p.Failures = pick[int64](c, 1, 2, 3, 10, 10, 50)
	p.DurationSeconds = pick[int64](c, 0, 1, 3600, 24*3600)
	p.RefusalsExtend = c.IntN(2) == 0
	p.IdentityVerificationTTLSeconds = pick[int64](c, 1800, 10*24*3600)
	p.CodeTTLSeconds = pick[int64](c, 60, 300, 24*3600)
	p.Zone = pick(c, "America/New_York", "UTC", "Asia/Tokyo", "Pacific/Kiritimati")
	p.Calendar = pick(c, calendar.Names()...)
	p.Limits.IBKRMobile = pick(c, domain.Limit{}, domain.Limit{PerDay: "200000", PerFiveDays: "600000"}, domain.Limit{PerFiveDays: "150000.5"})
	return p
}

// write appends n records or more, in commits of at most commitMax.
func (c *chance) write(h *history, n, commitMax int) {
	for end := len(h.records) + n; len(h.records) < end; {
		for range 1 + c.IntN(commitMax) {
			c.fireOne(h)
			asked := c.command()
			if h.do(asked).Status == domain.Accepted {
				c.learn(asked.Data)
			}
		}
		h.commit()
	}
}

// fireOne lets the timer record what is due on one user, if anything is.
func (c *chance) fireOne(h *history) {
	name := c.user()
	u, _ := h.User(name) // of a map: it has no error
	if due, ok := timed(&u); ok && !due.After(c.now) && c.timers && c.IntN(2) == 0 {
		h.do(domain.NewTimerFire(domain.UserEntity(name), due))
	}
}
