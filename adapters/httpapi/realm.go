package httpapi

import (
	"context"
	"net/http"
	"time"

	"authledger/domain"
	"authledger/domain/operations"
	"authledger/projections/queries"
)

// realmQuery is a query that returns one page of a list of the realm.
type realmQuery[A Page] func(q *queries.Queries, ctx context.Context, at time.Time, asOf *uint64, f queries.Filter, of queries.Page) (A, error)

// realmList returns the handler of a list of the realm.
func realmList[A Page](query realmQuery[A]) serveFunc {
	return func(s *Server, c *call, w *answer, r *http.Request) error {
		filter, err := c.filter()
		if err != nil {
			return err
		}
		m, err := s.moment(c, r.Context())
		if err != nil {
			return err
		}
		found, err := query(c.queries, r.Context(), m.at, m.asOf, filter, c.page())
		if err != nil {
			return err
		}
		return c.writeList(w, r, found)
	}
}

// filter returns the filter of a list of the realm. An invalid name is an error that does not
// contain the name, as in a path.
func (c *call) filter() (queries.Filter, error) {
	v := &c.values
	f := queries.Filter{
		State: v.Text(operations.State), Class: v.Text(operations.Class), Day: v.Text(operations.Day),
		Prefix: v.Text(operations.Prefix), ActiveSince: v.Instant(operations.ActiveSince),
		Locked: c.flag(operations.Locked), HasDevice: c.flag(operations.HasDevice),
	}
	if v.Has(operations.Kind) {
		f.Class = v.Text(operations.Kind)
	}
	if text := v.Text(operations.MinUSD); text != "" {
		usd, ok := domain.ParseUSD(text)
		if !ok {
			return f, bad("minUsd: invalid value, want an amount such as 10000 or 10000.00")
		}
		f.MinUSD = usd
	}
	if f.Prefix != "" {
		if err := WrongPrefix(c.rows.Policy(), c.names, f.Prefix); err != nil {
			return f, bad("%v", err)
		}
	}
	var err error
	if v.Text(operations.User) != "" {
		f.User, err = c.subject(operations.User)
	}
	if v.Text(operations.Account) != "" && err == nil {
		f.Account, err = c.subject(operations.Account)
	}
	return f, err
}

// flag returns the value of a Boolean, nil if it is absent.
func (c *call) flag(name string) *bool {
	if !c.values.Has(name) {
		return nil
	}
	value := c.values.Flag(name)
	return &value
}
