package httpapi

import (
	"context"
	"encoding/binary"
	"errors"
	"net/http"

	"authledger/domain"
	"authledger/domain/operations"
	"authledger/eventstore"
	"authledger/eventstore/wire"
	"authledger/projections/queries"
)

// DeadLetters is the store of the intake messages whose commands the ledger could not
// decide. Each dead letter has a position. The server encodes the result of Show as JSON. The
// methods return eventstore.ErrNoRecord for an unknown position, and [ErrDeadLettersUnavailable]
// while the node can't reach the store.
type DeadLetters interface {
	List(ctx context.Context, of DeadLetterList) (Page, error)
	// Version returns a text that changes with each change of the dead letters. It reads none.
	Version(ctx context.Context) (string, error)
	Show(ctx context.Context, position uint64) (any, error)
	Retry(ctx context.Context, caller string, position uint64) (domain.Verdict, error)
	Drop(ctx context.Context, caller string, position uint64) error
}

// DeadLetterList selects a page of dead letters.
type DeadLetterList struct {
	After  uint64 // position of the last dead letter of the previous page; 0 for the first page
	Oldest bool   // the oldest first
	Limit  int
	Next   func(position uint64) string // returns the member next of a page with more pages after it
}

// DeadLetterListOf returns the page that parameters select.
func DeadLetterListOf(v *operations.Values) (DeadLetterList, error) {
	page := PageOf(v)
	of := DeadLetterList{Oldest: page.Oldest, Limit: page.Limit, Next: func(position uint64) string {
		return v.Next(binary.BigEndian.AppendUint64(nil, position))
	}}
	switch len(page.After) {
	case 0:
	case 8:
		of.After = binary.BigEndian.Uint64(page.After)
	default:
		return of, queries.ErrPosition
	}
	return of, nil
}

// ErrDeadLettersUnavailable is the error while the NATS server that stores the dead
// letters can't be reached. A later call may succeed.
var ErrDeadLettersUnavailable = errors.New("httpapi: dead letters: the NATS server can't be reached")

var noDeadLetter = &problem{status: http.StatusNotFound, kind: notFound, detail: "the dead letter does not exist"}

var noIntake = &problem{status: http.StatusNotFound, kind: notFound, detail: "this node has no intake: start it with --nats-listen or --nats-url"}

// getDeadLetters answers on a node with an intake: the tag of the list needs one.
func (s *Server) getDeadLetters(c *call, w *answer, r *http.Request) error {
	of, err := DeadLetterListOf(&c.values)
	if err != nil {
		return err
	}
	found, err := c.deadLetters().List(r.Context(), of)
	if err != nil {
		return err
	}
	return c.writeList(w, r, found)
}

func (s *Server) getDeadLetter(c *call, w *answer, r *http.Request) error {
	if c.deadLetters() == nil {
		return noIntake
	}
	found, err := c.deadLetters().Show(r.Context(), c.values.Number(operations.Position))
	if err != nil {
		return deadLetterError(err)
	}
	return w.marshalJSON(found)
}

func (s *Server) retryDeadLetter(c *call, w *answer, r *http.Request) error {
	if c.deadLetters() == nil {
		return noIntake
	}
	ctx, cancel := context.WithTimeout(r.Context(), verdictWithin)
	defer cancel()
	verdict, err := c.deadLetters().Retry(ctx, c.caller.Name, c.values.Number(operations.Position))
	if err != nil {
		return deadLetterError(err)
	}
	if verdict.Status == domain.Invalid {
		return &problem{status: http.StatusUnprocessableEntity, kind: invalidCommand, detail: verdict.Detail, verdict: &verdict}
	}
	w.writeJSON(wire.AppendVerdict(nil, &verdict))
	return nil
}

func (s *Server) dropDeadLetter(c *call, w *answer, r *http.Request) error {
	if c.deadLetters() == nil {
		return noIntake
	}
	position := c.values.Number(operations.Position)
	if err := c.deadLetters().Drop(r.Context(), c.caller.Name, position); err != nil {
		return deadLetterError(err)
	}
	return w.marshalJSON(map[string]uint64{"dropped": position})
}

func deadLetterError(err error) error {
	if errors.Is(err, eventstore.ErrNoRecord) {
		return noDeadLetter
	}
	return err
}
