// Package jetstream implements eventstore.Store on NATS JetStream: one realm, one stream,
// one subject, one total order. A message is on disk before Append reports success.
//
// It stores opaque messages and checks that no message of another writer took the
// expected position, that positions have no gap, and that the stream has the
// configuration of a ledger. It refuses to create a stream over existing messages and to
// use a stream with another configuration. It never reports that an append has failed while
// the message may be stored. It never retries, and never skips a message that it cannot read.
// It knows no records, hashes or projections, and does not run the server.
//
// # Decisions
//
//   - One publish for each message, fenced by the position of the last message. Given up:
//     atomic batches (3 ms each) and a fence for each subject (a disk read inside the
//     server's only ingest loop).
//   - The position alone does not fence a pipeline. When another writer takes one position,
//     the server rejects the first message of this Store. The second message expects exactly
//     one more message, so the server would store it after the other writer's message. Each
//     message therefore carries an id and names the id of the message that this Store sent
//     before it ([fence]). Given up: 60 bytes of header for each message. The ids need a
//     duplicate window, which has the shortest duration that the server accepts. The window
//     rejects no message that the fence would accept, because a single server checks the
//     fence first.
//   - Only an error code that means "not stored" is a lost fence. After a timeout, a
//     disconnection or any other code the outcome is unknown, because the message may be on
//     disk. While the connection is down nothing is buffered: a buffered message would be
//     published after a restart although it was decided on an old state.
//   - With Options.Dir the Store reads the server's block files, because reads through the
//     server are unsafe. The server truncates a block when it reads a damaged record. It
//     answers "no message found" when an open or a read fails, so that a caller could not
//     distinguish a shortage from damage.
//     Given up: the server's block cache; the page cache holds the same bytes.
//   - Without Options.Dir reads use an ordered consumer, which is fast and repairs itself,
//     but hides missing messages. The Store therefore counts positions, and requests a
//     position directly when the server sends nothing although it has more messages. Given
//     up: a read cannot be filtered.
//   - The Store compares the stream's configuration as the JSON of the client library,
//     without the metadata of the server. Given up: an option that is too new for the
//     library is not compared.
//   - Each Store has a separate in-process connection. Given up: a Store on the server of
//     another process, until a cluster needs it.
package jetstream
