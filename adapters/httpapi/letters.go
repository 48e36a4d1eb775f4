package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"

	"authledger/domain"
	"authledger/eventstore"
	"authledger/eventstore/wire"
	"authledger/projections"
)

// Letters are the commands that an intake could not give to the ledger, by their
// positions in it. What is returned is shown as JSON. eventstore.ErrNoRecord is for
// one that isn't there, [ErrLettersAway] for all of them.
type Letters interface {
	List(ctx context.Context, after uint64, limit int) (any, error)
	Show(ctx context.Context, position uint64) (any, error)
	Retry(ctx context.Context, position uint64) (domain.Verdict, error)
	Drop(ctx context.Context, position uint64) error
}

// ErrLettersAway: what keeps the letters can't be reached. Ask again once it can.
var ErrLettersAway = errors.New("httpapi: the letters can't be reached")

var noLetter = &problem{status: http.StatusNotFound, kind: notFound, detail: "there is no such letter"}

var noLetters = &problem{status: http.StatusNotFound, kind: notFound, detail: "this node has no intake: serve --nats-listen or --nats-url makes one"}

func (s *Server) getLetters(c *call, w *answer, r *http.Request) error {
	if c.letters() == nil {
		return noLetters
	}
	values, err := parameters(r, c.route.parameters)
	if err != nil {
		return err
	}
	limit := listDefault
	if text := values.Get(limitParameter); text != "" {
		if limit, err = strconv.Atoi(text); err != nil || limit < 1 || limit > projections.ListMax {
			return bad("limit: want 1 to %d", projections.ListMax)
		}
	}
	after, err := position(afterParameter, values.Get(afterParameter))
	if err != nil {
		return err
	}
	found, err := c.letters().List(r.Context(), after, limit)
	if err != nil {
		return err
	}
	return writeAny(w, found)
}

func (s *Server) getLetter(c *call, w *answer, r *http.Request) error {
	at, err := c.letter(r)
	if err != nil {
		return err
	}
	found, err := c.letters().Show(r.Context(), at)
	if err != nil {
		return ofLetter(err)
	}
	return writeAny(w, found)
}

func (s *Server) retryLetter(c *call, w *answer, r *http.Request) error {
	at, err := c.letter(r)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(r.Context(), verdictWithin)
	defer cancel()
	verdict, err := c.letters().Retry(ctx, at)
	if err != nil {
		return ofLetter(err)
	}
	if verdict.Status == domain.Invalid {
		return &problem{status: http.StatusUnprocessableEntity, kind: invalidCommand, detail: verdict.Detail, verdict: &verdict}
	}
	writeJSON(w, wire.AppendVerdict(nil, &verdict))
	return nil
}

func (s *Server) dropLetter(c *call, w *answer, r *http.Request) error {
	at, err := c.letter(r)
	if err != nil {
		return err
	}
	if err := c.letters().Drop(r.Context(), at); err != nil {
		return ofLetter(err)
	}
	return writeAny(w, map[string]uint64{"dropped": at})
}

// letter is the position that a path names.
func (c *call) letter(r *http.Request) (uint64, error) {
	if c.letters() == nil {
		return 0, noLetters
	}
	if _, err := parameters(r, c.route.parameters); err != nil {
		return 0, err
	}
	at, err := strconv.ParseUint(r.PathValue(letterPath), 10, 63)
	if err != nil || at == 0 {
		return 0, bad("want the position of a letter, from 1 on")
	}
	return at, nil
}

func ofLetter(err error) error {
	if errors.Is(err, eventstore.ErrNoRecord) {
		return noLetter
	}
	return err
}

func writeAny(w http.ResponseWriter, of any) error {
	body, err := json.Marshal(of)
	if err != nil {
		return err
	}
	writeJSON(w, body)
	return nil
}
