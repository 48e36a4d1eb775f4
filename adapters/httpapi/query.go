package httpapi

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"authledger/domain/access"
	"authledger/domain/operations"
	"authledger/eventstore/wire"
	"authledger/projections"
	"authledger/projections/queries"
)

// Bounds of queries.
const (
	waitAtLeast   = 5 * time.Second // maximum wait for the record of atLeast
	queryBytesMax = 2048            // bytes of the query string of a URL

	// queriesPerCallerMax is the maximum number of queries that the server answers for one
	// caller at the same time. A query opens a view, and an open view keeps up to two spans of
	// rows in memory, also while the query waits for its turn to fold records.
	queriesPerCallerMax = 64
)

// moment is the instant and the position of the log for which a query is answered.
type moment struct {
	at    time.Time // instant for which the answer is computed
	until time.Time // instant of the parameter at; zero if the request has none
	asOf  *uint64   // number of the last record that the answer reflects; nil means the newest
}

// parseParameters parses the parameters of an operation into c, with pseudonyms in place of names.
func (c *call) parseParameters(r *http.Request) error {
	if len(r.URL.RawQuery) > queryBytesMax {
		return bad("query part: got %d bytes, want at most %d", len(r.URL.RawQuery), queryBytesMax)
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return bad("query part: invalid value, want name=value pairs, percent-encoded")
	}
	if c.values, err = c.route.operation.Parse(r.PathValue, query, wire.ReadTime); err != nil {
		return bad("%v", err)
	}
	return c.resolveNames()
}

// serveQuery calls the handler of a query. It first waits while the server answers
// queriesPerCallerMax queries of the caller. The query records has the limits of streams
// instead, because a slow client delays the end of its answer.
func (s *Server) serveQuery(c *call, w *answer, r *http.Request) error {
	if c.route.operation.Name == "records" {
		return c.route.serve(s, c, w, r)
	}
	release, err := s.queries.acquireCaller(r.Context(), c.caller.Name)
	if err != nil {
		return err
	}
	defer release()
	return c.route.serve(s, c, w, r)
}

// prepareRead performs the steps that all queries share. It charges the caller, waits for
// the record of atLeast, checks the right to reveal, and records the read if the caller's
// role or the reveal requires a record.
func (s *Server) prepareRead(c *call, w http.ResponseWriter, r *http.Request) error {
	if err := s.charge(c); err != nil {
		return err
	}
	if seq := c.values.Number(operations.AtLeast); seq > 0 {
		if err := waitFor(r.Context(), c.rows, seq); err != nil {
			return err
		}
	}
	if err := c.checkReveal(); err != nil {
		return err
	}
	isAudited := c.reveal || c.caller.Role == access.Auditor
	if name := c.route.operation.Name; isAudited || name == "records" {
		if err := s.validate(c, r); err != nil {
			return err
		}
	}
	switch {
	case !isAudited:
		return nil
	case c.values.Has(operations.ReadSession):
		return s.continueSession(c, r)
	}
	return s.recordRead(c, w, r)
}

func waitFor(ctx context.Context, rows *projections.Engine, seq uint64) error {
	ctx, cancel := context.WithTimeout(ctx, waitAtLeast)
	defer cancel()
	err := rows.Wait(ctx, seq)
	if errors.Is(err, context.DeadlineExceeded) {
		return &problem{status: http.StatusServiceUnavailable, kind: notReady, retryAfter: retryBusy, detail: "atLeast: timed out: the log does not contain that record yet"}
	}
	return err
}

// checkReveal sets c.reveal and c.purpose. It returns an error if the caller requests
// sealed members in clear text without the right to reveal or without a purpose.
func (c *call) checkReveal() error {
	c.reveal, c.purpose = c.values.Flag(operations.Reveal), c.values.Text(operations.Purpose)
	switch {
	case c.reveal && !c.caller.Role.May(access.Reveal):
		return denied(c.caller.Role, access.Reveal)
	case c.reveal && c.purpose == "":
		return bad("reveal=true requires the parameter purpose, which the ledger records")
	}
	return nil
}

// moment returns the moment of the query. It resolves asOf once for each request. Without
// the parameter at, each call returns the present instant, because the server first commits
// the audit record of the read, which may take seconds.
func (s *Server) moment(c *call, ctx context.Context) (moment, error) {
	if c.moment != nil {
		m := *c.moment
		if !c.values.Has(operations.At) {
			m.at = s.options.Now()
		}
		return m, nil
	}
	m := moment{at: c.values.Instant(operations.At)}
	m.until = m.at
	if !c.values.Has(operations.At) {
		m.at = s.options.Now()
	}
	if c.values.Has(operations.AsOf) {
		seq := c.values.Number(operations.AsOf)
		if instant := c.values.Instant(operations.AsOf); !instant.IsZero() {
			if instant.After(s.options.Now()) {
				return m, bad("asOf: the instant is in the future, want a past instant or a record number")
			}
			var err error
			if seq, err = c.queries.SeqAt(ctx, instant); err != nil {
				return m, err
			}
		}
		m.asOf = &seq
	}
	c.moment = &m
	return m, nil
}

// page returns the page of a list that the request selects.
func (c *call) page() queries.Page {
	return PageOf(&c.values)
}

// PageOf returns the page of a list that parameters select.
func PageOf(v *operations.Values) queries.Page {
	return queries.Page{
		Limit: int(v.Number(operations.Limit)), Oldest: v.IsOldestFirst(), After: v.Position(),
		At: v.Instant(operations.At), Next: v.Next,
	}
}
