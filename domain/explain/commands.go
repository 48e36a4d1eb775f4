package explain

import (
	"strings"

	"authledger/domain"
)

// commands holds the explanation of every command type. A new type gets an entry in the file
// of its topic. A test fails for a type without an entry.
var commands = commandTable(loginCommands, lockoutCommands, identityCommands, deviceCommands, codeCommands,
	sharingCommands, withdrawalCommands, policyCommands, configCommands, personCommands, systemCommands)

// command explains the commands of one type.
type command[C domain.CommandData] struct {
	// text returns the sentence that states what the command requests or reports, without
	// the full stop.
	text func(r *domain.Record, c C) string
	// sought returns the kinds of facts that readers expect. An explanation always lists
	// these facts, also if the verdict is the same without them. Optional.
	sought func(c C) []string
	// ignoresNames is set if an explanation lists a fact about an id in the command only if
	// the verdict depends on that fact. If it is not set, an explanation always lists the
	// facts about the ids in the command.
	ignoresNames bool
	// numbers returns the lines of arithmetic of the command. Optional.
	numbers func(x *explaining, given *States, c C) []string
	// verified returns the user whose verification by phone the rule requires, "" if the
	// rule requires none. Optional.
	verified func(c C) string
}

// commandKind is a [command] of any type.
type commandKind interface {
	kind() string
	say(r *domain.Record) string
	kinds(c domain.CommandData) []string
	isNaming() bool
	lines(x *explaining, given *States) []string
	verifiedUser(c domain.CommandData) string
}

func (k command[C]) kind() string {
	var c C
	return c.CommandType()
}

func (k command[C]) say(r *domain.Record) string { return k.text(r, r.Command.Data.(C)) }

func (k command[C]) kinds(c domain.CommandData) []string {
	if k.sought == nil {
		return nil
	}
	return k.sought(c.(C))
}

func (k command[C]) isNaming() bool { return !k.ignoresNames }

func (k command[C]) lines(x *explaining, given *States) []string {
	if k.numbers == nil {
		return nil
	}
	return k.numbers(x, given, x.command.Data.(C))
}

func (k command[C]) verifiedUser(c domain.CommandData) string {
	if k.verified == nil {
		return ""
	}
	return k.verified(c.(C))
}

func commandTable(topics ...[]commandKind) map[string]commandKind {
	all := map[string]commandKind{}
	for _, topic := range topics {
		for _, k := range topic {
			all[k.kind()] = k
		}
	}
	return all
}

// describe returns the verdict of a record as English sentences: the command, the events
// that were due before it, the verdict, and the events that the command caused.
func describe(r *domain.Record) string {
	sentences := []string{capital(commands[r.Command.Data.CommandType()].say(r)) + "."}
	add := func(events []domain.Event) {
		for i := range events {
			if s := sayEvent(r, &events[i]); s != "" {
				sentences = append(sentences, capital(s)+".")
			}
		}
	}
	if _, timer := r.Command.Data.(*domain.TimerFire); timer {
		add(r.Events)
		return strings.Join(sentences, " ")
	}
	due, own := splitDue(r)
	if len(due) > 0 {
		sentences = append(sentences, "The ledger first recorded the events that were already due.")
		add(due)
	}
	if r.Status == domain.Refused {
		sentences = append(sentences, "The ledger refused the command because "+reasonText[r.Reason]+".")
	} else {
		sentences = append(sentences, "The ledger accepted the command.")
	}
	add(own)
	return strings.Join(sentences, " ")
}

// splitDue returns the events that were due before the command, and the events that
// the command caused.
func splitDue(r *domain.Record) (due, own []domain.Event) {
	n := 0
	for n < len(r.Events) && isDue(&r.Events[n], r.Events[:n]) {
		n++
	}
	return r.Events[:n], r.Events[n:]
}

// isDue reports whether an event was due at its instant, without a command. The revocations
// that follow an automatic activation are due with it. The argument before holds the events
// before e in the record.
func isDue(e *domain.Event, before []domain.Event) bool {
	switch data := e.Data.(type) {
	case *domain.LockoutExpired, *domain.LoginAbandoned, *domain.CodeRestricted, *domain.CodeExpired:
		return true
	case *domain.DeviceActivated:
		return data.Method == domain.Auto
	case *domain.CodeRevoked:
		return data.Code != "" && len(before) > 0
	}
	return false
}

// person returns a description of the person on whose behalf the caller sent a command. The
// description does not begin with the name, because capital changes the first character.
func person(by string) string {
	if by == domain.SupportDesk {
		return "the support desk"
	}
	return "the person " + by
}

// capital returns s with its first character in upper case, if that is a to z.
func capital(s string) string {
	if s == "" || s[0] < 'a' || s[0] > 'z' {
		return s
	}
	return string(s[0]-'a'+'A') + s[1:]
}
