package access

import (
	"time"

	"authledger/domain"
)

// caseRights holds the right that a role needs to see the case, the officer and the purpose of a command.
// It is the right to the list that contains these members.
var caseRights = map[string]Right{
	"person.forget":  ListForgotten,
	"person.hold":    ListHolds,
	"person.release": ListHolds,
}

// Shown returns the record as the role may see it: as [domain.Record.WithoutCase] returns it if the role may
// not list the cases. Each server MUST call Shown before it encodes a record.
func (r Role) Shown(record *domain.Record) *domain.Record {
	right, hasCase := caseRights[record.Command.Data.CommandType()]
	if !hasCase || r.May(right) {
		return record
	}
	return record.WithoutCase()
}

// ErasedAt returns the time of an erasure in the state of a user, zero if the role may not see it. Only
// the roles that list the erasures, or that read the record of the erasure in the timeline of the user, see
// the time.
func (r Role) ErasedAt(at time.Time) time.Time {
	if r.May(ListForgotten) || r.May(ReadTimeline) {
		return at
	}
	return time.Time{}
}
