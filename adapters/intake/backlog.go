package intake

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"authledger/eventstore"
)

// backlogInterval is the interval at which the observer receives the backlog.
const backlogInterval = 5 * time.Second

// observeBacklog sends the backlog to the observer until ctx ends.
func (in *Intake) observeBacklog(ctx context.Context) {
	for {
		b, err := in.Backlog(ctx)
		if err != nil && ctx.Err() == nil {
			in.options.Log.Warn("the backlog of the intake is unknown", "cause", err)
		}
		b.Blocked = len(in.Warnings()) > 0
		in.options.Observer.Backlog(b)
		if !pause(ctx, backlogInterval) {
			return
		}
	}
}

// Backlog measures the backlog. It does not set Blocked.
func (in *Intake) Backlog(ctx context.Context) (b eventstore.Backlog, err error) {
	if !in.conn.IsConnected() {
		return eventstore.Backlog{}, nil
	}
	messages, err := in.stateOf(ctx, StreamName(in.realm))
	if err != nil {
		return eventstore.Backlog{}, err
	}
	deadLetters, err := in.stateOf(ctx, DeadLetterStreamName(in.realm))
	if err != nil {
		return eventstore.Backlog{}, err
	}
	b = eventstore.Backlog{Connected: true, Messages: messages.Msgs, DeadLetters: deadLetters.Msgs, DeadLetterBytes: deadLetters.Bytes}
	if b.Messages > 0 {
		b.OldestAge = max(0, time.Since(messages.FirstTime))
	}
	return b, nil
}

// stateOf returns the state of a stream, the zero state if the stream does not exist.
func (in *Intake) stateOf(ctx context.Context, name string) (jetstream.StreamState, error) {
	stream, err := in.js.Stream(ctx, name)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		return jetstream.StreamState{}, nil
	}
	if err != nil {
		return jetstream.StreamState{}, fmt.Errorf("open the stream %s: %w", name, err)
	}
	return stream.CachedInfo().State, nil
}
