package natsapi

import (
	"context"
	"errors"
	"strconv"

	"authledger/adapters/natsconn"
	"authledger/domain"
	"authledger/eventstore"
	"authledger/eventstore/wire"
)

// publishEvents publishes each new event as a CloudEvent after its commit is on disk, until
// ctx ends. A subscriber that is not connected misses the event. A caller whose reads the
// ledger records has a subject of its own. It receives there the events after the record of its
// read session, while the session is open.
func (s *Server) publishEvents(ctx context.Context, l *eventstore.Ledger, open *sessions) {
	log := s.options.Log
	records, err := l.Follow(l.Health().Position.Seq+1, 0, eventstore.Filter{})
	if err != nil {
		log.Error("the node publishes no live events", "cause", err)
		return
	}
	defer records.Close()
	realm, names := s.conn.Realm(), l.Names()
	source, event := "ledger/"+realm, []byte(nil)
	for {
		found, err := records.Next(ctx)
		if ctx.Err() != nil || errors.Is(err, eventstore.ErrStopped) {
			return
		}
		if err != nil {
			log.Error("the node publishes no further live events", "last_position", records.Position(), "cause", err)
			return
		}
		if !s.conn.IsConnected() {
			continue // subscribers miss the events of this time
		}
		for _, r := range found {
			for i := range r.Events {
				event = appendEvent(event[:0], source, r, i)
				shown := names.Show(event)
				// Publish fails only without a connection. Subscribers miss the event.
				kind := r.Events[i].Data.EventType()
				_ = s.conn.Publish(natsconn.EventSubject(realm, kind), shown)
				for _, caller := range open.readers(kind, r.Seq) {
					_ = s.conn.Publish(natsconn.SessionSubject(realm, caller, kind), shown)
				}
			}
		}
	}
}

// appendEvent appends the i-th event of a record as a CloudEvent in JSON format, the
// payload of a NATS message in structured mode. An event contains no personal data except
// names of users, or their pseudonyms, and numbers of accounts.
func appendEvent(b []byte, source string, r *domain.Record, i int) []byte {
	event := &r.Events[i]
	entity := event.Entity
	if entity == "" && len(r.Entities) > 0 {
		entity = r.Entities[0]
	}
	b = append(b, `{"specversion":"1.0","id":"`...)
	b = strconv.AppendUint(b, r.Seq, 10)
	b = append(b, '.')
	b = strconv.AppendInt(b, int64(i), 10)
	b = append(b, `","source":`...)
	b = wire.AppendText(b, source)
	b = append(b, `,"type":`...)
	b = wire.AppendText(b, event.Data.EventType())
	b = append(b, `,"time":"`...)
	b = wire.AppendTime(b, event.At)
	b = append(b, `","subject":`...)
	b = wire.AppendText(b, string(entity))
	b = append(b, `,"datacontenttype":"application/json","data":`...)
	return append(wire.AppendData(b, event.Data), '}')
}
