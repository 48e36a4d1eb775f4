package explain

import (
	"fmt"

	"authledger/domain"
)

var codeCommands = []commandKind{
	command[*domain.CodeIssue]{
		text: func(_ *domain.Record, c *domain.CodeIssue) string {
			return "the client requested the code " + c.Code + " (" + c.Kind + ") for user " + c.User
		},
		sought:  func(c *domain.CodeIssue) []string { return codeFacts[c.Kind] },
		numbers: (*explaining).voiceLine,
		verified: func(c *domain.CodeIssue) string {
			if c.Kind == domain.TempPasscode {
				return c.User
			}
			return ""
		},
	},
	command[*domain.CodeRedeem]{text: func(_ *domain.Record, c *domain.CodeRedeem) string {
		purpose := c.Purpose
		if purpose == "" {
			purpose = domain.ToLogin
		}
		return "user " + c.User + " entered the code " + c.Code + " on the platform " + c.Platform + " for the purpose " + purpose
	}},
	command[*domain.CodeRevoke]{text: func(_ *domain.Record, c *domain.CodeRevoke) string {
		return person(c.By) + " requested the revocation of the code " + c.Code + " of user " + c.User
	}},
}

// codeFacts holds, for each kind of code, the kinds of facts that its rule reads (CODE-2,
// CODE-4, CODE-5).
var codeFacts = map[string][]string{
	domain.TempPasscode: {verificationFact, codeFact},
	domain.OnlineCard:   {codeFact},
	domain.Voice:        {smsFact},
}

// voiceLine compares the age of the newest SMS with the maximum for a voice code (CODE-5).
func (x *explaining) voiceLine(given *States, c *domain.CodeIssue) []string {
	sms := given.users[c.User].SMS
	if c.Kind != domain.Voice || sms.IsZero() {
		return nil
	}
	return []string{ageLine("The newest SMS was issued", sms, x.record.Time, x.policy.VoiceWithin(), true)}
}

var codeEvents = []eventKind{
	event[*domain.CodeIssued]{
		text: func(_ *domain.Event, data *domain.CodeIssued, _ string) string {
			text := "the code is valid until " + stamp(data.Until)
			if !data.Ends.IsZero() {
				text += ", and then restricted until " + stamp(data.Ends)
			}
			return text
		},
		numbers: func(_ *explaining, e *domain.Event, data *domain.CodeIssued) []string {
			if data.Ends.IsZero() {
				return []string{spanLine(e.At, data.Until.Sub(e.At), data.Until, "the code expires")}
			}
			return []string{
				spanLine(e.At, data.Until.Sub(e.At), data.Until, "the passcode becomes restricted"),
				spanLine(data.Until, data.Ends.Sub(data.Until), data.Ends, "the passcode expires"),
			}
		},
	},
	event[*domain.CodeRedeemed]{text: func(*domain.Event, *domain.CodeRedeemed, string) string {
		return "the code is redeemed"
	}},
	event[*domain.CodeRestricted]{text: func(e *domain.Event, data *domain.CodeRestricted, user string) string {
		return "the temporary passcode " + data.Code + " of user " + user + " became restricted at " + stamp(e.At)
	}},
	event[*domain.CodeExpired]{text: func(e *domain.Event, data *domain.CodeExpired, user string) string {
		return "the code " + data.Code + " of user " + user + " expired at " + stamp(e.At)
	}},
	event[*domain.CodeRevoked]{text: func(_ *domain.Event, data *domain.CodeRevoked, user string) string {
		if data.Code == "" {
			return "the code is revoked"
		}
		return "the code " + data.Code + " of user " + user + " is revoked, because a device was activated"
	}},
}

var codeFactKinds = []factKind{
	fact[*FactInstant]{
		name: smsFact, empty: func() domain.Data { return new(FactInstant) },
		text: func(f *Fact, s *FactInstant) string {
			return "The newest SMS code of user " + f.user() + " was issued at " + stamp(s.At) + "."
		},
		restore: onUser(func(u *domain.User, s *FactInstant) { u.SMS = s.At }),
	},
	fact[*domain.Code]{
		name: codeFact, empty: func() domain.Data { return new(domain.Code) }, text: codeText, id: codeID,
		restore: func(to *States, f *Fact, s *domain.Code) {
			restoreCode(to, f, s)
			onUser(func(u *domain.User, s *domain.Code) { u.Codes = append(u.Codes, *s) })(to, f, s)
		},
	},
	fact[*domain.Code]{
		name: oldCodeFact, empty: func() domain.Data { return new(domain.Code) }, text: codeText, id: codeID, restore: restoreCode,
	},
}

func codeID(c *domain.Code) string { return c.ID }

func restoreCode(to *States, f *Fact, c *domain.Code) { to.items[domain.CodeKey(f.user(), c.ID)] = c }

func codeText(f *Fact, c *domain.Code) string {
	text := fmt.Sprintf("The code %s of user %s (%s), issued at %s, ", c.ID, f.user(), c.Kind, stamp(c.Issued))
	if c.IsLive() {
		return text + "had the state " + c.State + " until " + stamp(c.Until) + "."
	}
	text += "had the state " + c.State + " since " + stamp(c.Until)
	if c.Purpose != "" {
		text += ", for the purpose " + c.Purpose
	}
	if c.Spent {
		text += ", and was used for a change of a PIN"
	}
	return text + "."
}
