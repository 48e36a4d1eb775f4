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
//   - A port, when asked for, is open to whoever reaches it: accounts and
//     permissions are not decided here yet. Listen on loopback only.
//   - Two servers on one directory destroy it and nats-server takes no lock;
//     that lock belongs to whoever owns the data directory.
package natsd

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net"
	"strconv"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"authledger/eventstore"
)

const (
	// headerBytesMax is room for the headers that travel with a message: the
	// fence, the message's id and its predecessor's.
	headerBytesMax = 4 << 10

	// payloadBytesMax admits the largest message with its headers.
	payloadBytesMax = eventstore.MessageBytesMax + headerBytesMax

	// storeBytesUnlimited stands for "no limit but the disk": zero would mean
	// a share of the free space to nats-server.
	storeBytesUnlimited = math.MaxInt64 / 2

	// memoryBytesMax bounds memory streams, of which the ledger has none.
	memoryBytesMax = 64 << 20

	// startWaitMax bounds recovery of the log at start when ctx has no
	// deadline: an unclean stop re-reads every block.
	startWaitMax = 10 * time.Minute

	// readyPoll bounds how long a start goes unaware of an ended ctx.
	readyPoll = 100 * time.Millisecond
)

// Config says where the server keeps its files and how it may be reached.
type Config struct {
	// Dir holds the server's files. It is made if absent.
	Dir string

	// Listen is host:port for clients of other processes; empty means that the
	// server can only be reached from inside this process. Port 0 picks one.
	Listen string

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
	nats *server.Server
}

// Start runs a server and returns when it has recovered its files and takes
// connections. An error leaves nothing running.
func Start(ctx context.Context, cfg Config) (*Server, error) {
	opts, err := options(cfg)
	if err != nil {
		return nil, err
	}
	nats, err := server.NewServer(opts)
	if err != nil {
		return nil, fmt.Errorf("make nats server in %s: %w", cfg.Dir, err)
	}
	lines := newLines(cfg.Log)
	nats.SetLoggerV2(lines, false, false, false)

	// Start recovers the streams before it returns, which can outlast ctx.
	go nats.Start()
	if err := awaitReady(ctx, nats, lines); err != nil {
		nats.Shutdown()
		nats.WaitForShutdown()
		return nil, fmt.Errorf("start nats server in %s: %w", cfg.Dir, err)
	}
	return &Server{nats: nats}, nil
}

// InProcessConn opens a connection that never leaves this process. It makes
// Server a provider for the client library.
func (s *Server) InProcessConn() (net.Conn, error) { return s.nats.InProcessConn() }

// SyncAlways reports whether the running server has the disk's word for a
// message before it answers.
func (s *Server) SyncAlways() bool {
	info, err := s.nats.Jsz(nil)
	return err == nil && info.Config.SyncAlways
}

// Addr is where other processes reach the server, nil without Config.Listen.
func (s *Server) Addr() net.Addr { return s.nats.Addr() }

// Close stops the server and waits until its files are complete: a clean stop
// writes the index that makes the next start quick.
func (s *Server) Close() {
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
		DontListen:         cfg.Listen == "",
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
	if cfg.Listen == "" {
		return opts, nil
	}
	host, port, err := net.SplitHostPort(cfg.Listen)
	if err != nil {
		return nil, fmt.Errorf("listen address %q: %w", cfg.Listen, err)
	}
	opts.Host = host
	if opts.Port, err = strconv.Atoi(port); err != nil {
		return nil, fmt.Errorf("listen address %q: %w", cfg.Listen, err)
	}
	if opts.Port == 0 {
		opts.Port = server.RANDOM_PORT
	}
	return opts, nil
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
