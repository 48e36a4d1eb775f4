package queries

import (
	"context"
	"fmt"
	"time"

	"authledger/domain"
)

// Sharings is the list of the sharings in which a user is the owner or the requester, at an
// instant, in the order of request.
type Sharings struct {
	User     string
	Sharings []Sharing
	More     bool
	AsOf     AsOf
}

// Sharing is one sharing of the list.
type Sharing struct {
	ID, Requester, Owner, Device, Class, State string
	Since                                      time.Time
	Seq                                        uint64 // record that requested the sharing
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

// Sharings returns one page of a user's sharings.
func (q *Queries) Sharings(ctx context.Context, user string, at time.Time, asOf *uint64, page Page) (*Sharings, error) {
	var list listPage
	if err := q.withMoment(ctx, at, asOf, userList(ctx, user, domain.SharingItem, page, &list)); err != nil {
		return nil, fmt.Errorf("sharings of %s: %w", user, err)
	}
	s := &Sharings{User: user, More: list.more, AsOf: list.asOf}
	for _, l := range list.items {
		i := l.item.(*domain.Sharing)
		s.Sharings = append(s.Sharings, Sharing{i.ID, i.Requester, i.Owner, i.Device, i.Class, i.State, i.Since, l.seq})
	}
	return s, nil
}
