package domain

import "strings"

// say retells a record for a person.
func (r *Record) say() string {
	lines := []string{capital(asked(r)) + "."}
	own, carried := r.Events, []Event(nil)
	if _, timer := r.Command.Data.(*TimerFire); !timer {
		carried, own = r.overdue()
	}
	if len(carried) > 0 {
		lines = append(lines, "By then was due, and is recorded ahead of it: "+r.sayEvents(carried)+".")
	}
	if r.Status == Refused {
		lines = append(lines, "Refused: "+reasonSays[r.Reason]+".")
	}
	if told := r.sayEvents(own); told != "" {
		lines = append(lines, capital(told)+".")
	}
	return strings.Join(lines, " ")
}

func (r *Record) sayEvents(events []Event) string {
	var told []string
	for i := range events {
		if s := r.sayEvent(&events[i]); s != "" {
			told = append(told, s)
		}
	}
	return strings.Join(told, "; ")
}

// overdue splits off the events that time alone had brought.
func (r *Record) overdue() (carried, own []Event) {
	n := 0
	for n < len(r.Events) && r.Events[n].lapsed(r.Events[:n]) {
		n++
	}
	return r.Events[:n], r.Events[n:]
}

// lapsed reports whether time alone brought an event; a revocation is one behind
// an activation that is.
func (e *Event) lapsed(before []Event) bool {
	switch data := e.Data.(type) {
	case *LockoutExpired, *LoginAbandoned, *CodeRestricted, *CodeExpired:
		return true
	case *DeviceActivated:
		return data.Method == Auto
	case *CodeRevoked:
		return data.Code != "" && len(before) > 0
	}
	return false
}

// asked is what a command asked or reported.
func asked(r *Record) string {
	switch c := r.Command.Data.(type) {
	case *LoginBegin:
		return "attempt " + c.Attempt + of(r, c.User) + " to log in on " + c.Platform + " asked to begin"
	case *LoginFinish:
		return "attempt " + c.Attempt + of(r, c.User) + " to log in was reported as " + outcome(c.Outcome, c.Reason)
	case *LoginReport:
		return "an attempt" + of(r, c.User) + " to log in was reported as " + outcome(c.Outcome, c.Reason)
	case *LockoutRelease:
		return "agent " + c.Agent + " asked to release the lock of " + c.User
	case *IdentityRecord:
		return "a fingerprint of the identity of " + c.User + " was reported"
	case *IdentityVerify:
		return "agent " + c.Agent + " reported to have verified " + c.User + " by " + c.Channel
	case *PolicyAdopt:
		return "the policy " + c.Policy.Version + " was to be adopted, by " + c.By
	case *DeviceRequest:
		return "user " + c.User + " asked for the device " + c.Device + " (" + c.Class + ", " + c.Purpose + ")"
	case *DeviceShip:
		return "the device " + c.Device + " was reported as sent to " + c.User
	case *DeviceActivate:
		return "user " + c.User + " asked to activate the device " + c.Device + " (" + c.Class + ") by " + c.Method
	case *DeviceDeactivate:
		return "the device " + c.Device + " of " + c.User + " was reported as " + c.Reason
	case *DeviceAddUser:
		return "user " + c.User + " asked to join the device " + c.Device + " of " + c.Owner
	case *DeviceChangePIN:
		return "user " + c.User + " asked to change the PIN of the device " + c.Device
	case *DeviceResetPIN:
		return "agent " + c.Agent + " asked to reset the PIN of the device " + c.Device + " of " + c.User
	}
	return askedMore(r.Command.Data)
}

// askedMore is asked of codes, sharings, withdrawals and the timer.
func askedMore(command CommandData) string {
	switch c := command.(type) {
	case *CodeIssue:
		return "the code " + c.Code + " (" + c.Kind + ") was asked for " + c.User
	case *CodeRedeem:
		return "user " + c.User + " entered the code " + c.Code + " on " + c.Platform + purpose(c.Purpose)
	case *CodeRevoke:
		return "the code " + c.Code + " of " + c.User + " was to be revoked, by " + c.By
	case *SharingRequest:
		return "user " + c.Requester + " asked to share the device " + c.Device + " of " + c.Owner + " (sharing " + c.Sharing + ")"
	case *SharingReview:
		return "the officer " + c.Officer + " said " + c.Decision + " to the sharing " + c.Sharing
	case *SharingCancel:
		return "the sharing " + c.Sharing + " was to end, by " + c.By
	case *WithdrawalRequest:
		return "user " + c.User + " asked to withdraw " + c.Amount + " " + c.Currency + inUSD(c) + " from the account " + c.Account +
			" (withdrawal " + c.Withdrawal + "), with " + authenticator(c)
	case *WithdrawalSettle:
		return "the withdrawal " + c.Withdrawal + " of the account " + c.Account + " was reported as settled"
	case *WithdrawalCancel:
		return "the withdrawal " + c.Withdrawal + " of the account " + c.Account + " was to be cancelled, by " + c.By
	case *TimerFire:
		return "something fell due on " + c.Entity
	case *AuditRead:
		return c.Role + " " + c.Reader + " read " + c.Query + revealed(c)
	}
	return command.CommandType()
}

func revealed(c *AuditRead) string {
	if !c.Reveal {
		return ""
	}
	return ", with what is sealed, for this purpose: " + c.Purpose
}

// of tells whose an attempt is. A name that belongs to nobody is not shown.
func of(r *Record, user string) string {
	if r.Unattributed() != nil {
		return " of a name that is nobody's"
	}
	return " of " + user
}

func outcome(o Outcome, reason string) string {
	if reason == "" {
		return string(o)
	}
	return string(o) + " (" + reason + ")"
}

func purpose(p string) string {
	if p == "" {
		p = ToLogin
	}
	return " for the purpose " + p
}

func inUSD(c *WithdrawalRequest) string {
	if c.USDAmount == "" {
		return ""
	}
	return " (worth " + c.USDAmount + " USD)"
}

func authenticator(c *WithdrawalRequest) string {
	if c.Device != "" {
		return "the device " + c.Device
	}
	return "the code " + c.Code
}

func capital(s string) string {
	if s == "" || s[0] < 'a' || s[0] > 'z' {
		return s
	}
	return string(s[0]-'a'+'A') + s[1:]
}
