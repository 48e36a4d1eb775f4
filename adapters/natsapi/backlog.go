package natsapi

import (
	"context"
	"errors"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// backlogEvery is how often the edge looks how far the intake is behind.
const backlogEvery = 5 * time.Second

// Backlog is what the edge has not dealt with. Without a connection nobody knows more.
type Backlog struct {
	Connected   bool
	Waits       bool          // nothing is taken, so that deadlines are not recorded
	Waiting     uint64        // commands in the intake, those among them that have just got their verdict
	Oldest      time.Duration // since the first of them was left; 0 if there is none
	Letters     uint64        // which wait for somebody
	LetterBytes uint64        // of theirs, of 1 GiB
}

// tellBacklog tells the observer of the backlog until ctx ends.
func (e *Edge) tellBacklog(ctx context.Context) {
	for {
		b, err := e.Backlog(ctx)
		if err != nil && ctx.Err() == nil {
			e.options.Log.Warn("nobody knows how far the intake is behind", "cause", err)
		}
		b.Waits = len(e.Warnings()) > 0
		e.options.Observe.Backlog(b)
		if !sleep(ctx, backlogEvery) {
			return
		}
	}
}

// Backlog asks the server.
func (e *Edge) Backlog(ctx context.Context) (b Backlog, err error) {
	if !e.conn.IsConnected() {
		return Backlog{}, nil
	}
	intake, err := e.stateOf(ctx, IntakeStream(e.options.Realm))
	if err != nil {
		return Backlog{}, err
	}
	letters, err := e.stateOf(ctx, LetterStream(e.options.Realm))
	if err != nil {
		return Backlog{}, err
	}
	b = Backlog{Connected: true, Waiting: intake.Msgs, Letters: letters.Msgs, LetterBytes: letters.Bytes}
	if b.Waiting > 0 {
		b.Oldest = max(0, time.Since(intake.FirstTime))
	}
	return b, nil
}

func (e *Edge) stateOf(ctx context.Context, name string) (jetstream.StreamState, error) {
	stream, err := e.js.Stream(ctx, name)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		return jetstream.StreamState{}, nil // it is about to be made
	}
	if err != nil {
		return jetstream.StreamState{}, err
	}
	return stream.CachedInfo().State, nil
}
