package queries

import (
	"bytes"
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
	Items []Source
	Part
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
	v.List("items", domain.List(&s.Items))
	s.Part.members(v)
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

// Sources returns one page of the sources, in the order of their names. With byBucket a source is the bucket of a client address. The rows hold
// the newest counts only, so there is no answer for the past.
func (q *Queries) Sources(ctx context.Context, byBucket bool, page Page) (*Sources, error) {
	v, err := q.rows.View(ctx)
	if err != nil {
		return nil, fmt.Errorf("attempts by source: %w", err)
	}
	defer v.Close()
	end, err := endOf(v)
	if err != nil {
		return nil, fmt.Errorf("attempts by source: %w", err)
	}
	s := &Sources{Part: Part{AsOf: end}}
	if err := s.read(v, kindOf(byBucket), &page); err != nil {
		return nil, fmt.Errorf("attempts by source: %w", err)
	}
	return s, nil
}

func (s *Sources) read(v projections.View, by projections.AttemptsBy, page *Page) error {
	if bytes.IndexByte(page.After, 0) >= 0 {
		return ErrPosition
	}
	for name, t := range v.Tallies(by, string(page.After)) {
		if len(s.Items) == 0 || s.Items[len(s.Items)-1].Name != name {
			if len(s.Items) == page.limit() {
				s.More, s.Next = true, page.next([]byte(s.Items[len(s.Items)-1].Name))
				break
			}
			s.Items = append(s.Items, Source{Name: name})
		}
		last := &s.Items[len(s.Items)-1]
		last.Attempts = append(last.Attempts, Attempts{t})
	}
	return v.Err()
}

func kindOf(byBucket bool) projections.AttemptsBy {
	if byBucket {
		return projections.ByBucket
	}
	return projections.BySource
}
