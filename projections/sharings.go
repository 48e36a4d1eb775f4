package projections

import (
	"context"
	"fmt"
	"time"

	"authledger/domain"
)

// Sharings is the answer to "what does this user share, or asked to?" at an
// instant, in order of request.
type Sharings struct {
	User     string
	Sharings []Sharing
	More     bool
	AsOf     AsOf
}

// Sharing is one of them.
type Sharing struct {
	ID, Requester, Owner, Device, Class, State string
	Since                                      time.Time
	Seq                                        uint64 // record that requested it
}

func (s *Sharings) Members(v domain.Visitor) {
	v.Text("user", &s.User, domain.Need)
	v.List("sharings", domain.List(&s.Sharings))
	v.Flag("more", &s.More, domain.Need)
	v.Object("asOf", &s.AsOf, domain.Need)
}

func (s *Sharing) Members(v domain.Visitor) {
	v.Text("sharing", &s.ID, domain.Need)
	v.Text("requester", &s.Requester, domain.Need)
	v.Text("owner", &s.Owner, domain.Need)
	v.Text("device", &s.Device, domain.Need)
	v.Text("class", &s.Class, domain.Need)
	v.Text("state", &s.State, domain.Need)
	v.Instant("since", &s.Since, domain.Need)
	seq := int64(s.Seq)
	v.Count("seq", &seq, domain.Need)
}

// Sharings answers for one user at an instant, from the whole log, or up to the
// record asOf if it is not nil, as [Engine.Lockout] does.
func (e *Engine) Sharings(ctx context.Context, log Log, user string, at time.Time, asOf *uint64, page Page) (*Sharings, error) {
	s := &Sharings{User: user}
	found, err := e.listOf(ctx, log, user, domain.SharingItem, at, asOf, page, &s.AsOf)
	if err != nil {
		return nil, fmt.Errorf("sharings of %s: %w", user, err)
	}
	found, s.More = cut(found, page)
	for _, l := range found {
		i := l.item.(*domain.Sharing)
		s.Sharings = append(s.Sharings, Sharing{i.ID, i.Requester, i.Owner, i.Device, i.Class, i.State, i.Since, l.seq})
	}
	return s, nil
}
