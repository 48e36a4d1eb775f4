package httpapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"authledger/domain"
	"authledger/domain/operations"
	"authledger/eventstore"
	"authledger/eventstore/wire"
)

// Bounds of answers that hold records.
const (
	streamWriteWithin = 10 * time.Second // limit of one write; the server closes the connection of a slower client
	linesBytes        = 64 << 10         // bytes that the server collects before it writes them
)

var noRecord = &problem{status: http.StatusNotFound, kind: notFound, detail: "the record does not exist"}

// recordNumber parses the number of a record in a header. It returns 0 for an empty text.
func recordNumber(name, text string) (uint64, error) {
	if text == "" {
		return 0, nil
	}
	seq, err := strconv.ParseUint(text, 10, 63)
	if err != nil {
		return 0, bad("%s: invalid value, want the number of a record", name)
	}
	return seq, nil
}

// appendRecord appends r in the form that the caller may see.
func (c *call) appendRecord(b []byte, r *domain.Record) ([]byte, error) {
	shown := c.caller.Role.Shown(r)
	if !c.reveal {
		return wire.AppendShown(b, shown), nil
	}
	open, err := c.ledger.Reveal(r)
	switch {
	case errors.Is(err, eventstore.ErrSecret):
		return wire.AppendShown(b, shown), nil
	case errors.Is(err, eventstore.ErrErased):
		return wire.AppendErased(b, shown), nil
	case errors.Is(err, eventstore.ErrKeyMissing):
		return nil, errors.Join(noKey(r.Seq), err) // the node's log names the cause
	case err != nil:
		return nil, err
	}
	return wire.AppendRevealed(b, shown, open), nil
}

// noKey is the answer to a caller with the right to reveal, if the node can't decrypt the
// personal data of the record. If the answer showed the data as sealed, the caller could
// not distinguish a damaged key from a missing right.
func noKey(seq uint64) *problem {
	return &problem{status: http.StatusInternalServerError, kind: keyMissing, detail: fmt.Sprintf(
		"the key of the sealed data of record %d is missing or damaged: ask the operator to run `authledger verify`, or send the request without reveal", seq)}
}

// readRecord returns the record in the path. It returns the problem not-found if the record
// did not exist at the moment of the query.
func (s *Server) readRecord(c *call, r *http.Request) (*domain.Record, error) {
	m, err := s.moment(c, r.Context())
	if err != nil {
		return nil, err
	}
	record, err := c.records.Record(r.Context(), c.values.Number(operations.Seq))
	if err == nil && !m.includes(&record) {
		err = noRecord
	}
	return &record, err
}

// includes reports whether a record existed at the moment.
func (m *moment) includes(r *domain.Record) bool {
	return (m.asOf == nil || r.Seq <= *m.asOf) && (m.until.IsZero() || !r.Time.After(m.until))
}

func (s *Server) getRecord(c *call, w *answer, r *http.Request) error {
	record, err := s.readRecord(c, r)
	if err != nil {
		return err
	}
	body, err := c.appendRecord(nil, record)
	if err != nil {
		return err
	}
	w.writeJSON(body)
	return nil
}

// span is the part of the log that a request for records selects.
type span struct {
	from, to uint64 // both included; a to of 0 means no end
	limit    int    // maximum number of records; 0 means no limit
	filter   eventstore.Filter
	follow   bool
}

// span returns the span of the request's parameters.
func (c *call) span() (span, error) {
	v := &c.values
	sp := span{
		from: max(v.Number(operations.From), v.Number(operations.After)+1), to: v.Number(operations.To),
		limit: int(v.Number(operations.Limit)), follow: v.Flag(operations.Follow),
	}
	if sp.to > 0 && sp.from > sp.to {
		return sp, bad("from: got %d, want at most to, which is %d", sp.from, sp.to)
	}
	var err error
	if sp.filter, err = eventstore.NewFilter(v.Text(operations.Entity), v.Text(operations.RecordType)); err != nil {
		return sp, bad("%v", err)
	}
	return sp, nil
}

// getRecords answers with records as JSON lines, or with follow=true as server-sent
// events.
func (s *Server) getRecords(c *call, w *answer, r *http.Request) error {
	m, err := s.moment(c, r.Context())
	if err != nil {
		return err
	}
	sp, err := c.span()
	if err != nil {
		return err
	}
	if sp.follow && (m.asOf != nil || !m.until.IsZero()) {
		return bad("follow: a stream has no moment: omit at and asOf")
	}
	if sp.follow {
		return s.follow(c, w, r, sp)
	}
	if end := c.rows.Position().Seq; sp.to == 0 || sp.to > end {
		sp.to = end
	}
	release, err := s.openStream(c.caller)
	if err != nil {
		return err
	}
	defer release()
	return s.writeRecords(c, w, r, sp, &m)
}

// writeRecords writes the records as lines. If an error occurs after the first write, the
// caller of writeRecords closes the connection, so that the client detects the incomplete
// answer.
func (s *Server) writeRecords(c *call, w *answer, r *http.Request, sp span, m *moment) (err error) {
	w.Header().Set("Content-Type", "application/jsonl")
	w.Header().Set("As-Of", strconv.FormatUint(sp.to, 10)) // the last record that the server compares with the filter, unless limit ends the answer earlier
	out := lines{to: http.NewResponseController(w), w: w, within: s.writeWithin}
	for written := 0; sp.from <= sp.to; {
		var found []*domain.Record
		if found, sp.from, err = c.ledger.Page(r.Context(), sp.from, sp.to, sp.filter); err != nil {
			return err
		}
		for _, record := range found {
			if !m.includes(record) {
				continue
			}
			if out.text, err = c.appendRecord(out.text, record); err != nil {
				return err
			}
			out.text = append(out.text, '\n')
			if written++; written == sp.limit {
				return out.end()
			}
		}
		if isHTTP10(r) && len(out.text) > linesBytes {
			return tooLongForHTTP10
		}
		if err := out.writeIf(linesBytes); err != nil {
			return err
		}
	}
	return out.end()
}

// isHTTP10 reports whether the client, often a proxy, uses HTTP/1.0. An HTTP/1.0 answer
// without a Content-Length ends with its connection, so the client can't detect that the
// answer is incomplete.
func isHTTP10(r *http.Request) bool { return r.ProtoMajor == 1 && r.ProtoMinor == 0 }

var tooLongForHTTP10 = &problem{status: http.StatusRequestEntityTooLarge, kind: tooLarge,
	detail: "the answer is too long for HTTP/1.0, where a client can't detect a broken connection: request less with limit, or use HTTP/1.1"}

// lines writes a long answer in parts. Each write has its own deadline.
type lines struct {
	w      http.ResponseWriter
	to     *http.ResponseController
	within time.Duration
	text   []byte // not yet written
	begun  bool   // a part was written
}

// end writes the rest. An answer of one part gets a Content-Length.
func (l *lines) end() error {
	if !l.begun {
		l.w.Header().Set("Content-Length", strconv.Itoa(len(l.text)))
	}
	return l.writeIf(0)
}

// writeIf writes the collected text if it has more than n bytes.
func (l *lines) writeIf(n int) error {
	if len(l.text) <= n {
		return nil
	}
	if err := deadlineError(l.to.SetWriteDeadline(time.Now().Add(l.within))); err != nil {
		return err
	}
	_, err := l.w.Write(l.text)
	l.text, l.begun = l.text[:0], true
	if err != nil {
		return context.Canceled // the client disconnected or reads too slowly
	}
	return nil
}

// flush writes the collected text and sends it to the client.
func (l *lines) flush() error {
	if err := l.writeIf(0); err != nil {
		return err
	}
	return l.to.Flush()
}
