package jetstream

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"authledger/eventstore"
)

const (
	// ackWait is how long an append waits for the server's word before its
	// outcome is unknown. A healthy disk answers in milliseconds.
	ackWait = 5 * time.Second

	// askWait bounds every question to the server that has no deadline.
	askWait = 5 * time.Second

	// reconnectWait is the pause between attempts to reach a server again.
	reconnectWait = 50 * time.Millisecond

	// appendsInFlightMax bounds appends without an answer. The sequencer has
	// two; the rest is for tests.
	appendsInFlightMax = 256
)

var errClosed = errors.New("the store is closed")

// Conns opens connections to a server in this process.
type Conns interface {
	InProcessConn() (net.Conn, error)
}

// Options say which log to open and what is known of the server behind it.
type Options struct {
	Conns Conns
	Realm string

	// Create makes the stream if it is absent. A stream that already has
	// messages is then a *eventstore.Fault: who creates expects nothing there.
	Create bool

	// SyncAlways asks the server whether it syncs before it answers; nil
	// means that it doesn't.
	SyncAlways func() bool

	// Unsynced accepts a server that doesn't, for play.
	Unsynced bool
}

// Store is one realm's log on JetStream. One Store has one line of appends:
// see [Store.Append]. Two writers of a log use two Stores.
type Store struct {
	opts    Options
	name    string
	subject string
	conn    *nats.Conn
	js      jetstream.JetStream
	stream  jetstream.Stream

	line  *line
	acked atomic.Uint64 // highest position the server has vouched for

	closed chan struct{}
	once   sync.Once
}

var _ eventstore.Store = (*Store)(nil)

// Open opens a realm's log. Without Create an absent stream is a
// *eventstore.Fault, for it was there when the ledger was made. Open does not
// judge the log: that is [Store.Check].
func Open(ctx context.Context, opts Options) (*Store, error) {
	if err := validRealm(opts.Realm); err != nil {
		return nil, err
	}
	s := &Store{
		opts:    opts,
		name:    StreamName(opts.Realm),
		subject: Subject(opts.Realm),
		line:    newLine(),
		closed:  make(chan struct{}),
	}
	if err := s.connect(); err != nil {
		return nil, fmt.Errorf("open log %s: %w", s.name, err)
	}
	if err := s.bind(ctx); err != nil {
		s.Close()
		return nil, fmt.Errorf("open log %s: %w", s.name, err)
	}
	return s, nil
}

// Last implements [eventstore.Store].
func (s *Store) Last(ctx context.Context) (uint64, error) {
	info, err := s.info(ctx)
	if err != nil {
		return 0, fmt.Errorf("last message of %s: %w", s.name, err)
	}
	return info.State.LastSeq, nil
}

// Close implements [eventstore.Store]. It may be called more than once.
func (s *Store) Close() error {
	s.once.Do(func() {
		close(s.closed)
		s.conn.Close()
	})
	return nil
}

func (s *Store) connect() (err error) {
	s.conn, err = nats.Connect("",
		nats.InProcessServer(s.opts.Conns),
		nats.Name("authledger log "+s.name),
		nats.MaxReconnects(-1),
		nats.ReconnectWait(reconnectWait),
		nats.ReconnectBufSize(-1),
		// What goes wrong reaches callers through their calls; the library's
		// default would print it.
		nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}),
	)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	s.js, err = jetstream.New(s.conn,
		jetstream.WithDefaultTimeout(askWait),
		jetstream.WithPublishAsyncTimeout(ackWait),
		jetstream.WithPublishAsyncMaxPending(appendsInFlightMax),
	)
	return err
}

func (s *Store) bind(ctx context.Context) (err error) {
	s.stream, err = s.js.Stream(ctx, s.name)
	switch {
	case errors.Is(err, jetstream.ErrStreamNotFound) && s.opts.Create:
		return s.create(ctx)
	case errors.Is(err, jetstream.ErrStreamNotFound):
		return eventstore.Faultf(0, "the server has no stream %s: its files are damaged, moved or in another directory", s.name)
	case err == nil && s.opts.Create:
		return wantEmpty(s.stream.CachedInfo(), "was there already")
	}
	return err
}

func (s *Store) create(ctx context.Context) (err error) {
	if s.stream, err = s.js.CreateStream(ctx, config(s.opts.Realm)); err != nil {
		return fmt.Errorf("create stream: %w", err)
	}
	// The server adopts blocks that it finds in the stream's directory, though
	// a moment ago it knew of no such stream.
	info, err := s.info(ctx)
	if err != nil {
		return fmt.Errorf("look at the new stream: %w", err)
	}
	if err := wantEmpty(info, "was found on disk without its description"); err != nil {
		return err
	}
	// A crash between the two files of the description leaves one. The server
	// takes that for no stream, nor completes it: only an update writes both.
	if s.stream, err = s.js.UpdateStream(ctx, config(s.opts.Realm)); err != nil {
		return fmt.Errorf("write down the new stream: %w", err)
	}
	return nil
}

func wantEmpty(info *jetstream.StreamInfo, how string) error {
	if info.State.LastSeq == 0 {
		return nil
	}
	return eventstore.Faultf(0, "a new log was wanted but stream %s %s with messages up to %d", info.Config.Name, how, info.State.LastSeq)
}

func (s *Store) info(ctx context.Context) (*jetstream.StreamInfo, error) {
	if s.isClosed() {
		return nil, errClosed
	}
	info, err := s.stream.Info(ctx)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		return nil, eventstore.Faultf(0, "the server no longer has stream %s", s.name)
	}
	return info, err
}

func (s *Store) isClosed() bool {
	select {
	case <-s.closed:
		return true
	default:
		return false
	}
}
