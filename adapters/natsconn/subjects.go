package natsconn

import "strings"

// Subjects of a realm. A subject holds no personal data except the name of its caller:
//
//	ledger.<realm>.command.<caller>.<type>         a command; the answer is its verdict
//	ledger.<realm>.command.<caller>.batch          a batch of commands; the answer is their verdicts
//	ledger.<realm>.query.<caller>.<query>          a query; the answer is its result
//	ledger.<realm>.intake.<caller>                 a command for the intake
//	ledger.<realm>.stored.<caller>                 a command in the intake stream; callers can't publish here
//	ledger.<realm>.dlq.<position>                  a dead letter; callers can't publish here
//	ledger.<realm>.events.<type>                   an event, published when it is recorded
//	ledger.<realm>.read.<caller>.<type>            an event for a caller with an open read session
const (
	commandToken    = "command"
	queryToken      = "query"
	intakeToken     = "intake"
	storedToken     = "stored"
	deadLetterToken = "dlq"
	eventsToken     = "events"
	sessionToken    = "read"

	callerToken = 3 // index of the caller in a subject, counted from 0
)

// Subjects of the NATS service protocol, which `nats micro ls`, `info` and `stats` use.
const (
	ServicePing  = "$SRV.PING"
	ServiceInfo  = "$SRV.INFO"
	ServiceStats = "$SRV.STATS"
	ServiceAll   = "$SRV.>"
)

func subject(realm string, tokens ...string) string {
	return "ledger." + realm + "." + strings.Join(tokens, ".")
}

// InboxPrefix returns the prefix of a caller's reply subjects. Only that caller may
// subscribe to subjects with the prefix.
func InboxPrefix(caller string) string { return "_INBOX." + caller }

// CommandSubject returns the subject of commands of a type, or of "batch".
func CommandSubject(realm, caller, kind string) string {
	return subject(realm, commandToken, caller, kind)
}

// CommandGroup returns the prefix of the command subjects of all callers.
func CommandGroup(realm string) string { return subject(realm, commandToken, "*") }

// QuerySubject returns the subject of a query.
func QuerySubject(realm, caller, query string) string {
	return subject(realm, queryToken, caller, query)
}

// QueryGroup returns the prefix of the query subjects of all callers.
func QueryGroup(realm string) string { return subject(realm, queryToken, "*") }

// IntakeSubject returns the subject to which a caller publishes commands for the intake.
func IntakeSubject(realm, caller string) string { return subject(realm, intakeToken, caller) }

// StoredSubject returns the subject of a caller's messages in the intake stream.
func StoredSubject(realm, caller string) string { return subject(realm, storedToken, caller) }

// DeadLetterSubject returns the subject of the dead letter with a position in the intake.
func DeadLetterSubject(realm, position string) string {
	return subject(realm, deadLetterToken, position)
}

// EventSubject returns the subject of live events of a type; the type ">" stands for all.
func EventSubject(realm, kind string) string { return subject(realm, eventsToken, kind) }

// SessionSubject returns the subject on which the node publishes live events of a type to
// one caller whose reads are recorded; the type ">" stands for all.
func SessionSubject(realm, caller, kind string) string {
	return subject(realm, sessionToken, caller, kind)
}

// RequestSubjects returns the subjects of the messages that callers send to the node.
func RequestSubjects(realm string) []string {
	return []string{subject(realm, commandToken, ">"), subject(realm, queryToken, ">"), subject(realm, intakeToken, "*"), ServiceAll}
}

// EventSubjects returns the subjects of the live events that the node sends to callers.
func EventSubjects(realm string) []string {
	return []string{EventSubject(realm, ">"), subject(realm, sessionToken, ">")}
}

// CallerOf returns the caller that a subject names, "" if the subject is too short.
func CallerOf(subject string) string {
	tokens := strings.SplitN(subject, ".", callerToken+2)
	if len(tokens) <= callerToken {
		return ""
	}
	return tokens[callerToken]
}
