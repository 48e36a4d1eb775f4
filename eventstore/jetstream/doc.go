// Package jetstream is the Store on NATS JetStream: one realm, one stream, one
// subject, one total order, on disk before anyone hears the answer.
//
// It stores opaque messages and proves what it can about them: that nobody
// else's message stands where ours was to stand, that positions have no gap,
// that the stream is configured as a ledger's must be. It refuses to create a
// stream over messages that are already there, to adopt one that was changed,
// to call an append failed when it may have happened, to retry anything on its
// own, and to skip what it can't read. It knows nothing of records, hashes or
// projections, and nothing of how the server is run.
//
// # Decisions
//
//   - One publish a message, fenced by the position of the last one. Given up:
//     atomic batches (3 ms each) and a fence per subject (a disk read inside the
//     server's only ingest loop).
//   - The position alone doesn't fence a pipeline. When a stranger takes one
//     place, our first message loses but our second, which expects exactly one
//     message more, would be accepted behind the stranger's. So each message
//     carries an id, and one that follows another of ours also names that one's
//     id ([line]). Given up: 60 bytes of header a message. The duplicate window
//     that comes with ids is the shortest there is and never decides anything,
//     for on one server the fence is judged before it.
//   - What the server answers is believed only in one direction: an error code
//     that says "not stored" is a lost fence; silence, disconnection and every
//     other code are "unknown", because the message may be on disk. While the
//     connection is down nothing is buffered: a publish that waits out a
//     restart in the client's memory would be decided on a state long gone.
//   - Reads go through an ordered consumer, which is fast and repairs itself,
//     but hides holes: positions are counted here, and silence where the server
//     claims messages is settled by asking for the very position. Given up: a
//     read can't be filtered.
//   - The stream's configuration is compared as the client library's JSON of
//     it, less the server's own notes. Given up: an option too new for the
//     library is not seen.
//   - A connection of its own a Store, in process. Given up: a Store on a server
//     of another process, until a cluster needs it.
package jetstream
