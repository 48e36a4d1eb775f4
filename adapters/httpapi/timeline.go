package httpapi

import (
	"net/http"

	"authledger/domain"
	"authledger/domain/access"
	"authledger/eventstore/wire"
	"authledger/projections/queries"
)

// getTimeline returns the handler of the records of the user or the account in the path.
func getTimeline(parameter string, entity func(string) domain.Entity) serveFunc {
	return func(s *Server, c *call, w *answer, r *http.Request) error {
		subject, err := c.subject(parameter)
		if err != nil {
			return err
		}
		m, err := s.moment(c, r.Context())
		if err != nil {
			return err
		}
		found, err := c.queries.Records(r.Context(), entity(subject), m.until, m.asOf, c.page())
		if err != nil {
			return err
		}
		if c.format == csvType {
			return c.writeCSV(w, r, &timelineTable{&found, c.caller.Role})
		}
		c.setListHeaders(w.Header(), r, found.Next)
		body, err := c.appendTimeline(&found)
		if err != nil {
			return err
		}
		w.writeJSON(body)
		return nil
	}
}

func (c *call) appendTimeline(t *queries.RecordsPage) (b []byte, err error) {
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
	b = append(b, `],`...)
	return append(b, wire.AppendAnswer(nil, &t.Part)[1:]...), nil
}

// timelineTable is a timeline with the members of records that its CSV has. It has no data of
// commands and events, because each type has other members.
type timelineTable struct {
	*queries.RecordsPage
	role access.Role // of the reader
}

// Members implements [domain.Data].
func (t *timelineTable) Members(v domain.Visitor) {
	rows := make([]timelineRow, len(t.Records))
	for i := range t.Records {
		rows[i].Record = t.role.Shown(&t.Records[i])
	}
	v.List("records", domain.List(&rows))
}

type timelineRow struct{ *domain.Record }

// Members implements [domain.Data].
func (t *timelineRow) Members(v domain.Visitor) {
	if t.Record == nil { // a visitor that names the columns visits a zero row
		t.Record = new(domain.Record)
	}
	seq, kind := int64(t.Seq), ""
	if t.Command.Data != nil {
		kind = t.Command.Data.CommandType()
	}
	var events []string
	for i := range t.Events {
		events = append(events, t.Events[i].Data.EventType())
	}
	v.Count("seq", &seq, domain.Need)
	v.Instant("time", &t.Time, domain.Need)
	v.Text("type", &kind, domain.Need)
	v.Text("source", &t.Command.Source, domain.Need)
	v.Text("id", &t.Command.ID, domain.Need)
	v.Text("status", (*string)(&t.Status), domain.Need)
	v.Text("reason", (*string)(&t.Reason), domain.Free)
	v.Text("detail", &t.Detail, domain.Free)
	v.Flag("late", &t.Late, domain.Need)
	v.Texts("events", &events)
}
