package httpapi

import (
	"context"
	"errors"
	"net/http"
	"time"

	"authledger/domain"
	"authledger/eventstore/wire"
	"authledger/projections"
)

// subjectQuery is a query about a user or an account, a page at a time.
type subjectQuery[A domain.Data] func(e *projections.Engine, ctx context.Context, log projections.Log, name string, at time.Time, asOf *uint64, of projections.Page) (A, error)

// about answers such a query about what the path names.
func about[A domain.Data](name string, ask subjectQuery[A]) serveFunc {
	return func(s *Server, c *call, w *answer, r *http.Request) error {
		subject, err := c.subject(name, r)
		if err != nil {
			return err
		}
		q, err := s.ask(c, r)
		if err != nil {
			return err
		}
		page, err := q.page()
		if err != nil {
			return err
		}
		found, err := ask(c.rows, r.Context(), c.ledger, subject, q.at, q.asOf, page)
		if err != nil {
			return err
		}
		writeJSON(w, wire.AppendAnswer(nil, found))
		return nil
	}
}

// subject is the user or the account that a path names. One that can't be gets an
// answer that tells so, and that doesn't repeat it: people type passwords
// where names belong.
func (c *call) subject(name string, r *http.Request) (string, error) {
	text := r.PathValue(name)
	if name == userPath {
		if bad := c.rows.Policy().BadName(text); bad != nil {
			return "", badSubject("user: " + bad.String())
		}
		return text, nil
	}
	if wrong := domain.WrongID(text); wrong != "" {
		return "", badSubject(name + ": " + wrong)
	}
	return text, nil
}

func badSubject(detail string) error {
	return &problem{status: http.StatusBadRequest, kind: badRequest, detail: detail}
}

func (s *Server) getLockout(c *call, w *answer, r *http.Request) error {
	user, err := c.subject(userPath, r)
	if err != nil {
		return err
	}
	q, err := s.ask(c, r)
	if err != nil {
		return err
	}
	found, err := c.rows.Lockout(r.Context(), c.ledger, user, q.at, q.asOf)
	if err != nil {
		return err
	}
	writeJSON(w, wire.AppendAnswer(nil, &found))
	return nil
}

func (s *Server) getLockouts(c *call, w *answer, r *http.Request) error {
	q, err := s.ask(c, r)
	if err != nil {
		return err
	}
	found, err := c.rows.Lockouts(r.Context(), c.ledger, q.at, q.asOf, q.limit, q.after)
	if err != nil {
		return err
	}
	writeJSON(w, wire.AppendAnswer(nil, &found))
	return nil
}

// getTroubleshoot takes any name: one that can't be is a case of its own,
// and is not repeated.
func (s *Server) getTroubleshoot(c *call, w *answer, r *http.Request) error {
	q, err := s.ask(c, r)
	if err != nil {
		return err
	}
	found, err := c.rows.Troubleshoot(r.Context(), c.ledger, r.PathValue(userPath), q.at, q.asOf)
	if err != nil {
		return err
	}
	if c.rows.Policy().BadName(found.User) != nil {
		found.User = ""
	}
	writeJSON(w, wire.AppendAnswer(nil, found))
	return nil
}

func (s *Server) getPolicy(c *call, w *answer, r *http.Request) error {
	q, err := s.ask(c, r)
	if err != nil {
		return err
	}
	if q.asOf == nil && !q.until.IsZero() { // a policy holds by its place in the log
		seq, err := c.rows.SeqAt(r.Context(), q.until)
		if err != nil {
			return err
		}
		q.asOf = &seq
	}
	policy, asOf, err := c.rows.PolicyAt(r.Context(), q.asOf)
	if err != nil {
		return err
	}
	writeJSON(w, wire.AppendAnswer(nil, &policyAnswer{policy, asOf}))
	return nil
}

// policyAnswer is the policy in force at a position.
type policyAnswer struct {
	policy *domain.Policy
	asOf   projections.AsOf
}

func (a *policyAnswer) Members(v domain.Visitor) {
	v.Object("policy", a.policy, domain.Need)
	v.Object("asOf", &a.asOf, domain.Need)
}

func (s *Server) getWhy(c *call, w *answer, r *http.Request) error {
	record, err := s.readRecord(c, r)
	if err != nil {
		return err
	}
	found, err := c.rows.Why(r.Context(), c.ledger, record.Seq)
	if errors.Is(err, projections.ErrAhead) {
		return noRecord
	}
	if err != nil {
		return err
	}
	writeJSON(w, wire.AppendData(nil, found))
	return nil
}
