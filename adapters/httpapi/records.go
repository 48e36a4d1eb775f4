package httpapi

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"authledger/domain"
	"authledger/eventstore"
	"authledger/eventstore/wire"
	"authledger/projections"
)

// Bounds of telling records.
const (
	streamWriteWithin = 10 * time.Second // for one write; who reads slower is cut off
	linesBytes        = 64 << 10         // written at once
)

var noRecord = &problem{status: http.StatusNotFound, kind: notFound, detail: "there is no such record"}

func recordOf(r *http.Request) (uint64, error) {
	seq, err := strconv.ParseUint(r.PathValue(seqPath), 10, 63)
	if err != nil || seq == 0 {
		return 0, bad("want the number of a record, from 1 on")
	}
	return seq, nil
}

// appendRecord appends r as the caller may see it.
func (c *call) appendRecord(b []byte, r *domain.Record) ([]byte, error) {
	if !c.reveal {
		return wire.AppendShown(b, r), nil
	}
	open, err := c.ledger.Reveal(r)
	if err != nil {
		return nil, err
	}
	return wire.AppendRevealed(b, r, open), nil
}

// readRecord is the record that a path names, if it was there at the moment asked
// about.
func (s *Server) readRecord(c *call, r *http.Request) (*domain.Record, error) {
	seq, err := recordOf(r)
	if err != nil {
		return nil, err
	}
	q, err := s.ask(c, r)
	if err != nil {
		return nil, err
	}
	record, err := c.ledger.Record(r.Context(), seq)
	if err == nil && !q.knows(&record) {
		err = noRecord
	}
	return &record, err
}

// knows reports whether a record was there at the moment of the question.
func (q *question) knows(r *domain.Record) bool {
	return (q.asOf == nil || r.Seq <= *q.asOf) && (q.until.IsZero() || !r.Time.After(q.until))
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
	writeJSON(w, body)
	return nil
}

// span is which records are asked for.
type span struct {
	from, to uint64 // both included; to 0: to the end
	limit    int    // 0: as many as there are
	filter   eventstore.Filter
	follow   bool
}

func readSpan(q *question) (sp span, err error) {
	if sp.from, err = position(fromParameter, q.values.Get(fromParameter)); err != nil {
		return sp, err
	}
	after, err := position(afterParameter, q.after)
	if err != nil {
		return sp, err
	}
	sp.from = max(sp.from, after+1)
	if sp.to, err = position(toParameter, q.values.Get(toParameter)); err != nil {
		return sp, err
	}
	if sp.to > 0 && sp.from > sp.to {
		return sp, bad("from is behind to")
	}
	if sp.follow, err = flag(followParameter, q.values.Get(followParameter)); err != nil {
		return sp, err
	}
	if q.values.Has(limitParameter) {
		sp.limit = q.limit
	}
	sp.filter = eventstore.Filter{Entity: domain.Entity(q.values.Get(entityParameter)), Type: q.values.Get(typeParameter)}
	return sp, nil
}

// getRecords tells records as JSON lines, or, following, as server-sent events.
func (s *Server) getRecords(c *call, w *answer, r *http.Request) error {
	q, err := s.ask(c, r)
	if err != nil {
		return err
	}
	sp, err := readSpan(&q)
	if err != nil {
		return err
	}
	if sp.follow && (q.asOf != nil || !q.until.IsZero()) {
		return bad("follow: what is to come is behind any moment: leave at and asOf out")
	}
	if sp.follow {
		return s.follow(c, w, r, sp)
	}
	if end := c.rows.Position().Seq; sp.to == 0 || sp.to > end {
		sp.to = end
	}
	done, err := s.streams.begin(c.caller.Name)
	if err != nil {
		return err
	}
	defer done()
	return s.tell(c, w, r, sp, &q)
}

// tell writes the lines. A fault midway breaks the connection: the answer must not
// look whole.
func (s *Server) tell(c *call, w *answer, r *http.Request, sp span, q *question) (err error) {
	w.Header().Set("Content-Type", "application/jsonl")
	w.Header().Set("As-Of", strconv.FormatUint(sp.to, 10)) // all up to there were looked at, unless limit ends it
	out := lines{to: http.NewResponseController(w), w: w, within: s.writeWithin}
	for told := 0; sp.from <= sp.to; {
		var found []*domain.Record
		if found, sp.from, err = c.ledger.Page(r.Context(), sp.from, sp.to, sp.filter); err != nil {
			return err
		}
		for _, record := range found {
			if !q.knows(record) {
				continue
			}
			if out.text, err = c.appendRecord(out.text, record); err != nil {
				return err
			}
			out.text = append(out.text, '\n')
			if told++; told == sp.limit {
				return out.end()
			}
		}
		if isHTTP10(r) && len(out.text) > linesBytes {
			return noEnd
		}
		if err := out.writeIf(linesBytes); err != nil {
			return err
		}
	}
	return out.end()
}

// isHTTP10 reports whether the answer's end is that of the connection, unless its
// length is told: proxies ask so.
func isHTTP10(r *http.Request) bool { return r.ProtoMajor == 1 && r.ProtoMinor == 0 }

var noEnd = &problem{status: http.StatusRequestEntityTooLarge, kind: tooLarge,
	detail: "over HTTP/1.0 nobody could tell the end of so long an answer from a cut: ask for less, with limit, or over HTTP/1.1"}

// lines is a long answer on its way. Each write has its own time.
type lines struct {
	w      http.ResponseWriter
	to     *http.ResponseController
	within time.Duration
	text   []byte
	begun  bool
}

// end writes the rest, and the length of an answer that is short.
func (l *lines) end() error {
	if !l.begun {
		l.w.Header().Set("Content-Length", strconv.Itoa(len(l.text)))
	}
	return l.writeIf(0)
}

// writeIf writes what has come together, if it is more than so many bytes.
func (l *lines) writeIf(more int) error {
	if len(l.text) <= more {
		return nil
	}
	if err := l.to.SetWriteDeadline(time.Now().Add(l.within)); err != nil {
		return err
	}
	_, err := l.w.Write(l.text)
	l.text, l.begun = l.text[:0], true
	if err != nil {
		return context.Canceled // whoever read is gone, or reads too slowly
	}
	return nil
}

// getTimeline tells the records of a user or an account, a page at a time.
func getTimeline(name string, entity func(string) domain.Entity) serveFunc {
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
		found, err := c.rows.Records(r.Context(), c.ledger, entity(subject), q.until, q.asOf, page)
		if err != nil {
			return err
		}
		body, err := c.appendTimeline(&found)
		if err != nil {
			return err
		}
		writeJSON(w, body)
		return nil
	}
}

func (c *call) appendTimeline(t *projections.RecordsPage) (b []byte, err error) {
	b = append(b, `{"entity":`...)
	b = wire.AppendText(b, string(t.Entity))
	b = append(b, `,"records":[`...)
	for i := range t.Records {
		if i > 0 {
			b = append(b, ',')
		}
		if b, err = c.appendRecord(b, &t.Records[i]); err != nil {
			return nil, err
		}
	}
	b = append(b, `],"more":`...)
	b = strconv.AppendBool(b, t.More)
	b = append(b, `,"asOf":`...)
	return append(wire.AppendAnswer(b, &t.AsOf), '}'), nil
}
