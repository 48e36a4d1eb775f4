// Package natsd runs the embedded nats-server that keeps the log on this
// node's disk. It is the only importer of nats-server.
//
// It starts the server, hands out in-process connections, says whether the
// running server really syncs, and stops it cleanly. It refuses to know
// anything about streams, to handle signals, to open a port that nobody asked
// for, and to be silent about a start that only half worked: a server whose
// JetStream did not come up is an error, not a server.
//
// # Decisions
//
//   - Sync always is the default and Unsynced is the exception. The price is
//     one synchronous write a message; commits of many records pay it back.
//   - [Server.SyncAlways] asks the running server and not our own options, so
//     that a change in nats-server's defaults or option names can't turn into
//     a ledger that only believes it is durable.
//   - The storage limit is explicit. nats-server's own default is three quarters
//     of what the disk had free at start, which refuses writes at a moment that
//     nobody chose. Given up: the server no longer stops before the disk is
//     full; a full disk then leaves appends unanswered until a restart, so the
//     node must watch its disk itself.
//   - The package offers InProcessConn and not a client connection, so that it
//     doesn't import nats.go: what speaks JetStream lives in one other place.
//   - The log's account has no way in from outside this process: whoever comes
//     over the network can't write, read, configure or even name what is in it,
//     whatever the permissions say. Given up: the log can't be looked at with
//     general tools while a node runs.
//   - Each caller has an account of its own, and only what is in [Crossing] passes
//     between it and the node's. Permissions say where somebody may publish and
//     not where it may have an answer sent: in one account for all, a gateway could
//     have its answers delivered to who listens to the feed, or into another's
//     inbox. An answer that is asked to go to a subject of anybody else's goes
//     nowhere, for there it has another name. Given up: some 20 KB for each
//     caller, kept until the server stops.
//   - Who comes in is asked anew each time, and every second of those who are in:
//     a key that is revoked ends its connections. Given up: the server's own lists
//     of users, which need a reload of its whole configuration.
//   - Two servers on one directory destroy it and nats-server takes no lock;
//     that lock belongs to whoever owns the data directory.
package natsd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net"
	"strconv"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"authledger/eventstore"
)

const (
	// headerBytesMax is room for the headers that travel with a message: the
	// fence, the message's id and its predecessor's.
	headerBytesMax = 4 << 10

	// payloadBytesMax admits the largest message with its headers, and answers to
	// questions: as much as any client expects.
	payloadBytesMax = max(1<<20, eventstore.MessageBytesMax+headerBytesMax)

	// connectionsMax to subscriptionsMax bound what comes from outside;
	// subscriptions are of one connection.
	connectionsMax      = 8192
	connectionsOfOneMax = 256 // with the same key
	subscriptionsMax    = 256

	// storeBytesUnlimited stands for "no limit but the disk": zero would mean
	// a share of the free space to nats-server.
	storeBytesUnlimited = math.MaxInt64 / 2

	// memoryBytesMax bounds memory streams, of which the ledger has none.
	memoryBytesMax = 64 << 20

	// startWaitMax bounds recovery of the log at start when ctx has no
	// deadline: an unclean stop re-reads every block.
	startWaitMax = 10 * time.Minute

	// authWithin bounds how long somebody takes to say who it is.
	authWithin = 5 * time.Second

	// tlsWithin bounds the handshake.
	tlsWithin = 2 * time.Second

	// readyPoll bounds how long a start goes unaware of an ended ctx.
	readyPoll = 100 * time.Millisecond
)

// Config says where the server keeps its files and how it may be reached.
type Config struct {
	// Dir holds the server's files. It is made if absent.
	Dir string

	// Listen is how others are let in, once [Server.Listen] opens the port; nil means
	// that the server can only be reached from inside this process.
	Listen *Listening

	// Edge makes the account that [NodeUser] connects to also without Listen.
	Edge bool

	// Unsynced lets the server answer before the disk has the bytes. It is for
	// play, and for tests that must see data lost.
	Unsynced bool

	// MaxStoreBytes bounds all streams together; 0 means the disk's size.
	MaxStoreBytes int64

	// Log receives the server's warnings and errors; nil means slog.Default.
	Log *slog.Logger
}

// Server is a running nats-server.
type Server struct {
	nats   *server.Server
	door   *door
	lines  *lines
	listen *Listening // nil for nobody
	failed chan error // why it keeps nothing any more
	closed chan struct{}
	once   sync.Once
	gone   sync.WaitGroup
}

// Start runs a server and returns when it has recovered its files and takes
// connections from inside this process. An error leaves nothing running.
func Start(ctx context.Context, cfg Config) (*Server, error) {
	opts, err := options(cfg)
	if err != nil {
		return nil, err
	}
	s := &Server{door: new(door), lines: newLines(cfg.Log), listen: cfg.Listen, failed: make(chan error, 1), closed: make(chan struct{})}
	opts.CustomClientAuthentication = s.door
	nats, err := server.NewServer(opts)
	if err != nil {
		return nil, fmt.Errorf("make nats server in %s: %w", cfg.Dir, err)
	}
	s.nats, s.door.log = nats, nats.GlobalAccount()
	nats.SetLoggerV2(s.lines, false, false, false)

	// Start recovers the streams before it returns, which can outlast ctx.
	go nats.Start()
	err = awaitReady(ctx, nats, s.lines)
	if err == nil {
		err = s.openDoor(&cfg)
	}
	if err != nil {
		s.Close()
		return nil, fmt.Errorf("start nats server in %s: %w", cfg.Dir, err)
	}
	return s, nil
}

// openDoor makes the accounts of the edge, if it is wanted, and watches who is in.
func (s *Server) openDoor(cfg *Config) error {
	if cfg.Listen == nil && !cfg.Edge {
		return nil
	}
	at := cfg.Listen
	if at == nil {
		at = new(Listening)
	}
	s.door.admit = at.Admit
	if err := s.door.open(s.nats, &at.Crossing); err != nil {
		return err
	}
	s.gone.Go(s.watch)
	return nil
}

// Listen opens the port of Config.Listen, if there is one. Until then there is none, so
// that this process's own connections come first: strangers could take all places.
func (s *Server) Listen() error {
	if s.listen == nil {
		return nil
	}
	opened := make(chan struct{})
	go s.nats.AcceptLoop(opened)
	<-opened
	if s.nats.Addr() != nil {
		return nil
	}
	return fmt.Errorf("listen on %s: %w: give another address", s.listen.Address, cmp.Or(s.lines.fatal(), errStopped))
}

var errStopped = errors.New("the server has stopped")

// InProcessConn opens a connection that never leaves this process. It makes
// Server a provider for the client library.
func (s *Server) InProcessConn() (net.Conn, error) { return s.nats.InProcessConn() }

// SyncAlways reports whether the running server has the disk's word for a
// message before it answers.
func (s *Server) SyncAlways() bool {
	info, err := s.nats.Jsz(nil)
	return err == nil && info.Config.SyncAlways
}

// Addr is where other processes reach the server, nil before [Server.Listen].
func (s *Server) Addr() net.Addr { return s.nats.Addr() }

// Close stops the server and waits until its files are complete: a clean stop
// writes the index that makes the next start quick.
func (s *Server) Close() {
	s.once.Do(func() { close(s.closed) })
	s.gone.Wait()
	s.nats.Shutdown()
	s.nats.WaitForShutdown()
}

func options(cfg Config) (*server.Options, error) {
	if cfg.Dir == "" {
		return nil, errors.New("start nats server: no directory given")
	}
	opts := &server.Options{
		ServerName:         "authledger",
		NoSigs:             true,
		NoLog:              true,
		DontListen:         true, // see Server.Listen
		AlwaysEnableNonce:  true,
		MaxConn:            connectionsMax,
		MaxSubs:            subscriptionsMax,
		AuthTimeout:        authWithin.Seconds(),
		MaxPayload:         payloadBytesMax,
		JetStream:          true,
		StoreDir:           cfg.Dir,
		SyncAlways:         !cfg.Unsynced,
		JetStreamMaxMemory: memoryBytesMax,
		JetStreamMaxStore:  cfg.MaxStoreBytes,
	}
	if cfg.MaxStoreBytes <= 0 {
		opts.JetStreamMaxStore = storeBytesUnlimited
	}
	if cfg.Listen == nil {
		return opts, nil
	}
	return opts, cfg.Listen.set(opts)
}

func (l *Listening) set(opts *server.Options) error {
	host, port, err := net.SplitHostPort(l.Address)
	if err != nil {
		return fmt.Errorf("listen address %q: %w", l.Address, err)
	}
	opts.Host = host
	if opts.Port, err = strconv.Atoi(port); err != nil {
		return fmt.Errorf("listen address %q: %w", l.Address, err)
	}
	if opts.Port == 0 {
		opts.Port = server.RANDOM_PORT
	}
	if l.TLS != nil {
		opts.TLSConfig, opts.TLSTimeout = l.TLS, tlsWithin.Seconds()
	}
	return nil
}

func awaitReady(ctx context.Context, nats *server.Server, lines *lines) error {
	ctx, cancel := context.WithTimeout(ctx, startWaitMax)
	defer cancel()
	for !nats.ReadyForConnections(readyPoll) {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := lines.fatal(); err != nil {
			return err
		}
	}
	if nats.JetStreamEnabled() {
		return nil
	}
	if err := lines.fatal(); err != nil {
		return err
	}
	return errors.New("jetstream did not come up")
}
