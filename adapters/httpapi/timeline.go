package httpapi

import (
	"net/http"

	"authledger/domain"
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
		body, err := c.appendTimeline(&found)
		if err != nil {
			return err
		}
		writeJSON(w, body)
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
