package httpapi

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/google/uuid"

	"authledger/adapters/httpapi/apidoc"
	"authledger/domain"
	"authledger/domain/operations"
	"authledger/eventstore/wire"
)

// readSessionHeader holds the number of the audit.read that the server recorded for an
// answer. The client continues the read session with the parameter readSession.
const readSessionHeader = apidoc.ReadSessionHeader

// readSessionMax is the maximum duration of a read session, from its audit.read on.
const readSessionMax = 24 * time.Hour

// recordRead commits an audit.read for the query. It returns after the record is on disk,
// so that the server sends no part of an answer whose read is not recorded.
func (s *Server) recordRead(c *call, w http.ResponseWriter, r *http.Request) error {
	seq, err := c.commitRead(r.Context(), domain.AuditRead{
		Reader: c.caller.Name, Role: string(c.caller.Role), Query: c.recordedQuery(), Purpose: c.purpose, Reveal: c.reveal,
	})
	if err == nil {
		w.Header().Set(readSessionHeader, strconv.FormatUint(seq, 10))
	}
	return err
}

// commitRead commits an audit.read and returns its record number.
func (n *node) commitRead(ctx context.Context, read domain.AuditRead) (uint64, error) {
	command := domain.NewAuditRead(newCommandID(), read)
	// The client's text must pass the same checks as a member of a command.
	if wrong := wire.ReadData(wire.AppendData(nil, command.Data), new(domain.AuditRead)); wrong != nil {
		return 0, bad("%s: %s", wrong.Field, wrong.Detail)
	}
	return n.commit(ctx, command)
}

// newCommandID returns the id of a command that the server sends itself.
func newCommandID() string { return uuid.Must(uuid.NewV7()).String() }

// commit commits a command of the server and returns its record number.
func (n *node) commit(ctx context.Context, command domain.Command) (uint64, error) {
	ctx, cancel := context.WithTimeout(ctx, verdictWithin)
	defer cancel()
	verdict, err := n.ledger.Do(ctx, command)
	if err == nil && verdict.Status != domain.Accepted {
		return 0, bad("%s: %s", verdict.Reason, verdict.Detail)
	}
	return verdict.Seq, err
}

// continueSession accepts a request of an open read session without another audit.read. The
// query of the request must equal the recorded query except for its position. Clients
// use a read session to read the records page by page.
func (s *Server) continueSession(c *call, r *http.Request) error {
	record, err := c.ledger.Record(r.Context(), c.values.Number(operations.ReadSession))
	if err != nil {
		return err
	}
	read, ok := record.Command.Data.(*domain.AuditRead)
	switch {
	case !ok || read.Reader != c.caller.Name || read.Role != string(c.caller.Role):
		return bad("readSession: the record is no audit.read of this caller: omit the parameter to open another session")
	case c.reveal || read.Reveal:
		return bad("readSession: a session can't reveal sealed members: omit the parameter")
	case s.options.Now().Sub(record.Time) > readSessionMax:
		return bad("readSession: the session has expired: omit the parameter to open another one")
	case withoutPosition(read.Query) != withoutPosition(c.recordedQuery()):
		return bad("readSession: the session belongs to another query: omit the parameter to open another one")
	}
	return nil
}

// positionParameters may differ between the requests of one read session.
var positionParameters = []string{
	operations.After, operations.From, operations.To, operations.Limit, operations.AtLeast, operations.ReadSession,
}

// withoutPosition returns a recorded query without the parameters of its position.
func withoutPosition(query string) string {
	at, err := url.Parse(query)
	if err != nil {
		return query
	}
	values := at.Query()
	for _, name := range positionParameters {
		values.Del(name)
	}
	return at.EscapedPath() + "?" + values.Encode()
}
