package queries

import (
	"context"
	"fmt"
	"time"

	"authledger/domain"
	"authledger/projections"
)

// Sources is a page of the sources of login attempts, by name, with the number of attempts
// by outcome and reason. A source is the source of a command, or the bucket of a client
// address (LOGIN-9). The rows hold no address and no user.
type Sources struct {
	Sources []Source
	More    bool // sources follow after the last one
	AsOf    AsOf
}

// Source is one source with its attempts, by outcome, then by reason. LOGIN-3 decides which
// reasons count towards a lockout.
type Source struct {
	Name     string
	Attempts []Attempts
}

// Attempts counts the attempts of one source with one outcome and one reason.
type Attempts struct{ projections.Tally }

func (s *Sources) Members(v domain.Visitor) {
	v.List("sources", domain.List(&s.Sources))
	v.Flag("more", &s.More, domain.Need)
	v.Object("asOf", &s.AsOf, domain.Need)
}

func (s *Source) Members(v domain.Visitor) {
	v.Text("source", &s.Name, domain.Need)
	v.List("attempts", domain.List(&s.Attempts))
}

func (a *Attempts) Members(v domain.Visitor) {
	v.Text("event", &a.Outcome, domain.Need)
	v.Text("reason", &a.Reason, domain.Free)
	v.Count("count", &a.Count, domain.Need)
	v.Instant("first", &a.First, domain.Need)
	v.Instant("last", &a.Last, domain.Need)
}

// Totals returns the number of attempts by outcome, and the times of the first and the last
// attempt.
func (s *Source) Totals() (counts map[string]int64, first, last time.Time) {
	counts = make(map[string]int64)
	for i, a := range s.Attempts {
		counts[a.Outcome] += a.Count
		if i == 0 || a.First.Before(first) {
			first = a.First
		}
		if a.Last.After(last) {
			last = a.Last
		}
	}
	return counts, first, last
}

// Sources returns at most limit sources whose names sort after the given name. The limit is
// at most [ListMax]. With byBucket a source is the bucket of a client address. The rows hold
// the newest counts only, so there is no answer for the past.
func (q *Queries) Sources(ctx context.Context, byBucket bool, after string, limit int) (*Sources, error) {
	v, err := q.rows.View(ctx)
	if err != nil {
		return nil, fmt.Errorf("attempts by source: %w", err)
	}
	defer v.Close()
	end, err := endOf(v)
	if err != nil {
		return nil, fmt.Errorf("attempts by source: %w", err)
	}
	page := &Sources{AsOf: end}
	if err := page.read(v, kindOf(byBucket), after, min(max(limit, 1), ListMax)); err != nil {
		return nil, fmt.Errorf("attempts by source: %w", err)
	}
	return page, nil
}

func (s *Sources) read(v projections.View, by projections.AttemptsBy, after string, limit int) error {
	for name, t := range v.Tallies(by, after) {
		if len(s.Sources) == 0 || s.Sources[len(s.Sources)-1].Name != name {
			if len(s.Sources) == limit {
				s.More = true
				break
			}
			s.Sources = append(s.Sources, Source{Name: name})
		}
		last := &s.Sources[len(s.Sources)-1]
		last.Attempts = append(last.Attempts, Attempts{t})
	}
	return v.Err()
}

// HasSource reports whether a source of login attempts has the name.
func (q *Queries) HasSource(ctx context.Context, byBucket bool, name string) (bool, error) {
	v, err := q.rows.View(ctx)
	if err != nil {
		return false, fmt.Errorf("find a source: %w", err)
	}
	defer v.Close()
	return v.HasTally(kindOf(byBucket), name)
}

func kindOf(byBucket bool) projections.AttemptsBy {
	if byBucket {
		return projections.ByBucket
	}
	return projections.BySource
}
