// Package natsd runs the embedded nats-server, which stores the log on this
// node's disk. No other package imports nats-server.
//
// It starts the server, opens in-process connections, reports whether the running server
// syncs each write, and stops the server cleanly. It knows no streams, handles no signals
// and opens no port without a configured address. A server whose JetStream did not start
// is an error.
//
// # Decisions
//
//   - Sync always is the default and Unsynced is the exception. The price is one
//     synchronous write for each message, which the records of a commit share.
//   - [Server.SyncAlways] reads the configuration of the running server and not the
//     options of this package, so that a change in nats-server's defaults or option names
//     can't make the ledger less durable unnoticed.
//   - The storage limit is explicit. nats-server's default is three quarters of the free
//     space at start, a limit that no operator has chosen. Given up: the server no longer
//     refuses writes before the disk is full. A full disk leaves appends unanswered until
//     a restart, so the node must watch the disk itself.
//   - The package offers InProcessConn and not a client connection, so that it does not
//     import nats.go. Package jetstream holds the client.
//   - No other process can connect to the log's account. A client over the network can't
//     write, read, configure or name its streams, whatever its permissions are. Given up:
//     general tools can't read the log while a node runs.
//   - Each caller has an account of its own, and only the subjects of [Crossing] pass
//     between that account and the node's. Permissions limit the subjects to which a
//     client publishes, and not the reply subject of a request: in one account for all, a
//     gateway could direct its answers to the readers of the live events, or into the
//     inbox of another caller. In an account of its own, the reply subject names no
//     subscription of another caller. Given up: some 20 KB for each caller, kept until
//     the server stops.
//   - The server asks for the permit of a key at each connection, and every second for
//     open connections: revoking a key ends its connections. Given up: the server's own
//     lists of users, which need a reload of its whole configuration.
//   - The files are guarded while the server starts: see package guard. nats-server cuts
//     and deletes blocks that it can't read, and 2.15.2 and older deleted a stream's directory
//     after one failed read. 2.15.3 keeps the directory.
//   - A start during which the server reports a shortage or a refused permission is an
//     error, not a *eventstore.Fault: the bytes may be intact.
//   - Two servers on one directory destroy its files, and nats-server takes no lock. The
//     process that opens the data directory takes the lock.
package natsd
