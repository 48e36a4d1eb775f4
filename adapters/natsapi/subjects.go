package natsapi

import (
	"slices"
	"strings"

	"authledger/access"
	"authledger/domain"
)

// Subjects of a realm. None holds a name or a personal datum but the caller's own:
//
//	ledger.<realm>.do.<caller>.<type of command>   a command, answered by its verdict
//	ledger.<realm>.do.<caller>.batch               many, answered by theirs
//	ledger.<realm>.ask.<caller>.<question>         a question, answered
//	ledger.<realm>.intake.<caller>                 a command that is left
//	ledger.<realm>.feed.<type of event>            an event, told as it is recorded
const (
	doPart     = "do"
	askPart    = "ask"
	intakePart = "intake"
	feedPart   = "feed"
	letterPart = "dlq"

	callerPart = 3 // of a subject, counted from 0
	batchName  = "batch"
)

// ServicePing is where services tell that they are there; others, by their names,
// what they are and how they do (nats micro ls, info, stats).
const (
	servicePing  = "$SRV.PING"
	serviceInfo  = "$SRV.INFO"
	serviceStats = "$SRV.STATS"
	serviceAll   = "$SRV.>"
)

// InboxPrefix is where a caller's answers go: nobody else hears them.
func InboxPrefix(caller string) string { return "_INBOX." + caller }

func subject(realm string, parts ...string) string {
	return "ledger." + realm + "." + strings.Join(parts, ".")
}

// IntakeSubject is where a caller leaves commands.
func IntakeSubject(realm, caller string) string { return subject(realm, intakePart, caller) }

// FeedSubject is where events of a type are told; ">" is for all.
func FeedSubject(realm, kind string) string { return subject(realm, feedPart, kind) }

// Asked are the subjects of requests that cross to the node, Heard those that cross
// from it.
func Asked(realm string) []string {
	return []string{subject(realm, doPart, ">"), subject(realm, askPart, ">"), subject(realm, intakePart, "*"), serviceAll}
}

// Heard: see Asked.
func Heard(realm string) []string { return []string{FeedSubject(realm, ">")} }

// Permits are the subjects that a caller may write to and read from, by the table of
// rights: what its role may not, it can't even say.
func Permits(realm string, c *access.Caller) (publish, subscribe []string) {
	commands := 0
	for _, kind := range domain.ClientCommands() {
		if c.Role.May(access.Right(kind)) {
			publish = append(publish, subject(realm, doPart, c.Name, kind))
			commands++
		}
	}
	if commands > 0 {
		publish = append(publish, subject(realm, doPart, c.Name, batchName), IntakeSubject(realm, c.Name))
	}
	for i := range questions {
		if c.Role.May(questions[i].right) {
			publish = append(publish, subject(realm, askPart, c.Name, questions[i].name))
		}
	}
	publish = append(publish, servicePing, servicePing+".>", serviceInfo, serviceInfo+".>")
	if c.Role.May(access.ReadMetrics) {
		publish = append(publish, serviceStats, serviceStats+".>")
	}
	subscribe = []string{InboxPrefix(c.Name) + ".>"}
	if c.Role.May(access.ReadFeed) {
		subscribe = append(subscribe, FeedSubject(realm, ">"))
	}
	return slices.Clip(publish), subscribe
}

// callerOf is the caller that a subject names, "" if it names none.
func callerOf(subject string) string {
	parts := strings.SplitN(subject, ".", callerPart+2)
	if len(parts) <= callerPart {
		return ""
	}
	return parts[callerPart]
}
