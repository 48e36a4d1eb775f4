package domain

import (
	"slices"
	"time"
)

// The kinds of codes (CODE-1).
const (
	TempPasscode  = "temp_passcode"
	OnlineCard    = "online_card"
	SMS           = "sms"
	Voice         = "voice"
	ChallengeCode = "challenge"
	ActivationQR  = "activation_qr"
	ActivationSMS = "activation_sms"
)

// The states of a code. Used, expired and revoked are final.
const (
	Full       = "full"       // passcode, card
	Restricted = "restricted" // passcode
	Live       = "live"       // all others
	Used       = "used"
	Expired    = "expired"
	Revoked    = "revoked"
)

// Code is the state of a code. It never holds the code itself.
type Code struct {
	ID, Kind, State string
	Issued          time.Time
	Until           time.Time // end of the state; start of a final state
	Ends            time.Time // of a passcode: the end of its restricted state (CODE-3)
	Device          string    // of a challenge code
	Purpose         string    // the purpose for which it was used
	Spent           bool      // the code was used to change a PIN
	Turn            int64     // User.Turns when it was issued (CODE-2)
}

func (c *Code) item() {}

func (c *Code) Members(v Visitor) {
	v.Text("id", &c.ID, Need)
	v.Text("kind", &c.Kind, Need)
	v.Text("state", &c.State, Need)
	v.Instant("issued", &c.Issued, Need)
	v.Instant("until", &c.Until, Need)
	v.Instant("ends", &c.Ends, Free)
	v.Text("device", &c.Device, Free)
	v.Text("purpose", &c.Purpose, Free)
	v.Flag("spent", &c.Spent, Free)
	v.Count("turn", &c.Turn, Free)
}

// IsLive reports whether the code can still be redeemed for at least one purpose.
func (c *Code) IsLive() bool { return c.State == Full || c.State == Restricted || c.State == Live }

// temporary reports whether the code replaces a device temporarily: it can be redeemed many
// times (CODE-7), and the activation of a device revokes it (DEV-5).
func (c *Code) temporary() bool { return c.Kind == TempPasscode || c.Kind == OnlineCard }

// lapse returns the instant at which the state ends without a command, and the rank of the
// event at that instant. The instant is zero if the state is final.
func (c *Code) lapse() (at time.Time, rank int) {
	switch {
	case !c.IsLive():
		return time.Time{}, 0
	case c.State == Full && c.Until.Before(c.Ends):
		return c.Until, rankCodeRestricted
	}
	return c.Until, rankCodeExpired
}

// CodeKey returns the key of a user's code.
func CodeKey(user, code string) ItemKey { return ItemKey{Kind: CodeItem, Owner: user, ID: code} }

// code returns a code of a user, nil if it does not exist.
func (f *fold) code(user, code string) *Code {
	c, _ := f.item(CodeKey(user, code)).(*Code)
	return c
}

// liveCode returns the user's live code of a kind, nil if there is no such code.
func (u *User) liveCode(kind string) *Code {
	for i := range u.Codes {
		if c := &u.Codes[i]; c.Kind == kind && c.IsLive() {
			return c
		}
	}
	return nil
}

// newestCode returns the newest code of a kind, in any state. Only passcodes and cards are
// kept after their end.
func (u *User) newestCode(kind string) *Code {
	for i := range u.Codes {
		if u.Codes[i].Kind == kind {
			return &u.Codes[i]
		}
	}
	return nil
}

func (u *User) liveCodes() int {
	n := 0
	for i := range u.Codes {
		if u.Codes[i].IsLive() {
			n++
		}
	}
	return n
}

// addCode adds a new code. A passcode or card replaces the former one of its kind.
func (u *User) addCode(f *fold, c Code) {
	if c.temporary() {
		u.Codes = slices.DeleteFunc(slices.Clone(u.Codes), func(o Code) bool { return o.Kind == c.Kind })
	}
	u.Codes = append(slices.Clip(u.Codes), c)
	f.add(CodeKey(f.name, c.ID), &c)
}

// changeCode changes the state of a live code. until becomes [Code].Until.
func (u *User) changeCode(f *fold, id, state string, until time.Time, purpose string) {
	i := slices.IndexFunc(u.Codes, func(c Code) bool { return c.ID == id })
	if i < 0 {
		return
	}
	u.Codes = slices.Clone(u.Codes)
	c := u.Codes[i]
	c.State, c.Until, c.Purpose = state, until, purpose
	u.Codes[i] = c
	if !c.IsLive() && !c.temporary() {
		u.Codes = slices.Delete(u.Codes, i, i+1)
	}
	f.put(CodeKey(f.name, id), &c)
}

// CodeResult is the result of every code command whose code exists.
type CodeResult struct {
	State string
	Until time.Time
}

func newCodeResult() Data { return new(CodeResult) }

func (r *CodeResult) Members(v Visitor) {
	v.Text("state", &r.State, Need)
	v.Instant("until", &r.Until, Need)
}

// codeResult sets the result to the state of a code. It sets no result for an unknown code.
func (d *deciding) codeResult(code string) {
	if c := d.code(d.Users[0].Name, code); c != nil {
		d.Result = &CodeResult{c.State, c.Until}
	}
}

// CodeRestricted is the event that a passcode became restricted to the portal (CODE-3).
type CodeRestricted struct{ Code string }

// CodeExpired is the event that a code expired.
type CodeExpired struct{ Code string }

// CodeRefused is the event that a command about a code was refused.
type CodeRefused struct{ Reason Reason }

func (e *CodeRestricted) EventType() string { return "code.restricted" }
func (e *CodeRestricted) Members(v Visitor) { v.Text("code", &e.Code, Need) }
func (e *CodeRestricted) evolve(u *User, f *fold) {
	for i := range u.Codes {
		if c := &u.Codes[i]; c.ID == e.Code {
			u.changeCode(f, c.ID, Restricted, c.Ends, "")
			return
		}
	}
}

func (e *CodeExpired) EventType() string       { return "code.expired" }
func (e *CodeExpired) Members(v Visitor)       { v.Text("code", &e.Code, Need) }
func (e *CodeExpired) evolve(u *User, f *fold) { u.changeCode(f, e.Code, Expired, f.at, "") }

func (e *CodeRefused) EventType() string { return "code.refused" }
func (e *CodeRefused) Members(v Visitor) { v.Text("reason", (*string)(&e.Reason), Need) }

func (d *deciding) refuseCode(reason Reason, detail string) {
	d.refuse(reason, detail, &CodeRefused{reason})
}
