package audit

import (
	"authledger/domain"
)

// Difference is a verdict that another policy would change. The HTTP interface sends it as JSON.
type Difference struct {
	Seq    uint64  `json:"seq"`
	Time   string  `json:"time"`
	Entity string  `json:"entity"`
	Type   string  `json:"type"`
	Was    Outcome `json:"was"`
	Would  Outcome `json:"would"`
}

// differenceTime is the layout of the time of a [Difference], which is in UTC.
const differenceTime = "2006-01-02T15:04:05.000Z07:00"

// NewDifference returns the difference between a recorded and another decision.
func NewDifference(was *domain.Record, would *domain.Decision) Difference {
	return Difference{
		Seq: was.Seq, Time: was.Time.UTC().Format(differenceTime), Entity: string(was.Entities[0]),
		Type:  was.Command.Data.CommandType(),
		Was:   newOutcome(was.Status, was.Reason, was.Events),
		Would: newOutcome(would.Status, would.Reason, would.Events),
	}
}

// Outcome is the part of a verdict that [Suppose] compares.
type Outcome struct {
	Status domain.Status `json:"status"`
	Reason domain.Reason `json:"reason,omitempty"`
	Events []string      `json:"events"`
}

func newOutcome(status domain.Status, reason domain.Reason, events []domain.Event) Outcome {
	s := Outcome{status, reason, []string{}}
	for _, e := range domain.Own(events) {
		s.Events = append(s.Events, e.Data.EventType())
	}
	return s
}

// String returns the outcome in one line.
func (s Outcome) String() string {
	text := string(s.Status)
	if s.Reason != "" {
		text += " " + string(s.Reason)
	}
	for _, e := range s.Events {
		text += " " + e
	}
	return text
}
