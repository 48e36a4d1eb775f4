package main

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"time"

	"authledger/adapters/metrics"
	"authledger/adapters/watermill"
	"authledger/adapters/webhooks"
	"authledger/eventstore/wire"
)

const (
	reactorsEvery = time.Second // how soon a change of the endpoints is noticed
	reactFirst    = time.Second // until a reactor that could not go on begins again; then later and later
	reactMax      = time.Minute
)

// reacting is what reacts to events in a node: now the webhooks, each by itself, so
// that none waits for another or is disturbed by what becomes of it.
type reacting struct {
	node      *node
	metrics   *metrics.Metrics
	endpoints *webhooks.Endpoints
	stamp     string // of the list that is in force
	running   map[string]*telling
}

// telling is one endpoint that is told.
type telling struct {
	endpoint webhooks.Endpoint
	stop     context.CancelFunc
	done     chan struct{}
}

// react runs what reacts to events, until ctx ends.
func (n *node) react(ctx context.Context, m *metrics.Metrics) {
	r := &reacting{
		node: n, metrics: m, endpoints: webhooks.OpenEndpoints(n.options.dir, n.now),
		stamp: "not read yet", running: make(map[string]*telling),
	}
	defer func() {
		for _, t := range r.running {
			<-t.done
		}
	}()
	tick := time.NewTicker(reactorsEvery)
	defer tick.Stop()
	for said := ""; ; {
		why := ""
		if err := r.look(ctx); err != nil {
			why = err.Error()
		}
		if why != "" && why != said {
			n.options.log.Error("the list of webhooks can't be read: those that are told are told on", "cause", why)
		}
		said = why
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// look brings a list that has changed into force.
func (r *reacting) look(ctx context.Context) error {
	stamp, err := r.endpoints.Changed()
	if err != nil || stamp == r.stamp {
		return err
	}
	list, err := r.endpoints.List()
	if err != nil {
		return err
	}
	r.stamp = stamp
	wanted := make(map[string]webhooks.Endpoint)
	for _, e := range list {
		wanted[e.Name] = e
	}
	for name, t := range r.running {
		if !reflect.DeepEqual(wanted[name], t.endpoint) {
			t.stop()
			<-t.done
			delete(r.running, name)
			r.metrics.ForgetEndpoint(name)
		}
	}
	for name, e := range wanted {
		if r.running[name] == nil {
			r.running[name] = r.begin(ctx, e)
		}
	}
	return nil
}

func (r *reacting) begin(ctx context.Context, e webhooks.Endpoint) *telling {
	r.metrics.Endpoint(e.Name)
	ctx, stop := context.WithCancel(ctx)
	t := &telling{endpoint: e, stop: stop, done: make(chan struct{})}
	go func() {
		defer close(t.done)
		defer stop()
		r.tell(ctx, &t.endpoint)
	}()
	return t
}

// tell tells an endpoint until ctx ends, whatever keeps it from that meanwhile.
func (r *reacting) tell(ctx context.Context, e *webhooks.Endpoint) {
	for pause := reactFirst; ctx.Err() == nil; pause = min(2*pause, reactMax) {
		begun := time.Now()
		err := r.node.tellWebhook(ctx, e, r.metrics)
		if time.Since(begun) > reactMax {
			pause = reactFirst
		}
		if err != nil && !errors.Is(err, context.Canceled) {
			r.node.options.log.Error("a webhook is not told", "endpoint", e.Name, "cause", err, "again_in", pause)
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
		}
	}
}

// tellWebhook delivers to an endpoint until ctx ends, or something fails.
func (n *node) tellWebhook(ctx context.Context, e *webhooks.Endpoint, m *metrics.Metrics) error {
	made, err := n.rows.SeqAt(ctx, e.Made)
	if err != nil {
		return err
	}
	d, err := webhooks.OpenDeliverer(*e, webhooks.Behind(made), webhooks.Options{
		Dir: n.options.dir, Now: n.now, Log: n.options.log, Find: n.findEvent,
		Observe: func(state webhooks.State, turnedDown int) { m.Delivered(e.Name, string(state), turnedDown) },
	})
	if err != nil {
		return err
	}
	until, cancel := context.WithCancel(ctx)
	var again sync.WaitGroup
	again.Go(func() { d.Run(until) })
	err = watermill.React(ctx, n.ledger, []watermill.Reactor{n.reactor(e, d)}, m.Registry(), n.options.log)
	cancel()
	again.Wait()
	return errors.Join(err, d.Close())
}

func (n *node) reactor(e *webhooks.Endpoint, d *webhooks.Deliverer) watermill.Reactor {
	return watermill.Reactor{
		Name: "webhook-" + e.Name, Wants: e.Wants,
		After:  func() watermill.Position { return watermill.Position(d.Finished()) },
		Passed: func(at watermill.Position) error { return d.Skip(webhooks.Position(at)) },
		React: func(m *watermill.Message) ([]*watermill.Message, error) {
			event, err := n.eventOf(m)
			if err != nil {
				return nil, err
			}
			return nil, d.Deliver(m.Context(), event)
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
