package domain

import (
	"fmt"
	"strings"
	"time"
)

// say tells a fact for a person, as it stood before the record.
func (f *Fact) say() string {
	who, _ := f.Of.User()
	switch s := f.State.(type) {
	case *FactClock:
		return fmt.Sprintf("%s is known, its clock at %s", f.Of, stamp(s.Clock))
	case *FactInstant:
		return f.sayInstant(who, s.At)
	case *FactText:
		return f.sayText(who, s.Text)
	case *Lock:
		return fmt.Sprintf("%s was locked out at %s, %s", who, stamp(s.Since), lockedUntil(s.Until))
	case *Attempt:
		return fmt.Sprintf("attempt %s of %s was open until %s", s.ID, who, stamp(s.Until))
	case *FactTurns:
		return fmt.Sprintf("%s had %d shipments and activations in all, the last activation being number %d", who, s.Turns, s.Activated)
	case *Device:
		return sayDevice(who, s)
	case *Code:
		return sayCode(who, s)
	case *Share:
		return sayShare(who, s)
	case *Sharing:
		return fmt.Sprintf("sharing %s of the device %s (%s) of %s with %s: %s since %s", s.ID, s.Device, s.Class, s.Owner, s.Requester, s.State, stamp(s.Since))
	case *FactHolders:
		return sayHolders(s)
	case *Policy:
		return "the policy " + s.Version + " was adopted before"
	case *FactWithdrawal:
		return sayWithdrawal(s)
	}
	return f.Kind
}

func (f *Fact) sayInstant(who string, at time.Time) string {
	switch f.Kind {
	case verificationFact:
		return "identity of " + who + " verified by phone at " + stamp(at)
	case smsFact:
		return "newest SMS of " + who + " issued at " + stamp(at)
	}
	return "counted failure of " + who + " at " + stamp(at)
}

func (f *Fact) sayText(who, text string) string {
	if f.Kind == fingerprintFact {
		return "recorded identity of " + who + ": fingerprint " + text
	}
	return "the days of " + string(f.Of) + " were those of the zone " + text
}

func sayDevice(who string, d *Device) string {
	line := fmt.Sprintf("device %s of %s (%s): %s since %s", d.ID, who, d.Class, d.State, stamp(d.Since))
	if d.Method != "" {
		line += ", activated by " + d.Method
	}
	if d.Reason != "" {
		line += ", " + d.Reason
	}
	if !d.Due.IsZero() {
		line += ", activates by itself at " + stamp(d.Due)
	}
	if d.Through != "" {
		line += ", joined through " + d.Through
	}
	return line
}

func sayCode(who string, c *Code) string {
	line := fmt.Sprintf("code %s of %s (%s), issued at %s: %s", c.ID, who, c.Kind, stamp(c.Issued), c.State)
	if c.live() {
		return line + " until " + stamp(c.Until)
	}
	line += " at " + stamp(c.Until)
	if c.Purpose != "" {
		line += ", for " + c.Purpose
	}
	if c.Spent {
		line += ", spent on a change of PIN"
	}
	return line
}

func sayShare(who string, s *Share) string {
	if s.Borrower {
		return fmt.Sprintf("sharing %s: %s has the device %s (%s) of %s, %s since %s", s.ID, who, s.Device, s.Class, s.Other, s.State, stamp(s.Since))
	}
	return fmt.Sprintf("sharing %s: %s lends the device %s (%s) to %s, %s since %s", s.ID, who, s.Device, s.Class, s.Other, s.State, stamp(s.Since))
}

func sayHolders(h *FactHolders) string {
	if h.Through != "" {
		return "device " + h.Device + " of " + h.Through + " was joined by " + strings.Join(h.Users, ", ")
	}
	return "device " + h.Device + " was held by " + strings.Join(h.Users, ", ")
}

func sayWithdrawal(w *FactWithdrawal) string {
	if w.State == Denied {
		return "withdrawal " + w.ID + " was denied, and counts as nothing"
	}
	line := fmt.Sprintf("withdrawal %s of %s, %s USD, approved by record %d at %s", w.ID, w.User, w.USD, w.Seq, stamp(w.Time))
	switch w.State {
	case Cancelled:
		return line + ", cancelled at " + stamp(w.Since) + ": counts as nothing"
	case Settled:
		return line + ", counts on " + w.Day + ", settled"
	}
	return line + ", counts on " + w.Day
}
