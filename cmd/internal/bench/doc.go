// Package bench measures a node. [Run] measures its writes, reads, rebuilds, starts and
// memory. [RunHTTP] measures commands over HTTP and NATS. [RunQuestions] measures commands
// while other callers query past states. [RunConsole] measures the pages of the console.
// [RunCapacity] measures the constants of the capacity model. [RunPostgres] compares a node
// with a PostgreSQL server that decides the same commands.
//
// The figures of docs/performance.md and docs/scale.md come from this package. It creates its
// own ledgers in a temporary directory, with an embedded NATS server that syncs each message
// before it acknowledges the message.
//
// # Decisions
//
//   - Every run generates the same commands, from one seed, so that runs are comparable.
//   - A node that is measured over a network, and a node whose memory is measured, runs in
//     a process of its own. The load runs on the same machine, so each figure of latency
//     includes the time in which both compete for its CPUs.
//   - The import is compared with two baselines that publish the same events to the same disk,
//     because the time of a sync limits all three. One baseline publishes each event as a
//     message of its own. The other publishes atomic batches of the largest size, which is
//     the fastest way to publish to JetStream with synchronous writes.
//   - Single commands are compared in turns with a publish and with an append of the bytes of
//     their message, so that a disturbance affects all of them. Concurrent commands are compared
//     with a file and with Pebble, which both group their syncs.
//   - The rule in PostgreSQL is one function, called once for each command, so that a command needs
//     one round trip. It has no hash chain, no encryption and no total order of commits. A test compares
//     its verdicts with those of the rules.
//   - PostgreSQL is called through pgx, which is the maintained driver with the binary protocol
//     and prepared statements. Given up: a driver of database/sql, which converts each value.
package bench
