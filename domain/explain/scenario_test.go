package explain_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"authledger/domain"
)

// scenario sends random commands of every type. It uses few users, devices and codes, so that
// many commands concern the same ones.
type scenario struct {
	*memoryLog
	*rand.Rand
	t   *testing.T
	now time.Time
	ids int
}

// newLog returns a random log with at least the given number of records. A seed gives the
// same log each time.
func newLog(t *testing.T, seed uint64, commands int) *memoryLog {
	w := scenario{
		memoryLog: &memoryLog{Folded: domain.NewFolded(domain.IBKRSLS())},
		Rand:      rand.New(rand.NewPCG(seed, 1)), t: t,
		now: time.Date(2026, 3, 2, 15, 0, 0, 0, time.UTC),
	}
	for len(w.records) < commands {
		w.pass()
		w.step()
	}
	w.give(&domain.PersonIntroduce{User: "~abcdefghijklmnopqrstuvwxyz"})
	return w.memoryLog
}

func (w *scenario) pass() {
	w.now = w.now.Add(one(w, 0, 0, 0, time.Nanosecond, time.Second, time.Second, time.Minute, time.Minute,
		4*time.Minute, 5*time.Minute,
		20*time.Minute, time.Hour, 9*time.Hour, 24*time.Hour, 3*24*time.Hour, 15*24*time.Hour, -time.Minute))
}

func one[T any](w *scenario, of ...T) T { return of[w.IntN(len(of))] }

func (w *scenario) give(data domain.CommandData) {
	w.ids++
	c := domain.Command{
		Source: "gateway", ID: fmt.Sprint(w.ids), Time: w.now, Data: data, Caller: "test",
		Backfill: w.IntN(10) == 0, Bucket: domain.SourceEntity(w.ids % 3),
		Rules: 1 + min(len(w.records)/(commands/4), domain.Rules-1),
	}
	if c.DecidedOnArrival() {
		c.Arrived, c.Time = c.Time, c.Time.Add(one(w, 0, time.Second, -299*time.Second, 299*time.Second))
	}
	w.do(w.t, c)
}

func (w *scenario) maybe() bool     { return w.IntN(2) == 0 }
func (w *scenario) user() string    { return one(w, "alice", "alice", "bob", "carol") }
func (w *scenario) attempt() string { return one(w, "a1", "a2", "a3") }
func (w *scenario) agent() string   { return one(w, "ann", "alice") }

// device returns one of five devices, mostly with its own class.
func (w *scenario) device() (id, class, method string) {
	type device struct{ id, class, method string }
	d := one(w, device{"g1", domain.Gold, domain.Portal}, device{"g1", domain.Gold, domain.Portal},
		device{"p1", domain.DigitalSecurityCardPlus, domain.Challenge},
		device{"p1", domain.DigitalSecurityCardPlus, domain.Challenge},
		device{"s1", domain.SecurityCodeCard, domain.Portal}, device{"app", domain.IBKRMobile, domain.QR},
		device{"app", domain.IBKRMobile, domain.SMSCode},
		device{"g1", domain.Platinum, domain.Portal})
	return d.id, d.class, d.method
}

func (w *scenario) code() string { return one(w, "c1", "c2", "c3", "c4", "c5", "c6") }

// issued returns the newest code of a user that has one of the kinds, of any kind if kinds is
// empty. Without such a code it returns any id.
func (w *scenario) issued(user string, kinds ...string) string {
	id := w.code()
	for i := range w.records {
		c, ok := w.records[i].Command.Data.(*domain.CodeIssue)
		if ok && c.User == user && (len(kinds) == 0 || slices.Contains(kinds, c.Kind)) {
			id = c.Code
		}
	}
	return id
}

func (w *scenario) step() {
	steps := []func(){w.logsIn, w.logsIn, w.fails, w.identifies, w.releases, w.adopts, w.orders, w.activates,
		w.activates,
		w.deactivates, w.joins, w.changesPIN, w.issues, w.issues, w.redeems, w.shares, w.shares, w.reviews,
		w.withdraws, w.withdraws, w.withdraws,
		w.ends, w.fires, w.rareCommand, w.configures, w.erases}
	steps[w.IntN(len(steps))]()
}

func (w *scenario) outcome() (domain.Outcome, string) {
	if w.maybe() {
		return domain.Succeeded, ""
	}
	return domain.Failed, one(w, "bad_credentials", "bad_code", "cancelled")
}

func (w *scenario) logsIn() {
	user, attempt := one(w, w.user(), w.user(), w.user(), "Al ice"), w.attempt()
	outcome, reason := w.outcome()
	switch one(w, "begin", "finish", "report", "unknown") {
	case "begin":
		w.give(&domain.LoginBegin{User: user, Attempt: attempt, Platform: one(w, "tws", domain.ClientPortal),
			ClientVersion: one(w, "", "900"), IP: "192.0.2.7", UserAgent: "secret agent"})
	case "finish":
		w.give(&domain.LoginFinish{User: user, Attempt: attempt, Outcome: outcome, Reason: reason})
	case "unknown":
		w.give(&domain.LoginReport{User: user, Outcome: domain.Failed, Reason: domain.UnknownUser})
	default:
		w.give(&domain.LoginReport{User: user, Outcome: outcome, Reason: reason})
	}
}

// fails reports up to 12 failed logins of a user, so that some users are locked out.
func (w *scenario) fails() {
	user := w.user()
	for range 1 + w.IntN(12) {
		w.now = w.now.Add(one(w, 0, time.Minute, 3*time.Hour))
		w.give(&domain.LoginReport{User: user, Outcome: domain.Failed, Reason: "bad_credentials"})
	}
}

func (w *scenario) identifies() {
	if w.maybe() {
		w.give(&domain.IdentityVerify{User: w.user(), Agent: w.agent(), Channel: "phone"})
		return
	}
	w.give(&domain.IdentityRecord{User: w.user(),
		Fingerprint: one(w, "0123456789abcdef0123456789abcdef", "0123456789abcdef0123456789abcdef",
			"another9abcdef0123456789abcdef00")})
}

func (w *scenario) releases() {
	user := w.user()
	if w.maybe() {
		w.give(&domain.IdentityVerify{User: user, Agent: "ann", Channel: "phone"})
		w.pass()
	}
	w.give(&domain.LockoutRelease{User: user, Agent: "ann"})
}

func (w *scenario) adopts() {
	p := *domain.IBKRSLS()
	p.Failures, p.SharingReview = one[int64](w, 2, 3, 10), one(w, "on_request", "always")
	p.RefusalsExtend = w.maybe()
	p.Zone, p.Calendar = one(w, "America/New_York", "Asia/Tokyo", "Pacific/Kiritimati"),
		one(w, "us-fedwire", "eu-target")
	p.Version = fmt.Sprintf("test-%d-%s-%t-%d-%s@1", p.Failures,
		map[string]string{"on_request": "r", "always": "a"}[p.SharingReview], p.RefusalsExtend, len(p.Zone),
		p.Calendar)
	w.give(&domain.PolicyAdopt{Policy: p, By: "officer"})
	w.give(&domain.AuditRead{Reader: "ann", Role: "auditor", Query: "/v1/policy"})
	w.give(&domain.AuditVerify{Verifier: "op", Role: "operator", Result: domain.VerificationIntact, From: 1,
		To: 1})
}

func (w *scenario) orders() {
	user := w.user()
	id, class, _ := w.device()
	id = one(w, id, id, "n1", "n2", "n3")
	switch one(w, "request", "request", "both") {
	case "request":
		w.give(&domain.DeviceRequest{User: user, Device: id,
			Class: one(w, class, domain.DigitalSecurityCardPlus, domain.DigitalSecurityCardPlus), Purpose: "new",
			BalanceUSD: one(w, "", "499999.99", "500000")})
	default:
		w.give(&domain.DeviceRequest{User: user, Device: id, Class: domain.DigitalSecurityCardPlus,
			Purpose: "replacement", Replaces: one(w, "app", "p1"), BalanceUSD: one(w, "", "500000")})
		w.pass()
		w.give(&domain.DeviceShip{User: user, Device: id})
	}
}

func (w *scenario) activates() {
	user := w.user()
	id, class, method := w.device()
	code := ""
	if class == domain.IBKRMobile && w.maybe() {
		code = w.issued(user,
			map[string]string{domain.QR: domain.ActivationQR, domain.SMSCode: domain.ActivationSMS}[method])
	}
	w.give(&domain.DeviceActivate{User: user, Device: id, Class: class, Method: method, Code: code})
}

func (w *scenario) deactivates() {
	id, _, _ := w.device()
	w.give(&domain.DeviceDeactivate{User: w.user(), Device: id,
		Reason: one(w, domain.Lost, domain.ByUser, domain.ByUser, domain.Returned, domain.Replaced)})
}

// joins issues a code and lets a user join an app or another device.
func (w *scenario) joins() {
	user, owner := w.user(), w.user()
	if user == owner {
		return
	}
	w.give(&domain.DeviceActivate{User: owner, Device: "app", Class: domain.IBKRMobile, Method: domain.QR})
	id := fmt.Sprint("j", w.ids)
	w.give(&domain.CodeIssue{User: user, Code: id, Kind: domain.ActivationSMS})
	w.pass()
	w.give(&domain.DeviceAddUser{User: user, Owner: owner, Device: one(w, "app", "app", "app", "g1"), Code: id})
}

func (w *scenario) changesPIN() {
	user := w.user()
	if w.maybe() {
		w.give(&domain.DeviceResetPIN{User: user, Device: one(w, "app", "p1", "g1"), Agent: "ann"})
		return
	}
	id := fmt.Sprint("p", w.ids)
	device := one(w, "app", "p1")
	w.give(&domain.CodeIssue{User: user, Code: id,
		Kind: map[string]string{"app": domain.SMS, "p1": domain.ChallengeCode}[device], Device: device})
	w.give(&domain.CodeRedeem{User: user, Code: id, Platform: domain.ClientPortal,
		Purpose: one(w, domain.ChangePIN, domain.ChangePIN, "")})
	w.pass()
	for range 2 {
		w.give(&domain.DeviceChangePIN{User: user, Device: device, Code: id})
	}
}

func (w *scenario) issues() {
	user, code := w.user(), one(w, w.code(), fmt.Sprint("i", w.ids))
	kind := one(w, domain.TempPasscode, domain.TempPasscode, domain.OnlineCard, domain.SMS, domain.Voice,
		domain.ChallengeCode, domain.ActivationQR, domain.ActivationSMS)
	if kind == domain.TempPasscode {
		w.give(&domain.IdentityVerify{User: user, Agent: "ann", Channel: "phone"})
	}
	if kind == domain.Voice && w.maybe() {
		w.give(&domain.CodeIssue{User: user, Code: fmt.Sprint("sms", w.ids), Kind: domain.SMS})
		w.pass()
	}
	w.give(&domain.CodeIssue{User: user, Code: code, Kind: kind, Device: "p1", Platform: one(w, "", "tws"),
		ClientChannel: one(w, "", "latest")})
}

func (w *scenario) redeems() {
	user := w.user()
	code := one(w, w.code(), w.issued(user), w.issued(user), w.issued(user, domain.TempPasscode),
		w.issued(user, domain.SMS, domain.OnlineCard))
	if one(w, 1, 2, 3) == 1 {
		w.give(&domain.CodeRevoke{User: user, Code: code, By: "ann"})
		return
	}
	w.give(&domain.CodeRedeem{User: user, Code: code, Platform: one(w, "tws", domain.ClientPortal),
		Purpose: one(w, "", domain.PrintOnlineCard, domain.ChangePIN)})
}
