// Package eventstore is the log: it takes commands, has them decided, and
// answers when the decision is on disk.
//
// A [Ledger] is one realm's log, opened. Its sequencer is the only writer: one
// goroutine takes the commands that are waiting, has [domain.Decide] answer each
// on the folded state, and sends what it decided as one commit, fenced by the
// position that it must take. What queued up meanwhile is the next commit.
//
//	Submit ── prepare ──▶ queue ──▶ decide ──▶ commit ──▶ fold ──▶ answer
//	          hash, seal            one by one  on disk   State
//
// It refuses to answer before the disk has the commit, to decide a command anew
// whose outcome is unknown, to start on a log that can't be proved to be the one
// it left, and to serve what it can't decode. It knows no rule and no row: rules
// are [domain]'s, rows belong to whoever satisfies [State].
//
// # Decisions
//
//   - A commit of up to 256 records is one message. With sync always a server
//     pays one synchronous write a message, so a message an event would cost a
//     disk write each; a commit is also atomic on any server. Given up: one
//     subject an event in the stream itself.
//   - At most two commits are in flight, each with a layer of states above the
//     folded one. More would only deepen what a lost fence undoes.
//   - A timeout is unknown: the identical bytes are sent again under the same
//     fence until the log says what became of them. Given up: an answer at once
//     when the disk hangs. The caller may give up waiting; the commit may not.
//   - The fence alone keeps two writers apart. Leases, locks and process ids
//     only save work.
//   - The head, a file beside the log, remembers how long the log was. JetStream
//     cuts a damaged tail silently and uses its positions again.
package eventstore
