package httpapi

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/google/uuid"

	"authledger/domain"
	"authledger/eventstore/wire"
)

// audit records that the caller reads, before anything is shown.
func (s *Server) audit(c *call, w http.ResponseWriter, r *http.Request) error {
	command := domain.NewAuditRead(uuid.Must(uuid.NewV7()).String(), domain.AuditRead{
		Reader: c.caller.Name, Role: string(c.caller.Role), Query: asked(r), Purpose: c.purpose, Reveal: c.reveal,
	})
	// What the client typed is judged as a member of a command is.
	if wrong := wire.ReadData(wire.AppendData(nil, command.Data), new(domain.AuditRead)); wrong != nil {
		return bad("%s: %s", wrong.Field, wrong.Detail)
	}
	ctx, cancel := context.WithTimeout(r.Context(), verdictWithin)
	defer cancel()
	verdict, err := c.ledger.Do(ctx, command)
	if err == nil && verdict.Status != domain.Accepted {
		return bad("%s: %s", verdict.Reason, verdict.Detail)
	}
	if err == nil {
		w.Header().Set("Reading", strconv.FormatUint(verdict.Seq, 10))
	}
	return err
}

// readingMax is how long a reading can go on that was recorded once.
const readingMax = 24 * time.Hour

// goOn lets a caller read on where the record of the reading is there: the same
// question from a later position, as who follows asks again and again.
func (s *Server) goOn(c *call, r *http.Request, text string) error {
	seq, err := position(readingParameter, text)
	if err != nil {
		return err
	}
	record, err := c.ledger.Record(r.Context(), seq)
	if err != nil {
		return err
	}
	read, ok := record.Command.Data.(*domain.AuditRead)
	switch {
	case !ok || read.Reader != c.caller.Name || read.Role != string(c.caller.Role):
		return bad("reading: that record is not of a reading of yours")
	case c.reveal || read.Reveal:
		return bad("reading: what is sealed is asked for anew each time")
	case s.options.Now().Sub(record.Time) > readingMax:
		return bad("reading: it is over: leave it out to begin another")
	case samePart(read.Query) != samePart(asked(r)):
		return bad("reading: that record is of another question")
	}
	return nil
}

// samePart is a question without the position from which it goes on.
func samePart(query string) string {
	at, err := url.Parse(query)
	if err != nil {
		return query
	}
	values := at.Query()
	for _, name := range []string{afterParameter, fromParameter, toParameter, limitParameter, atLeastParameter, readingParameter} {
		values.Del(name)
	}
	return at.EscapedPath() + "?" + values.Encode()
}

// asked is the question as it is recorded: its path and parameters, but for the
// purpose, which has a member of its own.
func asked(r *http.Request) string {
	values := r.URL.Query()
	values.Del(purposeParameter)
	if len(values) == 0 {
		return r.URL.EscapedPath()
	}
	return r.URL.EscapedPath() + "?" + values.Encode()
}
