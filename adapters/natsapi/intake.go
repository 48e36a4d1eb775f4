package natsapi

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"authledger/domain"
	"authledger/eventstore"
)

// Bounds of the intake.
const (
	intakeMessageMax  = 132 << 10 // bytes of a message: what a request may have, and its headers
	intakeBytesMax    = 16 << 30  // of the stream; then whoever leaves commands is refused
	intakeMessagesMax = 50_000_000
	intakeAhead       = 4096                   // messages that are asked for at once
	messageIDsFor     = 100 * time.Millisecond // the least that the server takes
	outstandingMax    = 4096                   // commands without a verdict
	outstandingBytes  = 64 << 20               // of theirs
	removeEvery       = 4096                   // commands with a verdict that are still there, at most
	lookEvery         = time.Second
	againFirst        = 100 * time.Millisecond
	againMax          = 10 * time.Second
)

// IntakeStream is the stream of a realm's intake.
func IntakeStream(realm string) string { return "INTAKE_" + realm }

func intakeConfig(realm string) jetstream.StreamConfig {
	return jetstream.StreamConfig{
		Name: IntakeStream(realm), Subjects: []string{IntakeSubject(realm, "*")},
		Description: "commands that wait for the ledger; what has its verdict is removed",
		Storage:     jetstream.FileStorage, Retention: jetstream.LimitsPolicy, Discard: jetstream.DiscardNew,
		MaxBytes: intakeBytesMax, MaxMsgs: intakeMessagesMax, MaxMsgSize: intakeMessageMax, Replicas: 1, DenyDelete: true,
		// Message ids are of all callers together: the server drops what one leaves under another's.
		Duplicates: messageIDsFor,
	}
}

// intake gives the ledger what lies in the stream, in order, and removes what has
// its verdict.
type intake struct {
	edge    *Edge
	horizon horizon
	cause   atomic.Pointer[error] // why nothing is taken, nil while it is
}

// left is one command that was left, on its way.
type left struct {
	position uint64 // in the stream
	stored   time.Time
	caller   string
	message  *nats.Msg

	command   domain.Command
	rejection *domain.Rejection
	ticket    *eventstore.Ticket // nil with a rejection
}

// run drains the intake until ctx ends. What goes wrong is told and tried again: the
// commands are where they were.
func (in *intake) run(ctx context.Context, l *eventstore.Ledger) {
	for pause := againFirst; ctx.Err() == nil; pause = min(2*pause, againMax) {
		begun := time.Now()
		err := in.drain(ctx, l)
		if ctx.Err() != nil || errors.Is(err, eventstore.ErrStopped) {
			return
		}
		in.edge.options.Log.Warn("the intake waits", "cause", in.waits(err))
		if time.Since(begun) > againMax {
			pause = againFirst
		}
		sleep(ctx, pause)
	}
}

// drain takes commands and waits for their verdicts until something goes wrong.
func (in *intake) drain(ctx context.Context, l *eventstore.Ledger) (err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stream, err := in.open(ctx)
	if err != nil {
		return err
	}
	messages, err := openReader(ctx, in.edge.conn, stream)
	if err != nil {
		return fmt.Errorf("read the intake: %w", err)
	}
	defer messages.close()
	answered := make(chan error, 1)
	taken := make(chan *left, outstandingMax)
	d := &drained{intake: in, stream: stream, letters: in.edge.Letters(l), room: newRoom(outstandingBytes)}
	go func() {
		err := d.answer(ctx, taken)
		cancel(err) // so that nothing more is taken
		answered <- err
	}()
	err = in.take(ctx, l, messages, d.room, taken)
	close(taken)
	return errors.Join(err, <-answered)
}

// open makes the streams if they are not there.
func (in *intake) open(ctx context.Context) (jetstream.Stream, error) {
	realm := in.edge.options.Realm
	if _, err := ensure(ctx, in.edge.js, letterConfig(&in.edge.options)); err != nil {
		return nil, err
	}
	return ensure(ctx, in.edge.js, intakeConfig(realm))
}

func ensure(ctx context.Context, js jetstream.JetStream, c jetstream.StreamConfig) (jetstream.Stream, error) {
	stream, err := js.CreateOrUpdateStream(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("make the stream %s: %w", c.Name, err)
	}
	return stream, nil
}

// take hands over what comes, in order.
func (in *intake) take(ctx context.Context, l *eventstore.Ledger, messages *reader, room *room, taken chan<- *left) error {
	for {
		m, at, err := messages.next(ctx)
		if err != nil {
			return fmt.Errorf("read the intake: %w", err)
		}
		if err := room.take(ctx, m.Size()); err != nil {
			return err
		}
		t, err := in.read(m, at)
		if err != nil {
			return fmt.Errorf("read who left number %d of the intake: %w", t.position, err)
		}
		if t.rejection == nil {
			if t.ticket, err = l.PrepareStored(t.command, t.stored); err == nil {
				err = l.Enqueue(ctx, t.ticket)
			}
			if err != nil {
				return fmt.Errorf("give the ledger number %d of the intake: %w", t.position, err)
			}
		}
		select {
		case taken <- t:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}
