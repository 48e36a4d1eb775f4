package watermill

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"authledger/domain"
)

// Position identifies an event: the sequence number of its record, and the index of
// the event in the record, from 0. The zero Position is before all events.
type Position struct {
	Seq   uint64
	Event int
}

// String formats the position as record.event, such as 41.0.
func (p Position) String() string {
	b := strconv.AppendUint(make([]byte, 0, positionBytes), p.Seq, 10)
	return string(strconv.AppendInt(append(b, '.'), int64(p.Event), 10))
}

// positionBytes is the maximum length of a formatted position.
const positionBytes = 41

// ParsePosition reads the output of [Position.String], and "" as the zero Position.
func ParsePosition(text string) (p Position, err error) {
	if text == "" {
		return p, nil
	}
	seq, event, _ := strings.Cut(text, ".")
	if p.Seq, err = strconv.ParseUint(seq, 10, 63); err == nil {
		p.Event, err = strconv.Atoi(event)
	}
	if err != nil || p.Event < 0 || p.Seq == 0 || p.String() != text {
		return Position{}, fmt.Errorf("invalid position %q: use the number of a record, a point and the index of an event, such as 41.0", text)
	}
	return p, nil
}

// before reports whether p comes before q.
func (p Position) before(q Position) bool {
	return p.Seq < q.Seq || (p.Seq == q.Seq && p.Event < q.Event)
}

// recorded is the context of a message. It carries the record of the event.
type recorded struct {
	context.Context
	record *domain.Record
	at     Position
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
func RecordOf(m *Message) (*domain.Record, Position) {
	r, ok := m.Context().Value(recordedKey{}).(*recorded)
	if !ok {
		return nil, Position{}
	}
	return r.record, r.at
}
