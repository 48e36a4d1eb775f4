package natsapi

import (
	"context"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go"

	"authledger/domain"
	"authledger/eventstore"
	"authledger/eventstore/wire"
)

// tellFeed tells each event from now on, once its commit is on disk, as a CloudEvent
// in binary mode. Who is not there misses it.
func (e *Edge) tellFeed(ctx context.Context, l *eventstore.Ledger) {
	records, err := l.Follow(l.Health().Position.Seq+1, 0, eventstore.Filter{})
	if err != nil {
		e.options.Log.Error("the feed is not told", "cause", err)
		return
	}
	defer records.Close()
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
				// What fails here fails because the server went away.
				_ = e.conn.PublishMsg(feedMessage(e.options.Realm, r, i))
			}
		}
	}
}

// feedMessage is the i-th event of a record. Nothing personal is in an event.
func feedMessage(realm string, r *domain.Record, i int) *nats.Msg {
	event := &r.Events[i]
	kind, entity := event.Data.EventType(), event.Entity
	if entity == "" && len(r.Entities) > 0 {
		entity = r.Entities[0]
	}
	m := nats.NewMsg(FeedSubject(realm, kind))
	m.Header["ce-specversion"] = []string{"1.0"}
	m.Header["ce-id"] = []string{fmt.Sprint(r.Seq, ".", i)}
	m.Header["ce-source"] = []string{"ledger/" + realm}
	m.Header["ce-type"] = []string{kind}
	m.Header["ce-time"] = []string{string(wire.AppendTime(nil, event.At))}
	m.Header["ce-subject"] = []string{string(entity)}
	m.Header["Content-Type"] = []string{"application/json"}
	m.Data = wire.AppendData(nil, event.Data)
	return m
}
