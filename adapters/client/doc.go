// Package client is the Go client of a node, over HTTP or NATS. A gateway uses it to begin
// and finish logins, to request withdrawals, to submit any other command or batches of
// commands, and to read and follow the records.
//
// The client sends a command under one id, and retries it under this id until the node
// answers or [Options.Patience] has passed. The ledger records the command once, and the
// answer to every retry holds the first verdict. An answer that is not the verdict of the
// command is [ErrAnswer], and a missing verdict is [ErrUnknown]. The zero [Verdict] and the
// zero [Login] permit nothing. The client stores nothing on disk. After a crash, a gateway
// submits the command again with the same id to get the verdict.
//
// # Decisions
//
//   - The id of a login or withdrawal command is a prefix (begin:, finish: or request:) and
//     the id of the attempt or of the withdrawal. A gateway that begins an attempt again
//     after a crash gets the first verdict. A gateway must therefore give each new attempt
//     a new id.
//   - The client sends a token over TLS or to the loopback interface only, unless
//     [Options.AllowPlaintext] is set. It follows no redirects, because a redirect would
//     send the token to another host.
//   - Over NATS the same code sends the same requests as messages, so both transports
//     have the same guarantees. Following over NATS requests one page after another,
//     because a message has one reply.
//   - The client ignores unknown members of answers, because a newer node may send more. It
//     bounds the size of answers. It rejects an answer that has neither a Content-Length
//     nor a chunked encoding, because a truncated answer could look complete. A proxy must
//     therefore keep the Content-Length and must not compress answers.
//   - A follower that loses its connection reconnects and continues after its last record.
//     It ends when its context ends or the node rejects the request.
package client
