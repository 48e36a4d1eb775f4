package domain

import "time"

var kindForm = oneOf(TempPasscode, OnlineCard, SMS, Voice, ChallengeCode, ActivationQR, ActivationSMS)

// CodeIssue reports that a user received a code (CODE-1).
type CodeIssue struct {
	User, Code, Kind, Agent, Device, Platform, ClientChannel string
}

func (c *CodeIssue) CommandType() string        { return "code.issue" }
func (c *CodeIssue) names() [2]name             { return oneName(c.User) }
func (c *CodeIssue) onBehalf() (string, string) { return "agent", c.Agent }
func (c *CodeIssue) Members(v Visitor) {
	v.Text("user", &c.User, nameForm)
	v.Text("code", &c.Code, idForm)
	v.Text("kind", &c.Kind, kindForm)
	v.Text("agent", &c.Agent, idForm.optional())
	v.Text("device", &c.Device, idForm.optional())
	v.Text("platform", &c.Platform, platformForm.optional())
	v.Text("clientChannel", &c.ClientChannel, textForm)
}

// Check checks the members against each other (CODE-5, A-12).
func (c *CodeIssue) Check() *Rejection {
	if c.Kind == ChallengeCode && c.Device == "" {
		return &Rejection{MissingField, "device", "a challenge code needs a device"}
	}
	return nil
}

func (c *CodeIssue) decide(d *deciding) error {
	if d.code(c.User, c.Code) != nil {
		d.reject(IDReused, "code: the user has or had a code with this id: use another id")
		return nil
	}
	if err := d.addUser(c.User); err != nil {
		return err
	}
	reason, detail := c.refusal(d)
	if reason == "" && d.user.liveCodes() >= liveCodesMax {
		reason, detail = TooMany, "the user has as many live codes as the ledger keeps"
	}
	if reason != "" {
		d.refuseCode(reason, detail)
		return nil
	}
	until, ends := c.times(d)
	d.accept(&CodeIssued{Until: until, Ends: ends})
	d.codeResult(c.Code)
	return nil
}

func (c *CodeIssue) refusal(d *deciding) (Reason, string) {
	switch c.Kind {
	case TempPasscode:
		return refusePasscode(d)
	case OnlineCard:
		return refuseCard(d)
	case Voice:
		return c.refuseVoice(d)
	case ChallengeCode:
		if class, ok := d.user.activeDevice(c.Device); !ok || class != DigitalSecurityCardPlus {
			return DeviceNotActive, "the device is no active digital_security_card_plus of the user"
		}
	}
	return "", ""
}

// refusePasscode returns the refusal of a temporary passcode, "" if it is accepted (CODE-2,
//
func refusePasscode(d *deciding) (Reason, string) {
	if !d.user.Identity.verifiedAt(d.Time, d.policy.IdentityTTL()) {
		return IdentityNotVerified, "verify the user's identity by phone first"
	}
	if previous := d.user.newestCode(TempPasscode); previous != nil && previous.Turn >= d.user.Activated {
		return AlreadyIssued, "there is one passcode until a device has been activated after it"
	}
	return "", ""
}

// refuseCard returns the refusal of an online card, "" if it is accepted (CODE-4, A-40).
func refuseCard(d *deciding) (Reason, string) {
	switch {
	case d.user.liveCode(TempPasscode) == nil:
		return NoTempPasscode, "an online card is printed with a live temporary passcode"
	case d.user.liveCode(OnlineCard) != nil:
		return AlreadyIssued, "the user has a live card"
	}
	return "", ""
}

// refuseVoice returns the refusal of a code by voice call, "" if it is accepted (CODE-5,
//
func (c *CodeIssue) refuseVoice(d *deciding) (Reason, string) {
	sms := d.user.SMS
	switch {
	case sms.IsZero() || d.Time.Sub(sms) > d.policy.VoiceWithin():
		return SMSNotRequested, "a call comes after an SMS, not without one"
	case c.Platform == TWS && c.ClientChannel != "latest" && c.ClientChannel != "beta":
		return ClientTooOld, "this TWS can't ask for a call: use latest or beta"
	}
	return "", ""
}

// times returns the end of the first state of the code, and the end of the restricted state
// of a passcode.
func (c *CodeIssue) times(d *deciding) (until, ends time.Time) {
	switch c.Kind {
	case TempPasscode:
		until = d.Time.Add(days(d.policy.FullDays))
		return until, until.Add(days(d.policy.RestrictedDays))
	case OnlineCard:
		return d.Time.Add(days(d.policy.CardDays)), ends
	}
	return d.Time.Add(d.policy.codeTTL()), ends
}

// CodeIssued is the event that a code was issued. The code is live until Until. A passcode is
// then restricted until Ends (CODE-3).
type CodeIssued struct{ Until, Ends time.Time }

func (e *CodeIssued) EventType() string { return "code.issued" }
func (e *CodeIssued) Members(v Visitor) {
	v.Instant("until", &e.Until, Need)
	v.Instant("ends", &e.Ends, Free)
}
func (e *CodeIssued) causedBy(c CommandData) bool {
	_, ok := c.(*CodeIssue)
	return ok
}
func (e *CodeIssued) evolve(u *User, f *fold) {
	c := f.command.Data.(*CodeIssue)
	code := Code{ID: c.Code, Kind: c.Kind, State: Live, Issued: f.at, Until: e.Until, Ends: e.Ends, Turn: u.Turns}
	switch {
	case code.temporary():
		code.State = Full
	case c.Kind == ChallengeCode:
		code.Device = c.Device
	case c.Kind == SMS:
		u.SMS = f.at
	}
	u.addCode(f, code)
}

// CodeRevoke revokes a code.
type CodeRevoke struct{ User, Code, By string }

func (c *CodeRevoke) CommandType() string        { return "code.revoke" }
func (c *CodeRevoke) names() [2]name             { return oneName(c.User) }
func (c *CodeRevoke) onBehalf() (string, string) { return "by", c.By }
func (c *CodeRevoke) Members(v Visitor) {
	v.Text("user", &c.User, nameForm)
	v.Text("code", &c.Code, idForm)
	v.Text("by", &c.By, idForm)
}

func (c *CodeRevoke) decide(d *deciding) error {
	if err := d.addUser(c.User); err != nil {
		return err
	}
	if reason, detail := d.codeRefusal(c.User, c.Code); reason != "" {
		d.refuseCode(reason, detail)
	} else {
		d.accept(&CodeRevoked{})
	}
	d.codeResult(c.Code)
	return nil
}

// CodeRevoked is the event that a code was revoked. Code is "" for the code that the command
// names.
type CodeRevoked struct{ Code string }

func (e *CodeRevoked) EventType() string { return "code.revoked" }
func (e *CodeRevoked) Members(v Visitor) { v.Text("code", &e.Code, Free) }
func (e *CodeRevoked) causedBy(c CommandData) bool {
	_, ok := c.(*CodeRevoke)
	return ok || e.Code != ""
}
func (e *CodeRevoked) evolve(u *User, f *fold) {
	id := e.Code
	if id == "" {
		id = f.command.Data.(*CodeRevoke).Code
	}
	u.changeCode(f, id, Revoked, f.at, "")
}
