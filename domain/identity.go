package domain

import "time"

// Identity is the identity of a user: a fingerprint, and the last verification by support.
type Identity struct {
	Fingerprint string // keyed, computed by the gateway (SHARE-2)
	Verified    bool
	VerifiedAt  time.Time // the newest verification
}

func (i *Identity) Members(v Visitor) {
	v.Text("fingerprint", &i.Fingerprint, Free)
	v.Flag("verified", &i.Verified, Free)
	v.Instant("verifiedAt", &i.VerifiedAt, Free)
}

// verifiedAt reports whether the last verification is valid at t. It is valid for ttl and can
// be used several times. The end itself is not included.
func (i Identity) verifiedAt(t time.Time, ttl time.Duration) bool {
	return i.Verified && t.Before(i.VerifiedAt.Add(ttl))
}

// fingerprintForm accepts a keyed hash in hex or base64. It rejects texts that could be raw
// identity data (SHARE-2).
var fingerprintForm = Form{Need: true, Pattern: `^[A-Za-z0-9._:+/=-]{32,128}$`, Wrong: func(s string) string {
	if len(s) < 32 || len(s) > 128 {
		return "want a keyed hash of 32 to 128 characters"
	}
	for i := range len(s) {
		if b := s[i]; !isIDByte(b) && b != '+' && b != '/' && b != '=' {
			return "want hex or base64"
		}
	}
	return ""
}}

var channelForm = oneOf("phone")

// IdentityRecord stores a fingerprint of a user's identity (SHARE-2).
type IdentityRecord struct{ User, Fingerprint string }

// IdentityVerify reports that an agent verified a user by phone (LOCK-5).
type IdentityVerify struct{ User, Agent, Channel string }

func (c *IdentityRecord) CommandType() string { return "identity.record" }
func (c *IdentityRecord) names() [2]name      { return oneName(c.User) }
func (c *IdentityRecord) Members(v Visitor) {
	v.Text("user", &c.User, nameForm)
	v.Text("fingerprint", &c.Fingerprint, fingerprintForm)
}

func (c *IdentityVerify) CommandType() string        { return "identity.verify" }
func (c *IdentityVerify) names() [2]name             { return oneName(c.User) }
func (c *IdentityVerify) onBehalf() (string, string) { return "agent", c.Agent }
func (c *IdentityVerify) Members(v Visitor) {
	v.Text("user", &c.User, nameForm)
	v.Text("agent", &c.Agent, idForm)
	v.Text("channel", &c.Channel, channelForm)
}

func (c *IdentityRecord) decide(d *deciding) error {
	if err := d.addUser(c.User); err != nil {
		return err
	}
	d.accept(&IdentityRecorded{})
	return nil
}

func (c *IdentityVerify) decide(d *deciding) error {
	if err := d.addUser(c.User); err != nil {
		return err
	}
	d.accept(&IdentityVerified{})
	return nil
}

// IdentityRecorded is the event that the fingerprint of the command was recorded.
type IdentityRecorded struct{}

// IdentityVerified is the event that support verified the identity of the user.
type IdentityVerified struct{}

func (e *IdentityRecorded) EventType() string { return "identity.recorded" }
func (e *IdentityRecorded) Members(Visitor)   {}
func (e *IdentityRecorded) causedBy(c CommandData) bool {
	_, ok := c.(*IdentityRecord)
	return ok
}
func (e *IdentityRecorded) evolve(u *User, f *fold) {
	u.Identity.Fingerprint = f.command.Data.(*IdentityRecord).Fingerprint
}

func (e *IdentityVerified) EventType() string { return "identity.verified" }
func (e *IdentityVerified) Members(Visitor)   {}
func (e *IdentityVerified) evolve(u *User, f *fold) {
	u.Identity.Verified, u.Identity.VerifiedAt = true, f.at
}
