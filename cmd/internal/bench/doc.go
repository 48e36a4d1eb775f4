// Package bench measures a node: writing, reading, rebuilding, starting and memory, over
// HTTP and NATS, and while other callers read.
//
// The figures of docs/performance.md come from it. It creates its own ledgers in a
// temporary directory, with a server that syncs before it responds.
//
// # Decisions
//
//   - Every run generates the same commands, from one seed, so that runs are comparable.
//   - A node that is measured over a network, and a node whose memory is measured, runs in
//     a process of its own. The load runs on the same machine, so each figure of latency
//     includes the time in which both compete for its CPUs.
//   - The baseline of the import is the same events, published one message each on the same
//     disk, because the durability of the disk limits both.
package bench
