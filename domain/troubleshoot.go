package domain

import (
	"fmt"
	"slices"
	"time"
)

// Trouble is a case of the login article that applies to a user, and what helps
// (LOGIN-10).
type Trouble struct {
	Case  int64 // 1 to 11, as the article numbers them
	Says  string
	Until time.Time // zero: no instant ends it
}

func (t *Trouble) Members(v Visitor) {
	v.Count("case", &t.Case, Need)
	v.Text("says", &t.Says, Need)
	v.Instant("until", &t.Until, Free)
}

// Troubles are the cases that apply at t to the user of a name, in order of
// their numbers, as support would say them on the phone (LOGIN-10, A-44). A name
// that breaks p's pattern is nobody's: that is the one case then.
func (u User) Troubles(p *Policy, name string, t time.Time) []Trouble {
	if bad := p.BadName(name); bad != nil {
		return []Trouble{{Case: 11, Says: bad.String() +
			": user names have no capitals, no spaces and no special characters. Type it again, with Caps Lock off."}}
	}
	u = u.At(t)
	s := seen{user: &u, policy: p, at: t}
	s.failures()
	s.newestFailure()
	s.forgotten()
	s.standIn()
	s.lost()
	s.passcodeOver()
	s.cardOver()
	s.underway()
	s.restricted()
	s.waiting()
	return s.all
}

// seen is a user as it stands at an instant, and the cases found so far.
type seen struct {
	user   *User
	policy *Policy
	at     time.Time
	all    []Trouble
}

func (s *seen) add(number int64, until time.Time, says string, of ...any) {
	s.all = append(s.all, Trouble{Case: number, Says: fmt.Sprintf(says, of...), Until: until})
}

// failures is case 1: locked, or on the way there.
func (s *seen) failures() {
	lock, failures := s.user.Lock, s.user.Run.within(s.policy, s.at)
	switch {
	case lock.Held && lock.Until.IsZero():
		s.add(1, lock.Until, "The user is locked out after too many failed logins, until support releases it: "+
			"verify the identity by phone and release the lock. The right password does not help meanwhile.")
	case lock.Held:
		s.add(1, lock.Until, "The user is locked out until %s: wait, or verify the identity by phone and release the lock. "+
			"The right password does not help meanwhile, and another failed login moves the end.", spoken(lock.Until))
	case failures > 0:
		s.add(1, time.Time{}, "%s failed, of the %d in a row that lock the user out. "+
			"Check that Caps Lock is off: user names are in lower case.", spokenLogins(failures), s.policy.Failures)
	}
}

// newestFailure is case 2: the code was wrong, not the password.
func (s *seen) newestFailure() {
	run := s.user.Run
	if !s.user.Lock.Held && run.within(s.policy, s.at) == 0 {
		return
	}
	if says, ok := codeAdvice[run.Reason]; ok {
		s.add(2, time.Time{}, "%s", says)
	}
}

var codeAdvice = map[string]string{
	"bad_code":     "The last login failed at the code, not at the password: type the code that the device shows for this login, without spaces.",
	"expired_code": "The code of the last login had expired: start the login over and type the new code at once.",
	"wrong_case":   "The code of the last login was typed in the wrong case: the letters of a temporary passcode are capitals.",
	"has_spaces":   "The code of the last login had spaces in it: type it without any.",
}

// forgotten is case 3: who is locked out may have forgotten the password.
func (s *seen) forgotten() {
	if s.user.Lock.Held {
		s.add(3, time.Time{}, "If the user has forgotten the user name or the password: verify the identity by phone, and help to recover it.")
	}
}

// standIn is case 4: a code stands in for a device that the user has.
func (s *seen) standIn() {
	active, code := s.user.Active(), s.user.standIn()
	if len(active) == 0 || code == nil {
		return
	}
	newest := active[len(active)-1].ID
	s.add(4, code.Until, "Device %s is active, and %s stands in for it until %s. Once the device is at hand again it can be used "+
		"as it is; a device activated anew in the portal ends the passcode and the card.", newest, spokenKind[code.Kind], spoken(code.Until))
}

// standIn is the live card, or else the live passcode, nil if there is none.
func (u *User) standIn() *Code {
	if card := u.liveCode(OnlineCard); card != nil {
		return card
	}
	return u.liveCode(TempPasscode)
}

var spokenKind = map[string]string{TempPasscode: "a temporary passcode", OnlineCard: "an online card"}

// lost is case 5: a device is gone, and none has taken its place.
func (s *seen) lost() {
	if lost := s.user.Lost; !lost.IsZero() {
		s.add(5, time.Time{}, "A device was reported lost or damaged on %s, and none has been activated since: request a replacement, "+
			"verify the identity by phone and issue a temporary passcode; with it the user prints an online card in the portal.", spoken(lost))
	}
}

// passcodeOver is case 6: the passcode is not what it was, or nothing at all.
func (s *seen) passcodeOver() {
	switch c := s.user.sinceActivation(TempPasscode); {
	case c == nil:
	case c.State == Restricted:
		s.add(6, c.Until, "The temporary passcode no longer opens trading platforms. Until %s the portal still admits the user "+
			"with it, to print or save an online card.", spoken(c.Until))
	case c.State == Expired:
		s.add(6, time.Time{}, "The temporary passcode expired on %s, and no device has been activated since: "+
			"activate a device; there is no second passcode before that.", spoken(c.Until))
	}
}

// cardOver is case 7.
func (s *seen) cardOver() {
	if c := s.user.sinceActivation(OnlineCard); c != nil && c.State == Expired {
		s.add(7, time.Time{}, "The online card expired on %s, and no device has been activated since: "+
			"ask what has become of the permanent device, and activate it or a new one.", spoken(c.Until))
	}
}

// sinceActivation is the newest code of a kind, nil if a device has been
// activated after it.
func (u *User) sinceActivation(kind string) *Code {
	if c := u.newestCode(kind); c != nil && c.Turn >= u.Activated {
		return c
	}
	return nil
}

// underway is case 8: a device is to come. Of several, the first to activate by
// itself counts.
func (s *seen) underway() {
	var next *Device
	for i := range s.user.Devices {
		d := &s.user.Devices[i]
		sooner := next == nil || d.State == Shipped && (next.State != Shipped || d.Due.Before(next.Due))
		if (d.State == Requested || d.State == Shipped) && sooner {
			next = d
		}
	}
	switch {
	case next == nil:
	case next.State == Shipped:
		s.add(8, next.Due, "Device %s was shipped on %s. It activates by itself on %s, unless the user activates it before.",
			next.ID, spoken(next.Since), spoken(next.Due))
	default:
		s.add(8, time.Time{}, "Device %s was requested on %s and has not been shipped yet: "+
			"a temporary passcode gives access until it comes.", next.ID, spoken(next.Since))
	}
}

// restricted is case 9: the portal admits the user, and nothing else does.
func (s *seen) restricted() {
	if c := s.user.liveCode(TempPasscode); c != nil && c.State == Restricted {
		s.add(9, c.Until, "The temporary passcode is restricted: the portal still admits the user to print or save an online card until %s. "+
			"The card then opens the portal and the trading platforms.", spoken(c.Until))
	}
}

// waiting is case 10: a device could be activated.
func (s *seen) waiting() {
	i := slices.IndexFunc(s.user.Devices, func(d Device) bool {
		return d.State == Shipped || d.State == Deactivated || d.State == Dormant && !s.user.borrows()
	})
	if i >= 0 {
		d := &s.user.Devices[i]
		s.add(10, time.Time{}, "Device %s (%s) can be activated: log in to the portal and choose to activate a security device. "+
			"That ends the temporary passcode and the online card, if there are any.", d.ID, d.State)
	}
}

// spoken is an instant as people say it.
func spoken(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

// spokenLogins counts logins for people.
func spokenLogins(n int) string {
	if n == 1 {
		return "1 login has"
	}
	return decimal(int64(n)) + " logins have"
}
