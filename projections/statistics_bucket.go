package projections

import (
	"time"

	"authledger/domain"
	"authledger/projections/counts"
)

// StatGroup is a property by which the records of a bucket are counted.
type StatGroup byte

// The groups. Rows list them in this order. A record counts in a group once, but with each
// of its events in EventGroup. A record without the property does not count in the group.
const (
	TypeGroup     StatGroup = iota // type of the command
	StatusGroup                    // accepted or refused
	ReasonGroup                    // reason of the refusal, or of the failed login that was reported
	PlatformGroup                  // platform of a command that names one
	SourceGroup                    // CloudEvents source of the command
	EventGroup                     // type of each event
	statGroups
)

// bucketRow is one bucket of the statistics.
type bucketRow struct {
	bucket  int64 // number of the bucket
	records int64 // 0: the row is new
	groups  [statGroups]counts.Top
}

func newBucketRow() domain.Data { return new(bucketRow) }

func (r *bucketRow) Members(v domain.Visitor) {
	v.Count("bucket", &r.bucket, domain.Need)
	v.Count("records", &r.records, domain.Need)
	for i := range r.groups {
		r.groups[i].Members(v)
	}
}

// labels are the properties of one record that the statistics count.
type labels struct {
	at     time.Time
	one    [EventGroup]string // of each group but EventGroup; "": the record does not have it
	events []domain.Event
}

func labelsOf(r *domain.Record) labels {
	return labels{
		at: r.Time, events: r.Events,
		one: [...]string{
			TypeGroup: r.Command.Data.CommandType(), StatusGroup: string(r.Status), ReasonGroup: reasonOf(r),
			PlatformGroup: platformOf(r.Command.Data), SourceGroup: r.Command.Source,
		},
	}
}

// reasonOf returns the reason of a refusal. For an accepted report of a failed attempt it
// returns the reason of the failure.
func reasonOf(r *domain.Record) string {
	if r.Reason != "" {
		return string(r.Reason)
	}
	for i := range r.Events {
		if reason, ok := attemptEnd(r.Events[i].Data); ok {
			return reason
		}
	}
	return ""
}

// platformOf returns the platform that a command names, "" if it names none.
func platformOf(data domain.CommandData) string {
	switch c := data.(type) {
	case *domain.LoginBegin:
		return c.Platform
	case *domain.LoginReport:
		return c.Platform
	case *domain.CodeIssue:
		return c.Platform
	case *domain.CodeRedeem:
		return c.Platform
	}
	return ""
}

// add counts a record.
func (r *bucketRow) add(l *labels) {
	r.records++
	for group, label := range l.one {
		if label != "" {
			r.groups[group].Add(label)
		}
	}
	for i := range l.events {
		r.groups[EventGroup].Add(l.events[i].Data.EventType())
	}
}
