package domain

import (
	"slices"
	"time"
)

// Outcome is the result of an attempt. The zero Outcome means no result.
type Outcome string

const (
	Succeeded Outcome = "succeeded"
	Failed    Outcome = "failed"
)

// The reasons for a failed attempt (LOGIN-3). In a method_rejected attempt the server rejected
// a method in which the user typed no secret, such as the offer of a public key.
var (
	countedReasons   = []string{"bad_credentials", "bad_code", "expired_code", "wrong_case", "has_spaces"}
	uncountedReasons = []string{"cancelled", "code_not_received", "gateway_error", "method_rejected"}
)

// UnknownUser is the reason of a reported failure whose user does not exist.
const UnknownUser = "unknown_user"

// CountsAsFailure reports whether a failed login with this reason counts towards a
// lockout (LOGIN-3).
func CountsAsFailure(reason string) bool { return slices.Contains(countedReasons, reason) }

var (
	finishReasonForm = oneOf(slices.Concat(countedReasons, uncountedReasons)...).optional()
	reportReasonForm = oneOf(slices.Concat(countedReasons, uncountedReasons, []string{UnknownUser})...).optional()
	platforms        = []string{"client_portal", "tws", "webtrader", "ibkr_mobile_ios", "ibkr_mobile_android"} // LOGIN-8
)

// loginCommand is a login.* command. A command with an invalid name is recorded under the
// bucket of its client address.
type loginCommand interface {
	CommandData
	name() *string
	address() string
	unknownUser() bool
}

// LoginBegin reserves an attempt before the gateway checks the password (LOGIN-2).
type LoginBegin struct {
	User, Attempt, Platform, ClientVersion, IP, UserAgent string
}

// LoginFinish reports the outcome of a reserved attempt.
type LoginFinish struct {
	User, Attempt string
	Outcome       Outcome
	Reason        string
	Device, Code  string
}

// LoginReport reports an attempt without a reservation.
type LoginReport struct {
	User                                                 string
	Outcome                                              Outcome
	Reason                                               string
	Platform, ClientVersion, Device, Code, IP, UserAgent string
}

func (c *LoginBegin) CommandType() string { return "login.begin" }
func (c *LoginBegin) name() *string       { return &c.User }
func (c *LoginBegin) address() string     { return c.IP }
func (c *LoginBegin) unknownUser() bool   { return false }
func (c *LoginBegin) Members(v Visitor) {
	v.Text("user", &c.User, nameForm)
	v.Text("attempt", &c.Attempt, idForm)
	v.Text("platform", &c.Platform, platformForm)
	v.Text("clientVersion", &c.ClientVersion, textForm)
	v.Text("ip", &c.IP, addressForm)
	v.Text("userAgent", &c.UserAgent, userAgentForm)
}

func (c *LoginFinish) CommandType() string { return "login.finish" }
func (c *LoginFinish) name() *string       { return &c.User }
func (c *LoginFinish) address() string     { return "" }
func (c *LoginFinish) unknownUser() bool   { return false }
func (c *LoginFinish) Members(v Visitor) {
	v.Text("user", &c.User, nameForm)
	v.Text("attempt", &c.Attempt, idForm)
	v.Text("outcome", (*string)(&c.Outcome), outcomeForm)
	v.Text("reason", &c.Reason, finishReasonForm)
	v.Text("device", &c.Device, idForm.optional())
	v.Text("code", &c.Code, idForm.optional())
}

func (c *LoginReport) CommandType() string { return "login.report" }
func (c *LoginReport) name() *string       { return &c.User }
func (c *LoginReport) address() string     { return c.IP }
func (c *LoginReport) unknownUser() bool   { return c.Reason == UnknownUser }
func (c *LoginReport) Members(v Visitor) {
	v.Text("user", &c.User, nameForm)
	v.Text("outcome", (*string)(&c.Outcome), outcomeForm)
	v.Text("reason", &c.Reason, reportReasonForm)
	v.Text("platform", &c.Platform, platformForm.optional())
	v.Text("clientVersion", &c.ClientVersion, textForm)
	v.Text("device", &c.Device, idForm.optional())
	v.Text("code", &c.Code, idForm.optional())
	v.Text("ip", &c.IP, addressForm)
	v.Text("userAgent", &c.UserAgent, userAgentForm)
}

// Check checks the members against each other.
func (c *LoginFinish) Check() *Rejection { return checkReason(c.Outcome, c.Reason) }

// Check checks the members against each other.
func (c *LoginReport) Check() *Rejection { return checkReason(c.Outcome, c.Reason) }

func checkReason(outcome Outcome, reason string) *Rejection {
	switch {
	case outcome == Failed && reason == "":
		return &Rejection{MissingField, "reason", "a failed attempt needs a reason"}
	case outcome == Succeeded && reason != "":
		return &Rejection{BadField, "reason", "a succeeded attempt has no reason"}
	}
	return nil
}

// addLogin adds the user of a login to the record. If the name is invalid or the user is
// unknown, it records an unattributed attempt and returns false (LOGIN-1, LOGIN-9, A-11).
func (d *deciding) addLogin(c loginCommand) (bool, error) {
	bad := d.command.BadName
	if bad == nil {
		bad = d.policy.BadName(*c.name())
	}
	switch {
	case bad != nil && *bad != BadName{}:
		return false, d.unattributed(Refused, InvalidCharacter, bad)
	case c.unknownUser():
		return false, d.unattributed(Accepted, "", nil)
	}
	return true, d.addUser(*c.name())
}

func (c *LoginBegin) decide(d *deciding) error {
	ok, err := d.addLogin(c)
	if !ok || err != nil {
		return err
	}
	inUse := d.user.Run.Within(d.policy, d.Time) + len(d.user.Attempts)
	switch {
	case d.user.Lock.Held:
		d.refuseLocked("")
	case d.user.open(c.Attempt):
		d.refuse(AttemptOpen, "this attempt is already open: finish it, or begin with another id", &LoginRefused{Reason: AttemptOpen})
	case inUse >= int(d.policy.Failures):
		d.refuse(AttemptsInFlight, "counted failures and open attempts reach the limit: try again at retryAfter", &LoginRefused{Reason: AttemptsInFlight})
	default:
		d.accept(&LoginStarted{Until: d.Time.Add(d.policy.AttemptTTL())})
	}
	result := d.loginResult()
	switch {
	case d.Reason == AttemptsInFlight:
		result.RetryAfter = d.user.retryAfter(d.policy)
	case d.Status == Accepted:
		result.SecondFactors = d.user.SecondFactors(c.Platform, c.ClientVersion)
	}
	d.Result = result
	return nil
}

func (c *LoginFinish) decide(d *deciding) error {
	ok, err := d.addLogin(c)
	if !ok || err != nil {
		return err
	}
	switch {
	case c.Outcome != Succeeded:
		d.fail(c.Reason)
	case d.user.Lock.Held:
		d.refuseLocked(Succeeded)
	case !d.user.open(c.Attempt):
		d.refuse(AttemptExpired, "this attempt is not open: begin again", &LoginRefused{Reason: AttemptExpired, Reported: Succeeded})
	default:
		d.accept(&LoginSucceeded{})
	}
	d.Result = d.loginResult()
	return nil
}

func (c *LoginReport) decide(d *deciding) error {
	ok, err := d.addLogin(c)
	if !ok || err != nil {
		return err
	}
	switch {
	case c.Outcome != Succeeded:
		d.fail(c.Reason)
	case d.user.Lock.Held:
		d.refuseLocked(Succeeded)
	default:
		d.accept(&LoginSucceeded{})
	}
	d.Result = d.loginResult()
	return nil
}

// LoginStarted is the event that an attempt was reserved. The reservation ends with the
// attempt, or at Until.
type LoginStarted struct{ Until time.Time }

// LoginSucceeded is the event that an attempt succeeded. The count of failures restarts at 0
// (LOCK-4).
type LoginSucceeded struct{}

// LoginFailed is the event that an attempt failed. Failures is the length of the run. It
// includes this failure if its reason counts.
type LoginFailed struct {
	Failures int64
	Reason   string
}

// LoginRefused is the event that an attempt was refused. Reported is the outcome that the
// gateway reported, "" for a login.begin.
type LoginRefused struct {
	Reason   Reason
	Reported Outcome
}

// LoginAbandoned is the event that a reservation expired. It does not count as a failure
// (LOCK-6).
type LoginAbandoned struct{ Attempt string }

func (e *LoginStarted) EventType() string { return "login.started" }
func (e *LoginStarted) Members(v Visitor) { v.Instant("until", &e.Until, Need) }
func (e *LoginStarted) causedBy(c CommandData) bool {
	_, ok := c.(*LoginBegin)
	return ok
}
func (e *LoginStarted) evolve(u *User, f *fold) {
	begin := f.command.Data.(*LoginBegin)
	u.Attempts = append(slices.Clip(u.Attempts), Attempt{begin.Attempt, e.Until})
}

func (e *LoginSucceeded) EventType() string { return "login.succeeded" }
func (e *LoginSucceeded) Members(Visitor)   {}
func (e *LoginSucceeded) evolve(u *User, f *fold) {
	u.Run = Run{}
	u.finished(f.command)
}

func (e *LoginFailed) EventType() string { return "login.failed" }
func (e *LoginFailed) Members(v Visitor) {
	v.Count("failures", &e.Failures, Need)
	v.Text("reason", &e.Reason, Need)
}
func (e *LoginFailed) evolve(u *User, f *fold) {
	if CountsAsFailure(e.Reason) {
		u.Run = u.Run.add(f.at, int(e.Failures), f.command.Source, e.Reason)
	}
	u.finished(f.command)
}

func (e *LoginRefused) EventType() string { return "login.refused" }
func (e *LoginRefused) Members(v Visitor) {
	v.Text("reason", (*string)(&e.Reason), Need)
	v.Text("reported", (*string)(&e.Reported), Free)
}
func (e *LoginRefused) evolve(u *User, f *fold) { u.finished(f.command) }

func (e *LoginAbandoned) EventType() string { return "login.abandoned" }
func (e *LoginAbandoned) Members(v Visitor) { v.Text("attempt", &e.Attempt, Need) }
func (e *LoginAbandoned) evolve(u *User, _ *fold) {
	u.close(e.Attempt)
}

// LoginResult is the result of every login command.
type LoginResult struct {
	Locked     bool
	Until      time.Time // zero: not locked, or locked until released
	Remaining  int64     // further attempts that are admitted now
	RetryAfter time.Time // if refused as attempts_in_flight: when the next attempt is admitted
	// SecondFactors lists the second factors of an accepted login.begin (LOGIN-7).
	SecondFactors []SecondFactor
}

func newLoginResult() Data { return new(LoginResult) }

func (r *LoginResult) Members(v Visitor) {
	v.Flag("locked", &r.Locked, Need)
	v.Instant("until", &r.Until, Free)
	v.Count("remaining", &r.Remaining, Need)
	v.Instant("retryAfter", &r.RetryAfter, Free)
	v.List("secondFactors", items[SecondFactor, *SecondFactor]{&r.SecondFactors})
}

func (d *deciding) loginResult() *LoginResult {
	l := d.user.Lockout(d.policy, d.Time)
	return &LoginResult{Locked: l.Locked, Until: l.Until, Remaining: int64(l.Remaining)}
}
