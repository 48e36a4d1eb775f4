package natsapi

import (
	"context"
	"errors"
	"strconv"

	"authledger/domain"
	"authledger/eventstore"
	"authledger/eventstore/wire"
)

// tellFeed tells each event from now on, once its commit is on disk, as a CloudEvent.
// Who is not there misses it.
func (e *Edge) tellFeed(ctx context.Context, l *eventstore.Ledger) {
	records, err := l.Follow(l.Health().Position.Seq+1, 0, eventstore.Filter{})
	if err != nil {
		e.options.Log.Error("the feed is not told", "cause", err)
		return
	}
	defer records.Close()
	realm, source, event := e.options.Realm, "ledger/"+e.options.Realm, []byte(nil)
	for {
		found, err := records.Next(ctx)
		if ctx.Err() != nil || errors.Is(err, eventstore.ErrStopped) {
			return
		}
		if err != nil {
			e.options.Log.Error("the feed ends", "behind", records.Position(), "cause", err)
			return
		}
		if !e.conn.IsConnected() {
			continue // it is live: nobody is there
		}
		for _, r := range found {
			for i := range r.Events {
				event = appendEvent(event[:0], source, r, i)
				// What fails here fails because the server went away.
				_ = e.conn.Publish(FeedSubject(realm, r.Events[i].Data.EventType()), event)
			}
		}
	}
}

// appendEvent appends the i-th event of a record as a CloudEvent in JSON format,
// which is what a NATS message without headers holds. Nothing personal is in an
// event.
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
