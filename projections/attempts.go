package projections

import (
	"iter"
	"time"

	"authledger/domain"
	"authledger/projections/rows"
)

// attempts counts the login attempts of each source by their outcome and reason. A source is
// the CloudEvents source of a command. Unattributed attempts are counted by the bucket of
// their client address too (LOGIN-9).
var attempts = &Projection{Name: "attempts", Version: 1, Table: 'a', Fold: foldAttempts}

// AttemptsBy is the kind of a source of attempts.
type AttemptsBy byte

// The kinds of sources. Keys contain them.
const (
	BySource AttemptsBy = iota // the source of a command
	ByBucket                   // the bucket of a client address
)

// tallyRow counts the attempts of one source with one outcome and one reason.
type tallyRow struct {
	count       int64
	first, last time.Time // the earliest and the latest effective time
}

func (r *tallyRow) Members(v domain.Visitor) {
	v.Count("count", &r.count, domain.Need)
	v.Instant("first", &r.first, domain.Need)
	v.Instant("last", &r.last, domain.Need)
}

func foldAttempts(t *Table, s *Step) error {
	for i := range s.Record.Events {
		e := &s.Record.Events[i]
		reason, ok := attemptEnd(e.Data)
		if !ok {
			continue
		}
		if err := countAttempt(t, BySource, s.Record.Command.Source, e, reason); err != nil {
			return err
		}
		for _, entity := range s.Record.Entities {
			if !entity.Source() {
				continue
			}
			if err := countAttempt(t, ByBucket, string(entity), e, reason); err != nil {
				return err
			}
		}
	}
	return nil
}

// attemptEnd returns the reason of an attempt's outcome, and whether the event ends an
// attempt. A success has the reason "".
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

func countAttempt(t *Table, by AttemptsBy, source string, e *domain.Event, reason string) error {
	k := t.Key().Byte(byte(by)).Text(source).Text(e.Data.EventType()).Tail(reason)
	var row tallyRow
	found, err := t.Get(k, &row)
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
	t.Put(k, &row)
	return nil
}

// Tally counts the attempts of one source with one outcome and one reason.
type Tally struct {
	Outcome     string // the type of the event, such as "login.failed"
	Reason      string // "" for a success
	Count       int64
	First, Last time.Time // the earliest and the latest effective time
}

// Tallies yields the tallies of the sources of one kind, each with its source. It begins with
// the first source whose name sorts after the name after. Tallies are sorted by source, then
// by outcome, then by reason.
func (v View) Tallies(by AttemptsBy, after string) iter.Seq2[string, Tally] {
	return func(yield func(string, Tally) bool) {
		all := attempts.key().Byte(byte(by))
		from := all
		if after != "" {
			from = all.Clone().Text(after).After()
		}
		for k, b := range v.Scan(from, all.After()) {
			source, t, err := v.tally(k, k[len(all):], b)
			if err != nil {
				v.Fail(err)
				return
			}
			if !yield(source, t) {
				return
			}
		}
	}
}

// tally decodes a row of attempts, whose key is k and has the given parts.
func (v View) tally(k, parts rows.Key, b []byte) (source string, t Tally, err error) {
	source, parts, err = parts.CutText()
	if err != nil {
		return "", t, v.Damage(k, err)
	}
	t.Outcome, parts, err = parts.CutText()
	if err != nil {
		return "", t, v.Damage(k, err)
	}
	var row tallyRow
	if err := v.Decode(k, b, &row); err != nil {
		return "", t, err
	}
	t.Reason, t.Count, t.First, t.Last = string(parts), row.count, row.first, row.last
	return source, t, nil
}
