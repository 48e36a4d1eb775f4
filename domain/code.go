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

// Code is what the ledger knows of a code: never the code itself.
type Code struct {
	ID, Kind, State string
	Issued          time.Time
	Until           time.Time // end of the state; of a final one when it began
	Ends            time.Time // of a passcode: end of its restricted state (CODE-3)
	Device          string    // of a challenge
	Purpose         string    // for which it was used up
	Spent           bool      // a PIN was changed with it
	Turn            int64     // the user's turns when it was issued (CODE-2)
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

func (c *Code) live() bool { return c.State == Full || c.State == Restricted || c.State == Live }

// temporary reports whether the code stands in for a device: it can be redeemed
// many times (CODE-7), and an activation revokes it (DEV-5).
func (c *Code) temporary() bool { return c.Kind == TempPasscode || c.Kind == OnlineCard }

// lapse is when the code's state ends by itself, zero if it is final.
func (c *Code) lapse() (at time.Time, rank int) {
	switch {
	case !c.live():
		return time.Time{}, 0
	case c.State == Full && c.Until.Before(c.Ends):
		return c.Until, rankCodeRestricted
	}
	return c.Until, rankCodeExpired
}

func codeKey(user, code string) ItemKey { return ItemKey{Kind: CodeItem, Owner: user, ID: code} }

// code is a code of the user, nil if there was none.
func (f *fold) code(user, code string) *Code {
	c, _ := f.item(codeKey(user, code)).(*Code)
	return c
}

// liveCode is the user's live code of a kind, nil if there is none.
func (u *User) liveCode(kind string) *Code {
	for i := range u.Codes {
		if c := &u.Codes[i]; c.Kind == kind && c.live() {
			return c
		}
	}
	return nil
}

// newestCode is the newest of a kind that is kept: passcodes and cards.
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
		if u.Codes[i].live() {
			n++
		}
	}
	return n
}

// addCode takes a new code in. It takes the place of the passcode or the card
// before it, of which there is only one at a time.
func (u *User) addCode(f *fold, c Code) {
	if c.temporary() {
		u.Codes = slices.DeleteFunc(slices.Clone(u.Codes), func(o Code) bool { return o.Kind == c.Kind })
	}
	u.Codes = append(slices.Clip(u.Codes), c)
	f.add(codeKey(f.name, c.ID), &c)
}

// changeCode gives a live code another state, which lasts until an instant.
func (u *User) changeCode(f *fold, id, state string, until time.Time, purpose string) {
	i := slices.IndexFunc(u.Codes, func(c Code) bool { return c.ID == id })
	if i < 0 {
		return
	}
	u.Codes = slices.Clone(u.Codes)
	c := u.Codes[i]
	c.State, c.Until, c.Purpose = state, until, purpose
	u.Codes[i] = c
	if !c.live() && !c.temporary() {
		u.Codes = slices.Delete(u.Codes, i, i+1)
	}
	f.put(codeKey(f.name, id), &c)
}

// CodeResult is the result of every code command that knows its code.
type CodeResult struct {
	State string
	Until time.Time
}

func newCodeResult() Data { return new(CodeResult) }

func (r *CodeResult) Members(v Visitor) {
	v.Text("state", &r.State, Need)
	v.Instant("until", &r.Until, Need)
}

// codeResult tells how a code stands now, nothing of one that is unknown.
func (d *deciding) codeResult(code string) {
	if c := d.code(d.Users[0].Name, code); c != nil {
		d.Result = &CodeResult{c.State, c.Until}
	}
}

// CodeRestricted: a passcode only admits the portal now (CODE-3).
type CodeRestricted struct{ Code string }

// CodeExpired: a code's time is over.
type CodeExpired struct{ Code string }

// CodeRefused: what was asked of a code was refused.
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
