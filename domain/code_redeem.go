package domain

// The purposes of a redemption.
const (
	ToLogin         = "login"
	PrintOnlineCard = "print_online_card"
	ToActivate      = "activate"
	ChangePIN       = "change_pin"
)

var redeemPurposeForm = oneOf(ToLogin, PrintOnlineCard, ToActivate, ChangePIN).optional()

// CodeRedeem reports that a user entered a correct code (CODE-6).
type CodeRedeem struct{ User, Code, Platform, Purpose string }

func (c *CodeRedeem) CommandType() string { return "code.redeem" }
func (c *CodeRedeem) names() [2]name      { return oneName(c.User) }
func (c *CodeRedeem) Members(v Visitor) {
	v.Text("user", &c.User, nameForm)
	v.Text("code", &c.Code, idForm)
	v.Text("platform", &c.Platform, platformForm)
	v.Text("purpose", &c.Purpose, redeemPurposeForm)
}

func (c *CodeRedeem) decide(d *deciding) error {
	if err := d.addUser(c.User); err != nil {
		return err
	}
	if reason, detail := c.refusal(d); reason != "" {
		d.refuseCode(reason, detail)
	} else {
		d.accept(&CodeRedeemed{})
	}
	d.codeResult(c.Code)
	return nil
}

// refusal returns the first refusal of CODE-6 that applies, "" if none applies.
func (c *CodeRedeem) refusal(d *deciding) (Reason, string) {
	if reason, detail := d.codeRefusal(c.User, c.Code); reason != "" {
		return reason, detail
	}
	switch code := d.code(c.User, c.Code); {
	case code.State != Restricted:
		return "", ""
	case c.Platform != ClientPortal:
		return PlatformNotAllowed, "a restricted passcode admits the portal only"
	case c.Purpose != PrintOnlineCard:
		return CodeIsRestricted, "a restricted passcode is good to print or save an online card, and for nothing else"
	}
	return "", ""
}

// codeRefusal returns the refusal of a code that cannot be used, "" if the code is live
// (CODE-6, A-19).
func (f *fold) codeRefusal(user, code string) (Reason, string) {
	c := f.code(user, code)
	if c == nil {
		return UnknownCode, "the user has no such code"
	}
	switch c.State {
	case Revoked:
		return CodeIsRevoked, "the code was revoked"
	case Expired:
		return CodeHasExpired, "the code has expired: start over"
	case Used:
		return CodeIsUsed, "the code was used: it is good for once"
	}
	return "", ""
}

// codeKindRefusal refuses a code of another kind than kind, and otherwise returns the result of
// codeRefusal.
func (f *fold) codeKindRefusal(user, code, kind string) (Reason, string) {
	if c := f.code(user, code); c != nil && c.Kind != kind {
		return UnknownCode, "the code is of another kind"
	}
	return f.codeRefusal(user, code)
}

// CodeRedeemed is the event that the code of the command was entered. The code is then used,
// unless it can be redeemed many times (CODE-5, CODE-7).
type CodeRedeemed struct{}

func (e *CodeRedeemed) EventType() string { return "code.redeemed" }
func (e *CodeRedeemed) Members(Visitor)   {}
func (e *CodeRedeemed) causedBy(c CommandData) bool {
	switch c.(type) {
	case *CodeRedeem, *DeviceActivate, *DeviceAddUser:
		return true
	}
	return false
}
func (e *CodeRedeemed) evolve(u *User, f *fold) {
	var id, purpose string
	switch c := f.command.Data.(type) {
	case *CodeRedeem:
		id, purpose = c.Code, c.Purpose
	case *DeviceActivate:
		id, purpose = c.Code, ToActivate
	case *DeviceAddUser:
		id, purpose = c.Code, ToActivate
	}
	if purpose == "" {
		purpose = ToLogin
	}
	for i := range u.Codes {
		if c := &u.Codes[i]; c.ID == id && !c.temporary() {
			u.changeCode(f, id, Used, f.at, purpose)
			return
		}
	}
}
