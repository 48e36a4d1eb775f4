package projections

import (
	"time"

	"authledger/domain"
)

// attempts is how the attempts of each source ended, a row each way: of each
// CloudEvents source, and of each bucket of client addresses those that are
// nobody's (LOGIN-9).
var attempts = &Projection{Name: "attempts", Version: 1, Table: 'a', Fold: foldAttempts}

// What an attempts key names after the table.
const (
	bySource = iota // a command's source
	byBucket        // a source entity
)

// tallyRow is how many attempts ended in one way.
type tallyRow struct {
	count       int64
	first, last time.Time // effective times, the earliest and the latest
}

func (r *tallyRow) Members(v domain.Visitor) {
	v.Count("count", &r.count, domain.Need)
	v.Instant("first", &r.first, domain.Need)
	v.Instant("last", &r.last, domain.Need)
}

func foldAttempts(rows *Rows, s *Step) error {
	for i := range s.Record.Events {
		e := &s.Record.Events[i]
		reason, ok := attemptEnd(e.Data)
		if !ok {
			continue
		}
		if err := tally(rows, bySource, s.Record.Command.Source, e, reason); err != nil {
			return err
		}
		for _, entity := range s.Record.Entities {
			if !entity.Source() {
				continue
			}
			if err := tally(rows, byBucket, string(entity), e, reason); err != nil {
				return err
			}
		}
	}
	return nil
}

// attemptEnd is why an attempt ended as it did, and whether the event ends one.
func attemptEnd(data domain.EventData) (reason string, ok bool) {
	switch e := data.(type) {
	case *domain.LoginSucceeded:
		return "", true
	case *domain.LoginFailed:
		return e.Reason, true
	case *domain.LoginRefused:
		return string(e.Reason), true
	case *domain.LoginUnattributed:
		return e.Reason, true
	}
	return "", false
}

func tally(rows *Rows, by byte, source string, e *domain.Event, reason string) error {
	k := append(rows.Key(), by).text(source).text(e.Data.EventType()).tail(reason)
	var row tallyRow
	found, err := rows.Get(k, &row)
	if err != nil {
		return err
	}
	if !found || e.At.Before(row.first) {
		row.first = e.At
	}
	if !found || e.At.After(row.last) {
		row.last = e.At
	}
	row.count++
	rows.Put(k, &row)
	return nil
}
