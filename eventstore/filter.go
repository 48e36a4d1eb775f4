package eventstore

import (
	"slices"

	"authledger/domain"
)

// Filter says which records are wanted. The zero Filter wants all.
type Filter struct {
	Entity domain.Entity
	Type   string // of the command, or of one of its events
}

// Wants reports whether r is among them.
func (f Filter) Wants(r *domain.Record) bool {
	if f.Entity != "" && !slices.Contains(r.Entities, f.Entity) {
		return false
	}
	if f.Type == "" || r.Command.Data.CommandType() == f.Type {
		return true
	}
	return slices.ContainsFunc(r.Events, func(e domain.Event) bool { return e.Data.EventType() == f.Type })
}
