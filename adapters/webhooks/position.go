package webhooks

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Position identifies an event: the sequence number of its record, and the index of
// the event in the record, from 0. The zero Position is before all events.
type Position struct {
	Seq   uint64
	Event int
}

// String formats the position as record.event, such as 41.0.
func (p Position) String() string { return fmt.Sprint(p.Seq, ".", p.Event) }

// AfterRecord returns the position after every event of a record.
func AfterRecord(seq uint64) Position { return Position{seq, math.MaxInt32} }

// Before reports whether p comes before q.
func (p Position) Before(q Position) bool {
	return p.Seq < q.Seq || (p.Seq == q.Seq && p.Event < q.Event)
}

// ParsePosition reads the output of [Position.String].
func ParsePosition(text string) (p Position, err error) {
	seq, event, _ := strings.Cut(text, ".")
	if p.Seq, err = strconv.ParseUint(seq, 10, 63); err == nil {
		p.Event, err = strconv.Atoi(event)
	}
	if err != nil || p.Event < 0 || p.String() != text {
		return Position{}, fmt.Errorf("invalid position %q: use the number of a record, a point and the index of an event, such as 41.0", text)
	}
	return p, nil
}
