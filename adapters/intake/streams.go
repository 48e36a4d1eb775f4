package intake

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"authledger/adapters/natsconn"
)

const (
	messageBytesMax  = 132 << 10 // bytes of one message: 128 KiB for the body, as over HTTP, and 4 KiB for the headers
	streamBytesMax   = 16 << 30  // of the intake stream; the server refuses messages when it is full
	streamMessageMax = 50_000_000

	// deadLetterBytesMax is the default maximum size of all dead letters. When their stream
	// is full, the intake is blocked, so that no dead letter is lost. One caller can't fill
	// the stream: its quotas are 64 MiB of dead letters and 1 GiB of messages in the intake. If
	// all these messages become dead letters, each of their bytes becomes at most six bytes of
	// JSON.
	deadLetterBytesMax = 8 << 30

	// duplicateWindow is the shortest window that the server accepts. The server compares
	// the message ids of all callers together, so a longer window would let a caller
	// suppress messages of another one.
	duplicateWindow = 100 * time.Millisecond
)

// StreamName returns the name of the intake stream of a realm.
func StreamName(realm string) string { return "INTAKE_" + realm }

// DeadLetterStreamName returns the name of the stream of a realm's dead letters.
func DeadLetterStreamName(realm string) string { return "DLQ_" + realm }

// streamConfig returns the configuration of the intake stream for a process that runs the
// admission.
func streamConfig(realm string) jetstream.StreamConfig {
	return jetstream.StreamConfig{
		Name: StreamName(realm), Subjects: []string{natsconn.StoredSubject(realm, "*")},
		Description: "commands that wait for the ledger; a command with a verdict is removed",
		Storage:     jetstream.FileStorage, Retention: jetstream.LimitsPolicy, Discard: jetstream.DiscardNew,
		MaxBytes: streamBytesMax, MaxMsgs: streamMessageMax, MaxMsgSize: messageBytesMax, Replicas: 1, DenyDelete: true,
		Duplicates: duplicateWindow,
	}
}

// deadLetterConfig returns the configuration of the stream of dead letters. It stores at
// most one dead letter for each position of the intake.
func deadLetterConfig(realm string, bytesMax int64) jetstream.StreamConfig {
	return jetstream.StreamConfig{
		Name: DeadLetterStreamName(realm), Subjects: []string{natsconn.DeadLetterSubject(realm, "*")},
		Description: "invalid commands of the intake, until an operator retries or drops them",
		Storage:     jetstream.FileStorage, Retention: jetstream.LimitsPolicy, Discard: jetstream.DiscardNew,
		MaxBytes: cmp.Or(bytesMax, deadLetterBytesMax), MaxMsgsPerSubject: 1, DiscardNewPerSubject: true, Replicas: 1,
	}
}

// CreateStreams creates the streams of the intake and of its dead letters if they do not
// exist, so that gateways can publish before the ledger is open.
func (in *Intake) CreateStreams(ctx context.Context) error {
	_, err := in.openStreams(ctx)
	return err
}

// openStreams creates the streams, or updates their configuration, and returns the intake
// stream. It returns an *eventstore.Fault, and creates nothing, if a known stream has lost
// messages.
func (in *Intake) openStreams(ctx context.Context) (jetstream.Stream, error) {
	if err := in.known.check(ctx, in.js, DeadLetterStreamName(in.realm), StreamName(in.realm)); err != nil {
		return nil, err
	}
	deadLetters, err := ensure(ctx, in.js, in.known, deadLetterConfig(in.realm, in.options.DeadLetterBytes))
	if err != nil {
		return nil, err
	}
	config, err := in.config(ctx)
	if err != nil {
		return nil, err
	}
	stream, err := ensure(ctx, in.js, in.known, config)
	if err != nil {
		return nil, err
	}
	return stream, in.known.store(deadLetters.CachedInfo(), stream.CachedInfo())
}

// config returns the configuration of the intake stream. The process that runs the server
// decides on the subjects of the stream. Without an admission in that process, the stream
// captures the subjects to which callers publish.
func (in *Intake) config(ctx context.Context) (jetstream.StreamConfig, error) {
	c := streamConfig(in.realm)
	if in.conn.IsEmbedded() {
		return c, nil
	}
	stream, err := in.js.Stream(ctx, c.Name)
	switch {
	case err == nil:
		c.Subjects = stream.CachedInfo().Config.Subjects
	case errors.Is(err, jetstream.ErrStreamNotFound):
		c.Subjects = []string{natsconn.IntakeSubject(in.realm, "*")}
	default:
		return c, fmt.Errorf("open the stream %s: %w", c.Name, err)
	}
	return c, nil
}

// ensure creates a stream or updates its configuration. It does not create a stream with a
// known identity, whose messages may have been lost since the last check.
func ensure(ctx context.Context, js jetstream.JetStream, known *identities, c jetstream.StreamConfig) (jetstream.Stream, error) {
	open := js.CreateOrUpdateStream
	if known.mustExist(c.Name) {
		open = js.UpdateStream
	}
	stream, err := open(ctx, c)
	if err == nil && known != nil {
		err = known.compare(c.Name, identityOf(stream.CachedInfo()))
	}
	if err != nil {
		return nil, fmt.Errorf("create the stream %s: %w", c.Name, err)
	}
	return stream, nil
}
