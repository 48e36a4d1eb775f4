// Package intake stores the commands of gateways in a NATS stream and submits them to the
// ledger in order. A gateway can publish while the ledger is stopped.
//
//	gateway ─publish→ admission ─→ stream INTAKE_<realm> ─reader→ ledger ─verdict→ purge from the stream
//	                      │ over a quota                             │ invalid
//	                      ↓                                          ↓
//	                 error 429                          dead letter in stream DLQ_<realm>
//
// The process that runs the NATS server runs the admission. The node of the ledger runs the
// reader. With an embedded server, both are the same process.
//
// The package acknowledges no message that is not on disk, and removes no message without
// a verdict or a dead letter on disk.
//
// # Decisions
//
//   - The reader removes a message from the stream when its verdict or its dead letter is
//     on disk. After a crash it submits some commands again; the ledger answers them as
//     duplicates. The intake therefore needs no consumer acknowledgements, which could be
//     lost or be sent too early. One reader reads the stream from its first message on, so
//     the commands of all sources stay in order. Given up: several readers that share the
//     work.
//   - The reader does not use the consumers of the client library. The library mistakes a
//     message with a header Status and no payload for a message of the server, and never
//     delivers it. The cost is the library's recovery of a lost connection: after a
//     disconnect, this package reads the stream again from its first message.
//   - The ledger does not record an invalid command. In the intake every invalid command
//     becomes a dead letter, because otherwise the command would be lost.
//   - The process that runs the NATS server admits each message, because a stream has no
//     rate limits, and no byte quotas for one of its subjects. The admission refuses
//     messages of a caller that exceeds its rate, its quota of messages or bytes in the
//     intake, or its quota of dead letters. It never refuses a message that it has
//     acknowledged: if such a message is invalid, it becomes a dead letter beyond the
//     quota. A NATS server that another program runs therefore applies no quotas.
//   - The intake accepts no command of the configuration (config.*), because the stream and
//     the dead letters would hold the secret of a webhook in clear text. The admission refuses
//     such a message before the stream receives it. If another program runs the NATS server,
//     the reader rejects the message, and its dead letter holds neither headers nor payload.
//     The same applies to each message that the ledger can't decide if its caller may configure
//     the realm, because the message may be a mistyped command of the configuration. A list of
//     spellings would miss some.
//   - The stream stores messages in the order of arrival, so a flood would delay all
//     callers. The admission therefore passes on at most [storingMax] unacknowledged
//     messages of one caller.
//   - A message that was stored before its caller's token was created becomes a dead
//     letter, because a revoked token of the same name published it. The operator can retry
//     the dead letter.
//   - A node whose intake is blocked stays ready and warns, because it still decides the
//     commands of other callers.
package intake
