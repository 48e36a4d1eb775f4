// Package client is the Go client of a node, over HTTP or NATS. A gateway uses it to begin
// and finish logins, to request withdrawals, to submit any other command or batches of
// commands, and to read and follow the records.
//
// The client sends every command under an id that does not change, and sends the command
// again until it gets an answer. The ledger records the command once, and every answer
// holds the first verdict. The client never guesses: an answer that is not the verdict of
// the command is an error, a missing verdict is [ErrUnknown], and the zero [Verdict] and
// [Login] permit nothing. The client stores nothing on disk. After a crash, a gateway
// submits the command again with the same id to get the verdict.
//
// # Decisions
//
//   - The id of a login or withdrawal command consists of the type and the subject's own
//     id. A gateway that begins the same attempt again after a crash gets the first
//     verdict. Two begins can't share one attempt id.
//   - The client sends a token over TLS or to the loopback interface only, unless
//     [Options.AllowPlaintext] is set. It follows no redirects, because a redirect would
//     send the token to another host.
//   - Over NATS the same code sends the same requests as messages, so both transports
//     have the same guarantees. Following over NATS requests one page after another,
//     because a message has one reply.
//   - The client ignores unknown members of answers, because a newer node may send more.
//     It bounds the size of answers. It rejects an answer whose end is not marked, because
//     a part of the answer could look complete. So a proxy must not remove the length, and
//     compressed answers are not supported.
//   - A follower reconnects after its last record until its context ends or the node
//     rejects the request.
package client
