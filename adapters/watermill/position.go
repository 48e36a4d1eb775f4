package watermill

import (
	"context"

	"authledger/domain"
)

// ParsePosition reads the position that a consumer stored: a value of [PositionKey], or ""
// as the zero position of a consumer that has stored no position.
func ParsePosition(text string) (domain.EventPosition, error) {
	if text == "" {
		return domain.EventPosition{}, nil
	}
	return domain.ParseEventPosition(text)
}

// recorded is the context of a message. It carries the record of the event.
type recorded struct {
	context.Context
	record *domain.Record
	at     domain.EventPosition
}

type recordedKey struct{}

func (r *recorded) Value(key any) any {
	if key == (recordedKey{}) {
		return r
	}
	return r.Context.Value(key)
}

// RecordOf returns the record of a message's event, which the caller MUST NOT change,
// and the event's position. It returns nil for a message of another source.
func RecordOf(m *Message) (*domain.Record, domain.EventPosition) {
	r, ok := m.Context().Value(recordedKey{}).(*recorded)
	if !ok {
		return nil, domain.EventPosition{}
	}
	return r.record, r.at
}
