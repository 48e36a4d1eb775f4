package httpapi

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"authledger/access"
	"authledger/eventstore/wire"
	"authledger/projections"
)

// Bounds of a question.
const (
	listDefault   = 100
	waitAtLeast   = 5 * time.Second // for the position of atLeast
	purposeMax    = 256             // bytes
	queryBytesMax = 2048            // of the query part of a URL
)

// parameters of questions, by name. A question with any other is refused: it is
// one misspelt.
const (
	atParameter      = "at"
	asOfParameter    = "asOf"
	atLeastParameter = "atLeast"
	limitParameter   = "limit"
	afterParameter   = "after"
	fromParameter    = "from"
	toParameter      = "to"
	entityParameter  = "entity"
	typeParameter    = "type"
	followParameter  = "follow"
	revealParameter  = "reveal"
	purposeParameter = "purpose"
	readingParameter = "reading"
)

// question is what a query asks, as its parameters have it.
type question struct {
	at     time.Time // when the answer holds
	until  time.Time // the same if it was asked for, else zero
	asOf   *uint64   // the record up to which the log counts; nil: all of it
	limit  int
	after  string
	values url.Values
}

// prepareRead does what every read has in common: it waits for the position that
// the answer must reflect, and records that it is read, if that is to be known.
func (s *Server) prepareRead(c *call, w http.ResponseWriter, r *http.Request) error {
	values, err := parameters(r, c.route.parameters)
	if err != nil {
		return err
	}
	if text := values.Get(atLeastParameter); text != "" {
		seq, err := position(atLeastParameter, text)
		if err != nil {
			return err
		}
		if err := waitFor(r.Context(), c.rows, seq); err != nil {
			return err
		}
	}
	if err := c.readReveal(values); err != nil {
		return err
	}
	if !c.reveal && c.caller.Role != access.Auditor {
		return nil
	}
	if text := values.Get(readingParameter); text != "" {
		return s.goOn(c, r, text)
	}
	return s.audit(c, w, r)
}

func waitFor(ctx context.Context, rows *projections.Engine, seq uint64) error {
	ctx, cancel := context.WithTimeout(ctx, waitAtLeast)
	defer cancel()
	err := rows.Wait(ctx, seq)
	if errors.Is(err, context.DeadlineExceeded) {
		return &problem{status: http.StatusServiceUnavailable, kind: notReady, retryAfter: retryBusy, detail: "the log has not reached the position of atLeast"}
	}
	return err
}

// readReveal reads whether sealed fields are to be shown, which takes a right and
// a purpose.
func (c *call) readReveal(values url.Values) error {
	var err error
	if c.reveal, err = flag(revealParameter, values.Get(revealParameter)); err != nil {
		return err
	}
	c.purpose = values.Get(purposeParameter)
	switch {
	case c.reveal && !c.caller.Role.May(access.Reveal):
		return &access.Denied{Says: "the role " + string(c.caller.Role) + " may not " + string(access.Reveal) + " what is sealed"}
	case c.reveal && c.purpose == "":
		return bad("reveal=true needs a purpose, which is recorded")
	case len(c.purpose) > purposeMax:
		return bad("purpose: want at most %d bytes", purposeMax)
	}
	return nil
}

// parameters reads the query part, in which each known parameter may be once.
func parameters(r *http.Request, known []string) (url.Values, error) {
	if len(r.URL.RawQuery) > queryBytesMax {
		return nil, bad("the query has more than %d bytes", queryBytesMax)
	}
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, bad("the query can't be read: want name=value pairs, percent-encoded")
	}
	for name, all := range values {
		if !slices.Contains(known, name) {
			return nil, bad("unknown parameter: there are %s", strings.Join(known, ", "))
		}
		if len(all) > 1 {
			return nil, bad("%s is there more than once", name)
		}
	}
	return values, nil
}

// ask reads the moment and the page of a question.
func (s *Server) ask(c *call, r *http.Request) (question, error) {
	values, err := parameters(r, c.route.parameters)
	if err != nil {
		return question{}, err
	}
	q := question{at: s.options.Now(), limit: listDefault, after: values.Get(afterParameter), values: values}
	if text := values.Get(atParameter); text != "" {
		if q.at, err = wire.ParseTime([]byte(text)); err != nil {
			return q, bad("at: %v", err)
		}
		q.until = q.at
	}
	if text := values.Get(limitParameter); text != "" {
		if q.limit, err = strconv.Atoi(text); err != nil || q.limit < 1 || q.limit > projections.ListMax {
			return q, bad("limit: want 1 to %d", projections.ListMax)
		}
	}
	q.asOf, err = s.readAsOf(r.Context(), c.rows, values.Get(asOfParameter))
	return q, err
}

// readAsOf is a record, or else an instant. What the log will say at an instant to
// come nobody knows, as of a record to come.
func (s *Server) readAsOf(ctx context.Context, rows *projections.Engine, text string) (*uint64, error) {
	if text == "" {
		return nil, nil
	}
	if seq, err := strconv.ParseUint(text, 10, 63); err == nil {
		return &seq, nil
	}
	at, err := wire.ParseTime([]byte(text))
	if err != nil {
		return nil, bad("asOf: want the number of a record, or a time: %v", err)
	}
	if at.After(s.options.Now()) {
		return nil, bad("asOf: the log does not reach that instant yet")
	}
	seq, err := rows.SeqAt(ctx, at)
	return &seq, err
}

func (q *question) page() (projections.Page, error) {
	after, err := position(afterParameter, q.after)
	return projections.Page{Limit: q.limit, After: after}, err
}

// position reads the number of a record; none is 0.
func position(name, text string) (uint64, error) {
	if text == "" {
		return 0, nil
	}
	seq, err := strconv.ParseUint(text, 10, 63)
	if err != nil {
		return 0, bad("%s: want the number of a record", name)
	}
	return seq, nil
}

func flag(name, text string) (bool, error) {
	switch text {
	case "", "false":
		return false, nil
	case "true":
		return true, nil
	}
	return false, bad("%s: want true or false", name)
}
