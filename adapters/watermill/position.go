package watermill

import (
	"fmt"
	"strconv"
	"strings"
)

// Position is that of an event: the record, and which of its events, from 0. The
// zero Position is before all events.
type Position struct {
	Seq   uint64
	Event int
}

// String is the position as [ParsePosition] reads it, such as 41.0.
func (p Position) String() string {
	b := strconv.AppendUint(make([]byte, 0, positionBytes), p.Seq, 10)
	return string(strconv.AppendInt(append(b, '.'), int64(p.Event), 10))
}

// positionBytes are enough for any position.
const positionBytes = 41

// ParsePosition reads what String wrote, and "" as the zero Position.
func ParsePosition(text string) (p Position, err error) {
	if text == "" {
		return p, nil
	}
	seq, event, _ := strings.Cut(text, ".")
	if p.Seq, err = strconv.ParseUint(seq, 10, 63); err == nil {
		p.Event, err = strconv.Atoi(event)
	}
	if err != nil || p.Event < 0 || p.Seq == 0 || p.String() != text {
		return Position{}, fmt.Errorf("position %q: want a record's number, a point and an event's, such as 41.0", text)
	}
	return p, nil
}

// before reports whether p comes before q.
func (p Position) before(q Position) bool {
	return p.Seq < q.Seq || (p.Seq == q.Seq && p.Event < q.Event)
}
