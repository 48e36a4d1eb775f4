package queries

import (
	"context"
	"fmt"
	"time"

	"authledger/domain"
)

// Sharings is the list of the sharings in which a user is the owner or the requester, at an
// instant, in the order of request or in the reverse order.
type Sharings struct {
	User     string
	Sharings []Sharing
	Part
}

// Sharing is one sharing of the list.
type Sharing struct {
	ID, Requester, Owner, Device, Class, State string
	Since                                      time.Time
	Seq                                        uint64 // record that requested the sharing
	Label                                      string // label that the owner of the device set; "" without a label
}

func (s *Sharings) Members(v domain.Visitor) {
	v.Text("user", &s.User, domain.Need)
	v.List("sharings", domain.List(&s.Sharings))
	s.Part.Members(v)
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
	v.Text("label", &s.Label, domain.Free)
}

// Sharings returns one page of a user's sharings.
func (q *Queries) Sharings(ctx context.Context, user string, at time.Time, asOf *uint64, page Page) (*Sharings, error) {
	s := &Sharings{User: user}
	err := q.withMoment(ctx, at, asOf, func(m *moment) error { return m.sharings(ctx, s, page) })
	if err != nil {
		return nil, fmt.Errorf("sharings of %s: %w", user, err)
	}
	return s, nil
}

func (m *moment) sharings(ctx context.Context, s *Sharings, page Page) error {
	var list listPage
	if err := userList(ctx, s.User, domain.SharingItem, page, &list)(m); err != nil {
		return err
	}
	s.Part = list.part
	for _, l := range list.items {
		i := l.item.(*domain.Sharing)
		label, err := m.label(i.Owner, i.Device)
		if err != nil {
			return err
		}
		s.Sharings = append(s.Sharings, Sharing{i.ID, i.Requester, i.Owner, i.Device, i.Class, i.State, i.Since, l.seq, label})
	}
	return nil
}
