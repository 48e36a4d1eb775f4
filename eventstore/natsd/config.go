package natsd

import (
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
	// headerBytesMax bounds the headers of a message of the log: the fence, the id of
	// the message and that of the message before.
	headerBytesMax = 4 << 10

	// payloadBytesMax admits the largest message with its headers, and answers to queries of
	// up to 1 MiB, the default of nats-server.
	payloadBytesMax = max(1<<20, eventstore.MessageBytesMax+headerBytesMax)

	// Bounds of the connections of other processes.
	connectionsMax      = 8192 // in all
	connectionsOfOneMax = 256  // with one key
	subscriptionsMax    = 256  // of one connection

	// storeBytesUnlimited means that only the disk limits the streams. nats-server
	// replaces zero by a share of the free space.
	storeBytesUnlimited = math.MaxInt64 / 2

	// memoryBytesMax bounds memory streams, of which the ledger has none.
	memoryBytesMax = 64 << 20

	// startWaitMax is the maximum duration of a start when ctx has no deadline. After an
	// unclean stop the server reads every block.
	startWaitMax = 10 * time.Minute

	// authWithin is the maximum duration from a client's connection to its authentication.
	authWithin = 5 * time.Second

	// tlsWithin is the maximum duration of a TLS handshake.
	tlsWithin = 2 * time.Second

	// readyPoll is the interval at which a start checks whether its ctx has ended.
	readyPoll = 100 * time.Millisecond
)

// Config configures a [Server].
type Config struct {
	// Dir holds the server's files. Start creates a missing directory.
	Dir string

	// Listen configures the port that [Server.Listen] opens for other processes. With
	// nil only this process can connect.
	Listen *Listening

	// NodeAccount creates the account of [NodeUser] also without Listen.
	NodeAccount bool

	// Guarded keeps the guard of the files (see package guard) after Start until
	// [Server.Release]. If the caller does not call Release, [Server.Stop] puts the files
	// back as they were before Start. If Guarded is not set, Start removes the guard.
	Guarded bool

	// Check is called when the files are guarded, before the server opens them; nil for no
	// call. Its error ends Start.
	Check func() error

	// Unsynced lets the server acknowledge messages before the bytes are on disk. It is
	// unsafe, for testing only.
	Unsynced bool

	// MaxStoreBytes bounds all streams together; 0 means the disk's size.
	MaxStoreBytes int64

	// Log receives the server's warnings and errors; nil means slog.Default.
	Log *slog.Logger
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
