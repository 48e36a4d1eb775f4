package explain

import (
	"fmt"
	"time"
)

// arithmetic returns the computations of a verdict: the numbers of the record and its
// basis, compared with the numbers of the policy.
func (x *explaining) arithmetic(given *States) []string {
	lines := x.timeLines()
	for i := range x.record.Events {
		e := &x.record.Events[i]
		if k, ok := events[e.Data.EventType()]; ok {
			lines = append(lines, k.lines(x, e)...)
		}
	}
	k := commands[x.command.Data.CommandType()]
	lines = append(lines, k.lines(x, given)...)
	if i := given.users[k.verifiedUser(x.command.Data)].Identity; i.Verified {
		lines = append(lines, ageLine("The user was verified by phone", i.VerifiedAt, x.record.Time, x.policy.IdentityTTL(), false))
	}
	return lines
}

// timeLines states why the effective time of the record is not the time that the client
// sent.
func (x *explaining) timeLines() (lines []string) {
	r := x.record
	arrived := r.Command.DecidedOnArrival() && !r.Command.Arrived.IsZero()
	if arrived && !r.Command.Arrived.Equal(r.Command.Time) {
		lines = append(lines, fmt.Sprintf("The node received the command at %s, and the ledger decided it at that time. "+
			"The ledger checks the client's time %s against the permitted clock skew only (A-59).", stamp(r.Command.Arrived), stamp(r.Command.Time)))
	}
	switch {
	case r.Late && arrived:
		lines = append(lines, fmt.Sprintf("The node received the command at %s, before the user's newest record at %s. The ledger decided the command at the later time.",
			stamp(r.Command.Arrived), stamp(r.Time)))
	case r.Late:
		lines = append(lines, fmt.Sprintf("The command's time %s is before the newest record of its entities at %s. The ledger decided the command at the later time.",
			stamp(r.Command.Time), stamp(r.Time)))
	}
	return lines
}

// ageLine compares the age of an event at now with the maximum age most. includesMost reports
// whether the rule accepts an age equal to most, as rules about past events do.
func ageLine(what string, since, now time.Time, most time.Duration, includesMost bool) string {
	age, relation := now.Sub(since), "less than"
	switch {
	case age > most:
		relation = "more than"
	case age == most && includesMost:
		relation = "exactly the permitted"
	case age == most:
		relation = "not less than"
	}
	return fmt.Sprintf("%s at %s, %s before this record. This age is %s %s.", what, stamp(since), age, relation, most)
}

// spanLine states that from + span = until, the instant of the event that what describes.
func spanLine(from time.Time, span time.Duration, until time.Time, what string) string {
	return fmt.Sprintf("%s + %s = %s, the time when %s.", stamp(from), span, stamp(until), what)
}
