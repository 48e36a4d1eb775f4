package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"authledger/domain"
	"authledger/domain/operations"
	"authledger/eventstore"
	"authledger/eventstore/wire"
)

// DeadLetters is the store of the intake messages whose commands the ledger could not
// decide. Each dead letter has a position. The server encodes the results of List and Show
// as JSON. The methods return eventstore.ErrNoRecord for an unknown position, and
// [ErrDeadLettersUnavailable] while the node can't reach the store.
type DeadLetters interface {
	List(ctx context.Context, after uint64, limit int) (any, error)
	Show(ctx context.Context, position uint64) (any, error)
	Retry(ctx context.Context, position uint64) (domain.Verdict, error)
	Drop(ctx context.Context, position uint64) error
}

// ErrDeadLettersUnavailable is the error while the NATS server that stores the dead
// letters can't be reached. A later call may succeed.
var ErrDeadLettersUnavailable = errors.New("httpapi: dead letters: the NATS server can't be reached")

var noDeadLetter = &problem{status: http.StatusNotFound, kind: notFound, detail: "the dead letter does not exist"}

var noIntake = &problem{status: http.StatusNotFound, kind: notFound, detail: "this node has no intake: start it with --nats-listen or --nats-url"}

func (s *Server) getDeadLetters(c *call, w *answer, r *http.Request) error {
	if c.deadLetters() == nil {
		return noIntake
	}
	page := c.page()
	found, err := c.deadLetters().List(r.Context(), page.After, page.Limit)
	if err != nil {
		return err
	}
	return marshalJSON(w, found)
}

func (s *Server) getDeadLetter(c *call, w *answer, r *http.Request) error {
	if c.deadLetters() == nil {
		return noIntake
	}
	found, err := c.deadLetters().Show(r.Context(), c.values.Number(operations.Position))
	if err != nil {
		return deadLetterError(err)
	}
	return marshalJSON(w, found)
}

func (s *Server) retryDeadLetter(c *call, w *answer, r *http.Request) error {
	if c.deadLetters() == nil {
		return noIntake
	}
	ctx, cancel := context.WithTimeout(r.Context(), verdictWithin)
	defer cancel()
	verdict, err := c.deadLetters().Retry(ctx, c.values.Number(operations.Position))
	if err != nil {
		return deadLetterError(err)
	}
	if verdict.Status == domain.Invalid {
		return &problem{status: http.StatusUnprocessableEntity, kind: invalidCommand, detail: verdict.Detail, verdict: &verdict}
	}
	writeJSON(w, wire.AppendVerdict(nil, &verdict))
	return nil
}

func (s *Server) dropDeadLetter(c *call, w *answer, r *http.Request) error {
	if c.deadLetters() == nil {
		return noIntake
	}
	position := c.values.Number(operations.Position)
	if err := c.deadLetters().Drop(r.Context(), position); err != nil {
		return deadLetterError(err)
	}
	return marshalJSON(w, map[string]uint64{"dropped": position})
}

func deadLetterError(err error) error {
	if errors.Is(err, eventstore.ErrNoRecord) {
		return noDeadLetter
	}
	return err
}

func marshalJSON(w http.ResponseWriter, value any) error {
	body, err := json.Marshal(value)
	if err != nil {
		return err
	}
	writeJSON(w, body)
	return nil
}
