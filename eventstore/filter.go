package eventstore

import (
	"fmt"
	"slices"

	"authledger/domain"
)

// Filter selects records. The zero Filter selects all records.
type Filter struct {
	Entity domain.Entity
	Type   string // type of the command, or of one of its events
}

// NewFilter returns the filter of the entity and the type in a client's request; "" selects
// all. It returns an error for an entity of unknown kind, and for an unknown type.
func NewFilter(entity, kind string) (Filter, error) {
	if entity != "" && !domain.Entity(entity).Known() {
		return Filter{}, fmt.Errorf("entity: unknown kind of entity, accepted: user/NAME, account/ID, source/BUCKET, system/TOPIC")
	}
	types := slices.Concat(domain.CommandTypes(), domain.EventTypes())
	if kind == "" || slices.Contains(types, kind) {
		return Filter{domain.Entity(entity), kind}, nil
	}
	if nearest := domain.DidYouMean(kind, types); nearest != "" {
		return Filter{}, fmt.Errorf("type: unknown type of command or event%s", nearest)
	}
	return Filter{}, fmt.Errorf("type: unknown type of command or event, such as login.report or login.failed: see docs/schemas")
}

// Wants reports whether the filter selects r.
func (f Filter) Wants(r *domain.Record) bool {
	if f.Entity != "" && !slices.Contains(r.Entities, f.Entity) {
		return false
	}
	if f.Type == "" || r.Command.Data.CommandType() == f.Type {
		return true
	}
	return slices.ContainsFunc(r.Events, func(e domain.Event) bool { return e.Data.EventType() == f.Type })
}
