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
//   - The server syncs always, unless Unsynced is set. The price is one synchronous write for
//     each message, which the records of a commit share.
//   - [Server.SyncAlways] reads the configuration of the running server and not the
//     options of this package, so that a change in nats-server's defaults or option names
//     can't make the ledger less durable unnoticed.
//   - The storage limit is explicit. nats-server's default is three quarters of the free
//     space at start, a limit that no operator has chosen. Given up: the server accepts writes
//     until the disk is full. After a full disk it does not answer appends before a restart,
//     so the node must watch the free space itself.
//   - The package offers InProcessConn and not a client connection, so that it does not
//     import nats.go. Package jetstream holds the client.
//   - No other process can connect to the log's account. A client over the network can't
//     write, read, configure or name its streams, whatever its permissions are. Given up:
//     general tools can't read the log while a node runs.
//   - Each caller has a separate account, and only the subjects of [Crossing] pass between
//     that account and the node's account. Permissions limit the subjects to which a client
//     publishes, and not the reply subject of a request. If all callers shared one account,
//     a gateway could direct its answers to the readers of the live events, or into the inbox
//     of another caller. In a separate account, the reply subject names no subscription of
//     another caller. Given up: about 20 KB of memory for each caller until the server stops.
//   - The server reads the permit of a key at each connection, and every second for open
//     connections, so that it closes the connections of a revoked key. Given up: the server's
//     own lists of users, which need a reload of its whole configuration.
//   - The files are guarded while the server starts: see package guard. nats-server truncates
//     and deletes blocks that it can't read. Version 2.15.2 and older versions delete a
//     stream's directory after one failed read, and version 2.15.3 keeps it.
//   - A start during which the server reports a shortage or a refused permission is an
//     error, not a *eventstore.Fault: the bytes may be intact.
//   - Two servers on one directory destroy its files, and nats-server takes no lock. The
//     process that opens the data directory takes the lock.
package natsd
