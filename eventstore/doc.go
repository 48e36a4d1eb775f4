// Package eventstore implements the log: it queues commands, decides them with package
// domain, appends the decisions to the log, and answers when they are on disk.
//
// A [Ledger] is the open log of one realm. Its sequencer is the only writer: one goroutine
// takes the waiting commands, decides each with [domain.Decide] on the folded state, and
// sends the decisions as one commit, fenced by the position that the commit must take. The
// next commit takes the commands that were queued in the meantime.
//
//	Submit ── prepare ──▶ queue ──▶ decide ──▶ commit ──▶ fold ──▶ answer
//	          hash, seal            one by one  on disk   State
//
// sequencer.go shows which goroutine runs each step.
//
// The package refuses:
//
//   - to answer before the commit is on disk;
//   - to decide a command again while the outcome of its commit is unknown;
//   - to open a log that it cannot prove to be the log of the last run;
//   - to return records that it cannot decode.
//
// It holds no rule and no row: package [domain] has the rules, and the implementation of
// [State] has the rows.
//
// # Decisions
//
//   - A commit of up to 256 records is one message. With sync always, a server makes one
//     synchronous write for each message, so one message for each event would cost one
//     disk write for each event. A commit is also atomic on any server. Given up: one
//     subject for each event in the stream itself.
//   - At most two commits are in flight, each with a layer of states above the folded
//     state. A lost fence discards the decisions of all commits in flight, so a third commit
//     would make a lost fence more expensive. The second commit is sent only while 64
//     commands wait, so that the server makes fewer synchronous writes. Given up: a few
//     commands that arrive while a commit is in flight wait for its outcome, also commands
//     that need no record.
//   - After a timeout the outcome is unknown: the sequencer sends the identical bytes again
//     under the same fence until the log shows the outcome. Given up: an answer at once
//     when the disk hangs. The caller may stop waiting; the sequencer may not.
//   - Each caller has a bounded line in the queue, and the sequencer serves the callers
//     round robin. A caller that floods the queue fills only its own line: the sequencer
//     neither rejects the commands of other callers nor delays them until the flood ends.
//     Given up: one order of arrival across callers.
//   - The fence alone keeps two writers apart. Leases, locks and process ids only save
//     work.
//   - The head, a file beside the log, holds the position of the end of the log, because
//     JetStream cuts a damaged tail without an error and uses its positions again.
package eventstore
