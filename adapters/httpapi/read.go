package httpapi

import (
	"bytes"
	"context"
	"net/http"
	"time"

	"authledger/domain/access"
	"authledger/domain/operations"
	"authledger/eventstore"
	"authledger/projections"
	"authledger/projections/queries"
)

// Reading is a ledger that this process has opened for reading, without a server.
type Reading struct {
	Ledger  *eventstore.View
	Rows    *projections.Engine
	Queries *queries.Queries
	Now     func() time.Time
}

// Read answers one query about a ledger that this process has opened. The answer is, byte for
// byte, the body that a node sends to a local caller. The error is that of the ledger, or an error
// for which a node answers with a problem. The operation MUST read rows or single records:
// lockouts, lists, timelines, why, policy.
func Read(ctx context.Context, from Reading, operation string, values operations.Values) ([]byte, error) {
	s := &Server{options: Options{Now: from.Now}}
	c := &call{
		node:  &node{records: from.Ledger, rows: from.Rows, queries: from.Queries, names: from.Ledger.Names()},
		route: &route{operation: operations.Find(operation)}, caller: access.LocalCaller(""), values: values,
	}
	if err := c.resolveNames(); err != nil {
		return nil, err
	}
	w := &body{header: make(http.Header)}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "/", nil)
	if err != nil {
		return nil, err
	}
	if err := handlers[operation](s, c, &answer{ResponseWriter: w, call: c}, r); err != nil {
		return nil, err
	}
	return w.text.Bytes(), nil
}

// body is an [http.ResponseWriter] that keeps the body of an answer.
type body struct {
	header http.Header
	text   bytes.Buffer
}

func (b *body) Header() http.Header                { return b.header }
func (b *body) Write(text []byte) (n int, _ error) { return b.text.Write(text) }
func (b *body) WriteHeader(int)                    {}
