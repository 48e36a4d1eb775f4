package domain

import (
	"fmt"
	"slices"
	"time"
)

// Trouble is a case of the login support article that applies to a user, with the advice for
// the support agent (LOGIN-10).
type Trouble struct {
	Case  int64 // number of the case in the article, 1 to 11
	Says  string
	Until time.Time // end of the case; zero if time alone does not end it
}

func (t *Trouble) Members(v Visitor) {
	v.Count("case", &t.Case, Need)
	v.Text("says", &t.Says, Need)
	v.Instant("until", &t.Until, Free)
}

// Troubles returns the cases that apply to a user at t, in order of their numbers. The texts
// address the support agent (LOGIN-10, A-44). If the name does not match the pattern of p,
// there is no such user, and case 11 is the only case.
func (u User) Troubles(p *Policy, name string, t time.Time) []Trouble {
	if bad := p.BadName(name); bad != nil {
		return []Trouble{{Case: 11, Says: bad.String() +
			": user names have no capitals, no spaces and no special characters. Type it again, with Caps Lock off."}}
	}
	u = u.At(t)
	s := diagnosis{user: &u, policy: p, at: t}
	s.failures()
	s.newestFailure()
	s.forgotten()
	s.temporaryCode()
	s.lost()
	s.passcodeOver()
	s.cardOver()
	s.underway()
	s.restricted()
	s.waiting()
	return s.all
}

// diagnosis is a user at an instant, and the cases found so far.
type diagnosis struct {
	user   *User
	policy *Policy
	at     time.Time
	all    []Trouble
}

func (s *diagnosis) add(number int64, until time.Time, says string, of ...any) {
	s.all = append(s.all, Trouble{Case: number, Says: fmt.Sprintf(says, of...), Until: until})
}

// failures adds case 1: the user is locked out, has failed logins, or is admitted no further
// attempt because attempts are open.
func (s *diagnosis) failures() {
	lock, failures := s.user.Lock, s.user.Run.Within(s.policy, s.at)
	switch {
	case lock.Held && lock.Until.IsZero():
		s.add(1, lock.Until, "The user is locked out after too many failed logins, until support releases it: "+
			"verify the identity by phone and release the lockout. A correct password does not end the lockout.")
	case lock.Held:
		s.add(1, lock.Until, "The user is locked out until %s: wait, or verify the identity by phone and release the lockout. "+
			"A correct password does not end the lockout, and another failed login moves the end.", timeText(lock.Until))
	case failures+len(s.user.Attempts) >= int(s.policy.Failures):
		next := s.user.retryAfter(s.policy)
		s.add(1, next, "No further attempt is admitted until %s: %s, and %s open. Failed logins and open attempts together reach the limit of %d. "+
			"Wait, or verify the identity by phone and release the lockout: that also closes open attempts. A correct password makes no difference.",
			timeText(next), countedLogins(failures)+" failed", countedAttempts(len(s.user.Attempts)), s.policy.Failures)
	case failures > 0:
		s.add(1, time.Time{}, "%s failed, of the %d in a row that lock the user out. "+
			"Check that Caps Lock is off: user names are in lower case.", countedLogins(failures), s.policy.Failures)
	}
}

// newestFailure adds case 2: the newest counted failure was a mistake in the code.
func (s *diagnosis) newestFailure() {
	run := s.user.Run
	if !s.user.Lock.Held && run.Within(s.policy, s.at) == 0 {
		return
	}
	if says, ok := codeAdvice[run.Reason]; ok {
		s.add(2, time.Time{}, "%s", says)
	}
}

var codeAdvice = map[string]string{
	"bad_code":     "The last login failed at the code, not at the password: type the code that the device shows for this login, without spaces.",
	"expired_code": "The code of the last login had expired: start the login over and type the new code at once.",
	"wrong_case":   "The code of the last login was typed in lower case: a temporary passcode has capital letters only.",
	"has_spaces":   "The code of the last login had spaces in it: type the code without spaces.",
}

// forgotten adds case 3: a locked user may have forgotten the password.
func (s *diagnosis) forgotten() {
	if s.user.Lock.Held {
		s.add(3, time.Time{}, "If the user has forgotten the user name or the password: verify the identity by phone, and help the user to recover them.")
	}
}

// temporaryCode adds case 4: a temporary code is live although a device is active.
func (s *diagnosis) temporaryCode() {
	active, code := s.user.Active(), s.user.temporaryCode()
	if len(active) == 0 || code == nil {
		return
	}
	newest := active[len(active)-1]
	s.add(4, code.Until, "Device %s is active, and %s stands in for it until %s. When the user has the device again, it works "+
		"without an activation. The activation of a device in the portal ends the passcode and the card.", labelled(newest.ID, newest.Label), kindName[code.Kind], timeText(code.Until))
}

// temporaryCode returns the live card. Without a live card it returns the live passcode.
// Without both it returns nil.
func (u *User) temporaryCode() *Code {
	if card := u.liveCode(OnlineCard); card != nil {
		return card
	}
	return u.liveCode(TempPasscode)
}

var kindName = map[string]string{TempPasscode: "a temporary passcode", OnlineCard: "an online card"}

// lost adds case 5: a device was lost or damaged, and no device was activated since.
func (s *diagnosis) lost() {
	if lost := s.user.Lost; !lost.IsZero() {
		s.add(5, time.Time{}, "A device was reported lost or damaged on %s, and none has been activated since: request a replacement, "+
			"verify the identity by phone and issue a temporary passcode; with it the user prints an online card in the portal.", timeText(lost))
	}
}

// passcodeOver adds case 6: the newest passcode is restricted or expired, and no device was
// activated since.
func (s *diagnosis) passcodeOver() {
	switch c := s.user.sinceActivation(TempPasscode); {
	case c == nil:
	case c.State == Restricted:
		s.add(6, c.Until, "The temporary passcode is no longer valid on trading platforms. Until %s the portal still admits the user "+
			"with it, to print or save an online card.", timeText(c.Until))
	case c.State == Expired:
		s.add(6, time.Time{}, "The temporary passcode expired on %s, and no device has been activated since: "+
			"activate a device; there is no second passcode before that.", timeText(c.Until))
	}
}

// cardOver adds case 7: the newest online card expired, and no device was activated since.
func (s *diagnosis) cardOver() {
	if c := s.user.sinceActivation(OnlineCard); c != nil && c.State == Expired {
		s.add(7, time.Time{}, "The online card expired on %s, and no device has been activated since: "+
			"ask where the permanent device is, and activate it or a new device.", timeText(c.Until))
	}
}

// sinceActivation returns the newest code of a kind, nil if a device was activated after it
// was issued.
func (u *User) sinceActivation(kind string) *Code {
	if c := u.newestCode(kind); c != nil && c.Turn >= u.Activated {
		return c
	}
	return nil
}

// underway adds case 8: a device is requested or shipped. If there are several, it describes
// the device that activates automatically first.
func (s *diagnosis) underway() {
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
			labelled(next.ID, next.Label), timeText(next.Since), timeText(next.Due))
	default:
		s.add(8, time.Time{}, "Device %s was requested on %s and has not been shipped yet: "+
			"a temporary passcode gives access until the device arrives.", labelled(next.ID, next.Label), timeText(next.Since))
	}
}

// restricted adds case 9: the user's passcode is restricted.
func (s *diagnosis) restricted() {
	if c := s.user.liveCode(TempPasscode); c != nil && c.State == Restricted {
		s.add(9, c.Until, "The temporary passcode is restricted: the portal admits the user only to print or save an online card until %s. "+
			"The card is valid in the portal and on the trading platforms.", timeText(c.Until))
	}
}

// waiting adds case 10: a device can be activated.
func (s *diagnosis) waiting() {
	i := slices.IndexFunc(s.user.Devices, func(d Device) bool {
		return d.State == Shipped || d.State == Deactivated || d.State == Dormant && !s.user.borrows()
	})
	if i >= 0 {
		d := &s.user.Devices[i]
		s.add(10, time.Time{}, "Device %s (%s) can be activated: log in to the portal and choose to activate a security device. "+
			"That ends the temporary passcode and the online card, if there are any.", labelled(d.ID, d.Label), d.State)
	}
}

// labelled returns the id of a device, followed by its label if the user has set a label (DEV-10).
func labelled(id, label string) string {
	if label == "" {
		return id
	}
	return fmt.Sprintf("%s %q", id, label)
}

// timeText returns an instant in the format of the texts.
func timeText(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

// countedAttempts returns the number of open attempts with its verb.
func countedAttempts(n int) string {
	if n == 1 {
		return "1 attempt is"
	}
	return decimal(int64(n)) + " attempts are"
}

// countedLogins returns the number of logins with its verb.
func countedLogins(n int) string {
	if n == 1 {
		return "1 login has"
	}
	return decimal(int64(n)) + " logins have"
}
