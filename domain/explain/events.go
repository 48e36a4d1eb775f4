package explain

import (
	"strconv"
	"time"

	"authledger/domain"
)

// events holds the explanation of every event type, except the refusals, which [reasonText]
// explains. A new type gets an entry in the file of its topic. A test fails for a type without
// an entry.
var events = eventTable(loginEvents, lockoutEvents, identityEvents, deviceEvents, codeEvents, sharingEvents,
	withdrawalEvents, policyEvents, configEvents, personEvents, systemEvents)

// event explains the events of one type.
type event[E domain.EventData] struct {
	// text returns the sentence that states what happened, without the full stop. user is
	// the user of the event, "" if the record has none.
	text func(e *domain.Event, data E, user string) string
	// numbers returns the lines of arithmetic of the event. Optional.
	numbers func(x *explaining, e *domain.Event, data E) []string
}

// eventKind is an [event] of any type.
type eventKind interface {
	kind() string
	say(e *domain.Event, user string) string
	lines(x *explaining, e *domain.Event) []string
}

func (k event[E]) kind() string {
	var data E
	return data.EventType()
}

func (k event[E]) say(e *domain.Event, user string) string { return k.text(e, e.Data.(E), user) }

func (k event[E]) lines(x *explaining, e *domain.Event) []string {
	if k.numbers == nil {
		return nil
	}
	return k.numbers(x, e, e.Data.(E))
}

func eventTable(topics ...[]eventKind) map[string]eventKind {
	all := map[string]eventKind{}
	for _, topic := range topics {
		for _, k := range topic {
			all[k.kind()] = k
		}
	}
	return all
}

// sayEvent returns the sentence of an event, "" for a refusal.
func sayEvent(r *domain.Record, e *domain.Event) string {
	k, ok := events[e.Data.EventType()]
	if !ok {
		return ""
	}
	of := e.Entity
	if of == "" {
		of = r.Entities[0]
	}
	user, _ := of.User()
	return k.say(e, user)
}

// stamp formats an instant.
func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// plural returns a number and its noun, with an s unless the number is 1.
func plural(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.FormatInt(n, 10) + " " + noun + "s"
}
