package webhooks

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Position is that of an event: the record, and which of its events, from 0. The
// zero Position is before all events.
type Position struct {
	Seq   uint64
	Event int
}

func (p Position) String() string { return fmt.Sprint(p.Seq, ".", p.Event) }

// Behind is behind every event of a record.
func Behind(seq uint64) Position { return Position{seq, math.MaxInt32} }

// Before reports whether p comes before q.
func (p Position) Before(q Position) bool {
	return p.Seq < q.Seq || (p.Seq == q.Seq && p.Event < q.Event)
}

// ParsePosition reads what String wrote.
func ParsePosition(text string) (p Position, err error) {
	seq, event, _ := strings.Cut(text, ".")
	if p.Seq, err = strconv.ParseUint(seq, 10, 63); err == nil {
		p.Event, err = strconv.Atoi(event)
	}
	if err != nil || p.Event < 0 || p.String() != text {
		return Position{}, fmt.Errorf("position %q: want a record's number, a point and an event's, such as 41.0", text)
	}
	return p, nil
}
