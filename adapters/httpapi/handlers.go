package httpapi

import (
	"context"
	"errors"
	"net/http"
	"time"

	"authledger/domain"
	"authledger/domain/operations"
	"authledger/eventstore/wire"
	"authledger/projections"
	"authledger/projections/queries"
)

// listQuery is a query about one user or account that returns one page of a list.
type listQuery[A Page] func(q *queries.Queries, ctx context.Context, name string, at time.Time, asOf *uint64, of queries.Page) (A, error)

// list returns the handler of a list of the user or the account in the path.
func list[A Page](parameter string, query listQuery[A]) serveFunc {
	return func(s *Server, c *call, w *answer, r *http.Request) error {
		subject, err := c.subject(parameter)
		if err != nil {
			return err
		}
		m, err := s.moment(c, r.Context())
		if err != nil {
			return err
		}
		found, err := query(c.queries, r.Context(), subject, m.at, m.asOf, c.page())
		if err != nil {
			return err
		}
		return c.writeList(w, r, found)
	}
}

// subject returns the user or the account in the path. An invalid name is an error that
// does not contain the name, because users type passwords where a name belongs.
func (c *call) subject(parameter string) (string, error) {
	text := c.values.Text(parameter)
	if parameter == operations.User {
		if wrong := c.rows.Policy().BadName(text); wrong != nil {
			return "", bad("user: %v", wrong)
		}
		return text, nil
	}
	if wrong := domain.WrongID(text); wrong != "" {
		return "", bad("%s: %s", parameter, wrong)
	}
	return text, nil
}

func (s *Server) getLockout(c *call, w *answer, r *http.Request) error {
	user, err := c.subject(operations.User)
	if err != nil {
		return err
	}
	m, err := s.moment(c, r.Context())
	if err != nil {
		return err
	}
	found, err := c.queries.Lockout(r.Context(), user, m.at, m.asOf)
	if err != nil {
		return err
	}
	found.Forgotten = c.caller.Role.ErasedAt(found.Forgotten)
	w.writeJSON(wire.AppendAnswer(nil, &found))
	return nil
}

func (s *Server) getLockouts(c *call, w *answer, r *http.Request) error {
	m, err := s.moment(c, r.Context())
	if err != nil {
		return err
	}
	found, err := c.queries.Lockouts(r.Context(), m.at, m.asOf, c.page())
	if err != nil {
		return err
	}
	return c.writeList(w, r, &found)
}

func (s *Server) getSources(c *call, w *answer, r *http.Request) error {
	found, err := c.queries.Sources(r.Context(), c.values.Flag(operations.ByBucket), c.page())
	if err != nil {
		return err
	}
	return c.writeList(w, r, found)
}

func (s *Server) getStatistics(c *call, w *answer, r *http.Request) error {
	of, err := s.statisticsQuery(c, r)
	if err != nil {
		return err
	}
	found, err := c.queries.Statistics(r.Context(), of)
	if err != nil {
		return err
	}
	return c.writeList(w, r, found)
}

// statisticsQuery returns the buckets that the request selects.
func (s *Server) statisticsQuery(c *call, r *http.Request) (queries.StatisticsQuery, error) {
	m, err := s.moment(c, r.Context())
	if err != nil {
		return queries.StatisticsQuery{}, err
	}
	of := queries.StatisticsQuery{
		From: c.values.Instant(operations.From), To: c.values.Instant(operations.To), At: m.at,
		Step: c.values.Text(operations.Step), Group: c.values.Text(operations.Group),
		After: c.values.Instant(operations.After), Limit: c.page().Limit,
	}
	if err := of.Check(); err != nil {
		return of, bad("%v", err)
	}
	return of, nil
}

// getTroubleshoot accepts invalid names, because an invalid name is one of the cases that
// the answer reports. The answer does not contain an invalid name.
func (s *Server) getTroubleshoot(c *call, w *answer, r *http.Request) error {
	m, err := s.moment(c, r.Context())
	if err != nil {
		return err
	}
	found, err := c.queries.Troubleshoot(r.Context(), c.values.Text(operations.User), m.at, m.asOf)
	if err != nil {
		return err
	}
	if c.rows.Policy().BadName(found.User) != nil {
		found.User = ""
	}
	w.writeJSON(wire.AppendAnswer(nil, found))
	return nil
}

func (s *Server) getPolicy(c *call, w *answer, r *http.Request) error {
	m, err := s.moment(c, r.Context())
	if err != nil {
		return err
	}
	if m.asOf == nil && !m.until.IsZero() { // with at and without asOf, the answer is the policy after the last record up to at
		seq, err := c.queries.SeqAt(r.Context(), m.until)
		if err != nil {
			return err
		}
		m.asOf = &seq
	}
	policy, asOf, err := c.queries.PolicyAt(r.Context(), m.asOf)
	if err != nil {
		return err
	}
	w.writeJSON(wire.AppendAnswer(nil, &policyAnswer{policy, asOf}))
	return nil
}

// policyAnswer is the policy in force at a position of the log.
type policyAnswer struct {
	policy *domain.Policy
	asOf   queries.AsOf
}

// Members implements [domain.Data].
func (a *policyAnswer) Members(v domain.Visitor) {
	v.Object("policy", a.policy, domain.Need)
	v.Object("asOf", &a.asOf, domain.Need)
}

func (s *Server) getWhy(c *call, w *answer, r *http.Request) error {
	record, err := s.readRecord(c, r)
	if err != nil {
		return err
	}
	found, err := c.queries.Why(r.Context(), record.Seq, c.values.Number(operations.After))
	if errors.Is(err, projections.ErrAhead) {
		return noRecord
	}
	if err != nil {
		return err
	}
	// The explanation depends on earlier records only, so it is the same at each later position.
	m, err := s.moment(c, r.Context())
	if err == nil && m.asOf != nil {
		found.AsOf, err = c.queries.AsOf(r.Context(), *m.asOf)
	}
	if err != nil {
		return err
	}
	w.writeJSON(wire.AppendData(nil, found))
	return nil
}
