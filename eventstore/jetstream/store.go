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
	// ackWait is the duration after which an append without an acknowledgement has an
	// unknown outcome. A healthy disk needs milliseconds.
	ackWait = 5 * time.Second

	// requestWait is the maximum duration of a request to the server without a deadline.
	requestWait = 5 * time.Second

	// reconnectWait is the pause between attempts to reconnect.
	reconnectWait = 50 * time.Millisecond

	// appendsInFlightMax is the maximum number of appends without an outcome. The
	// sequencer has two; tests have more.
	appendsInFlightMax = 256
)

var errClosed = errors.New("the store is closed")

// Conns opens connections to a server in this process.
type Conns interface {
	InProcessConn() (net.Conn, error)
}

// Options select the log to open and describe its server.
type Options struct {
	Conns Conns
	Realm string

	// Dir is the stream's directory, if the server keeps its files on this machine: the
	// Store then reads the block files itself. "" for reads through the server.
	Dir string

	// Create creates the stream if it is absent. An existing stream with messages is then
	// a *eventstore.Fault.
	Create bool

	// SyncAlways reports whether the server syncs messages before it acknowledges them;
	// nil means that it does not.
	SyncAlways func() bool

	// Unsynced accepts a server that does not sync (unsafe, for testing only).
	Unsynced bool
}

// Store is the log of one realm on JetStream. It has one sequence of appends (see
// [Store.Append]): two writers of a log MUST use two Stores. It is safe for concurrent use.
type Store struct {
	opts    Options
	name    string
	subject string
	conn    *nats.Conn
	js      jetstream.JetStream
	stream  jetstream.Stream
	files   *files // nil without Options.Dir

	fence *fence
	acks  *acks
	acked atomic.Uint64 // highest position that the server has acknowledged

	closed chan struct{}
	once   sync.Once
}

var _ eventstore.Store = (*Store)(nil)

// Open opens a realm's log. Without Create, it returns a *eventstore.Fault for an absent
// stream, because the stream existed when the ledger was created. Open does not check the
// log: call [Store.Check].
func Open(ctx context.Context, opts Options) (*Store, error) {
	if err := validRealm(opts.Realm); err != nil {
		return nil, err
	}
	s := &Store{
		opts:    opts,
		name:    StreamName(opts.Realm),
		subject: Subject(opts.Realm),
		fence:   newFence(),
		acks:    newAcks(StreamName(opts.Realm)),
		closed:  make(chan struct{}),
	}
	if err := s.connect(); err != nil {
		return nil, fmt.Errorf("open log %s: %w", s.name, err)
	}
	err := s.bind(ctx)
	if err == nil && opts.Dir != "" {
		s.files, err = openFiles(ctx, &opts, s.stream.CachedInfo().State.LastSeq)
	}
	if err != nil {
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

// Close implements [eventstore.Store]. A second call has no effect.
func (s *Store) Close() error {
	s.once.Do(func() {
		close(s.closed)
		s.acks.close()
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
		// Callers receive errors from their calls. The library's default handler would
		// print them.
		nats.DisconnectErrHandler(func(*nats.Conn, error) { s.acks.endAll(errDisconnected) }),
		nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}),
	)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	if _, err = s.conn.Subscribe(s.acks.inbox+"*", s.acknowledge); err != nil {
		s.conn.Close()
		return fmt.Errorf("subscribe to acknowledgements: %w", err)
	}
	s.js, err = jetstream.New(s.conn, jetstream.WithDefaultTimeout(requestWait))
	return err
}

func (s *Store) bind(ctx context.Context) (err error) {
	s.stream, err = s.js.Stream(ctx, s.name)
	switch {
	case errors.Is(err, jetstream.ErrStreamNotFound) && s.opts.Create:
		return s.create(ctx)
	case errors.Is(err, jetstream.ErrStreamNotFound):
		if err := s.notRecovered(ctx); err != nil {
			return err
		}
		return eventstore.Faultf(0, "the server has no stream %s: its files are damaged, moved or in another directory", s.name)
	case err == nil && s.opts.Create:
		return wantEmpty(s.stream.CachedInfo(), "exists")
	}
	return err
}

func (s *Store) create(ctx context.Context) (err error) {
	if s.stream, err = s.js.CreateStream(ctx, config(s.opts.Realm)); err != nil {
		return fmt.Errorf("create stream: %w", err)
	}
	// The server adopts blocks that it finds in the stream's directory, although it did
	// not know the stream before.
	info, err := s.info(ctx)
	if err != nil {
		return fmt.Errorf("inspect the new stream: %w", err)
	}
	if err := wantEmpty(info, "was found on disk without its metadata"); err != nil {
		return err
	}
	// A crash between the writes of the two metadata files leaves one of them. The server
	// then neither recovers nor completes the stream. An update writes both files.
	if s.stream, err = s.js.UpdateStream(ctx, config(s.opts.Realm)); err != nil {
		return fmt.Errorf("write the metadata of the new stream: %w", err)
	}
	return nil
}

func wantEmpty(info *jetstream.StreamInfo, how string) error {
	if info.State.LastSeq == 0 {
		return nil
	}
	return eventstore.Faultf(0, "create a new log: stream %s %s with messages up to %d", info.Config.Name, how, info.State.LastSeq)
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
