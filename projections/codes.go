package projections

import (
	"context"
	"fmt"
	"time"

	"authledger/domain"
)

// Codes is the answer to "which codes were given to this user?" at an instant,
// in order of issue.
type Codes struct {
	User  string
	Codes []Code
	More  bool
	AsOf  AsOf
}

// Code is one of them, as it stands then.
type Code struct {
	ID, Kind, State string
	Issued, Until   time.Time
	Seq             uint64 // record that issued it
}

func (c *Codes) Members(v domain.Visitor) {
	v.Text("user", &c.User, domain.Need)
	v.List("codes", domain.List(&c.Codes))
	v.Flag("more", &c.More, domain.Need)
	v.Object("asOf", &c.AsOf, domain.Need)
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

// Codes answers for one user at an instant, from the whole log, or up to the
// record asOf if it is not nil, as [Engine.Lockout] does.
func (e *Engine) Codes(ctx context.Context, log Log, user string, at time.Time, asOf *uint64, page Page) (*Codes, error) {
	c := &Codes{User: user}
	found, err := e.listOf(ctx, log, user, domain.CodeItem, at, asOf, page, &c.AsOf)
	if err != nil {
		return nil, fmt.Errorf("codes of %s: %w", user, err)
	}
	found, c.More = cut(found, page)
	for _, l := range found {
		code := l.item.(*domain.Code)
		c.Codes = append(c.Codes, Code{code.ID, code.Kind, code.State, code.Issued, code.Until, l.seq})
	}
	return c, nil
}
