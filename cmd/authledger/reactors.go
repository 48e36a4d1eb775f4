package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"authledger/adapters/watermill"
	"authledger/adapters/webhooks"
	"authledger/eventstore/wire"
)

// reactorsEvery is how soon a change of the endpoints is noticed.
const reactorsEvery = time.Second

// react runs what reacts to events, until ctx ends: now the webhooks. When their list
// changes all begin anew, each behind what it has finished.
func (n *node) react(ctx context.Context, registry prometheus.Registerer) {
	endpoints := webhooks.OpenEndpoints(n.options.dir, n.now)
	for ctx.Err() == nil {
		stamp, err := endpoints.Changed()
		var list []webhooks.Endpoint
		if err == nil {
			list, err = endpoints.List()
		}
		if err != nil {
			n.options.log.Error("the webhooks are not told", "cause", err)
		}
		until, cancel := context.WithCancel(ctx)
		go func() {
			defer cancel()
			awaitChange(until, endpoints, stamp)
		}()
		if err := n.tellWebhooks(until, list, registry); err != nil {
			n.options.log.Error("the webhooks are not told", "cause", err)
		}
		<-until.Done()
	}
}

func awaitChange(ctx context.Context, endpoints *webhooks.Endpoints, stamp string) {
	tick := time.NewTicker(reactorsEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		if now, err := endpoints.Changed(); err == nil && now != stamp {
			return
		}
	}
}

// tellWebhooks delivers to the endpoints until ctx ends.
func (n *node) tellWebhooks(ctx context.Context, list []webhooks.Endpoint, registry prometheus.Registerer) (err error) {
	var reactors []watermill.Reactor
	var again []func()
	for i := range list {
		d, failed := webhooks.OpenDeliverer(list[i], n.end(), webhooks.Options{Dir: n.options.dir, Now: n.now, Log: n.options.log, Find: n.findEvent})
		if failed != nil {
			n.options.log.Error("a webhook is not told", "cause", failed)
			continue // the others are
		}
		defer func() { err = errors.Join(err, d.Close()) }()
		reactors = append(reactors, n.reactor(&list[i], d))
		again = append(again, func() { d.Run(ctx) })
	}
	if len(reactors) == 0 {
		return nil
	}
	running := make(chan struct{}, len(again))
	for _, run := range again {
		go func() { run(); running <- struct{}{} }()
	}
	err = watermill.React(ctx, n.ledger, reactors, registry, n.options.log)
	for range again {
		<-running
	}
	return err
}

func (n *node) reactor(e *webhooks.Endpoint, d *webhooks.Deliverer) watermill.Reactor {
	return watermill.Reactor{
		Name: "webhook-" + e.Name, Wants: e.Wants,
		After:  func() watermill.Position { return watermill.Position(d.Finished()) },
		Passed: func(at watermill.Position) error { return d.Skip(webhooks.Position(at)) },
		React: func(m *watermill.Message) error {
			event, err := n.eventOf(m)
			if err != nil {
				return err
			}
			return d.Deliver(m.Context(), event)
		},
		Hopeless: func(err error) bool { return errors.Is(err, webhooks.ErrGivenUp) },
		GiveUp: func(m *watermill.Message) error {
			event, err := n.eventOf(m)
			if err != nil {
				return err
			}
			return d.GiveUp(event)
		},
	}
}

// end is where a new endpoint begins: it is told what is to come.
func (n *node) end() webhooks.Position {
	return webhooks.Behind(n.rows.Position().Seq)
}

func (n *node) eventOf(m *watermill.Message) (e webhooks.Event, err error) {
	e = webhooks.Event{Type: m.Metadata[watermill.TypeKey], Entity: m.Metadata[watermill.EntityKey], Data: []byte(m.Payload)}
	if e.At, err = time.Parse(time.RFC3339Nano, m.Metadata[watermill.AtKey]); err != nil {
		return e, err
	}
	at, err := watermill.ParsePosition(m.Metadata[watermill.PositionKey])
	e.Position = webhooks.Position(at)
	e.ID = n.eventID(e.Position)
	return e, err
}

// eventID is the same for an event whenever it is told, and no other ledger's.
func (n *node) eventID(at webhooks.Position) string {
	return fmt.Sprintf("evt_%.8s_%d_%d", n.manifest.LedgerID, at.Seq, at.Event)
}

// findEvent is an event that is told once more.
func (n *node) findEvent(ctx context.Context, at webhooks.Position) (webhooks.Event, error) {
	r, err := n.ledger.Record(ctx, at.Seq)
	if err != nil {
		return webhooks.Event{}, err
	}
	if at.Event >= len(r.Events) {
		return webhooks.Event{}, fmt.Errorf("record %d has no event %d", at.Seq, at.Event)
	}
	event := &r.Events[at.Event]
	entity := event.Entity
	if entity == "" && len(r.Entities) > 0 {
		entity = r.Entities[0]
	}
	return webhooks.Event{
		ID: n.eventID(at), Position: at, Type: event.Data.EventType(), Entity: string(entity), At: event.At, Data: wire.AppendData(nil, event.Data),
	}, nil
}

func (n *node) now() time.Time {
	if n.options.now != nil {
		return n.options.now()
	}
	return time.Now()
}
