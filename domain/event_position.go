package domain

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// EventPosition identifies an event of the log: the number of its record, and the index of
// the event in the record, from 0. The zero EventPosition is before all events. A position
// between two commits is a [Position].
type EventPosition struct {
	Seq   uint64
	Event int
}

// eventPositionBytes is the maximum length of a formatted position.
const eventPositionBytes = 41

// AfterRecord returns the position after every event of a record.
func AfterRecord(seq uint64) EventPosition { return EventPosition{seq, math.MaxInt32} }

// String formats the position as record.event, such as 41.0.
func (p EventPosition) String() string {
	b := strconv.AppendUint(make([]byte, 0, eventPositionBytes), p.Seq, 10)
	return string(strconv.AppendInt(append(b, '.'), int64(p.Event), 10))
}

// Before reports whether p comes before q.
func (p EventPosition) Before(q EventPosition) bool {
	return p.Seq < q.Seq || (p.Seq == q.Seq && p.Event < q.Event)
}

// ParseEventPosition reads the output of [EventPosition.String], and nothing else.
func ParseEventPosition(text string) (p EventPosition, err error) {
	seq, event, _ := strings.Cut(text, ".")
	if p.Seq, err = strconv.ParseUint(seq, 10, 63); err == nil {
		p.Event, err = strconv.Atoi(event)
	}
	if err != nil || p.Event < 0 || p.String() != text {
		return EventPosition{}, fmt.Errorf("invalid position %q: use the number of a record, a point and the index of an event, such as 41.0", text)
	}
	return p, nil
}
