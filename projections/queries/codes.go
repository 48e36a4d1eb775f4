package queries

import (
	"context"
	"fmt"
	"time"

	"authledger/domain"
)

// Codes is the list of the codes issued to a user, at an instant, in the order of issue
// or in the reverse order.
type Codes struct {
	User  string
	Codes []Code
	Part
}

// Code is one code of the list, with its state at the instant.
type Code struct {
	ID, Kind, State string
	Issued, Until   time.Time
	Seq             uint64 // record that issued the code
}

func (c *Codes) Members(v domain.Visitor) {
	v.Text("user", &c.User, domain.Need)
	v.List("codes", domain.List(&c.Codes))
	c.Part.Members(v)
}

func (c *Code) Members(v domain.Visitor) {
	v.Text("code", &c.ID, domain.Need)
	v.Text("kind", &c.Kind, domain.Need)
	v.Text("state", &c.State, domain.Need)
	v.Instant("issued", &c.Issued, domain.Need)
	v.Instant("until", &c.Until, domain.Need)
	seq := int64(c.Seq)
	v.Count("seq", &seq, domain.Need)
}

// Codes returns one page of a user's codes.
func (q *Queries) Codes(ctx context.Context, user string, at time.Time, asOf *uint64, page Page) (*Codes, error) {
	var list listPage
	if err := q.withMoment(ctx, at, asOf, userList(ctx, user, domain.CodeItem, page, &list)); err != nil {
		return nil, fmt.Errorf("codes of %s: %w", user, err)
	}
	c := &Codes{User: user, Part: list.part}
	for _, l := range list.items {
		code := l.item.(*domain.Code)
		c.Codes = append(c.Codes, Code{code.ID, code.Kind, code.State, code.Issued, code.Until, l.seq})
	}
	return c, nil
}
