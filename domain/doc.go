// Package domain holds the rules of the ledger: what may be asked, what may
// happen, and what follows from what. It decides, and remembers nothing.
//
// A [Command] asks. [Decide] answers it with [Event] values, from the states
// that the log folds to and from nothing else. A [Record] is that answer as
// the log keeps it, and [Fold] takes a record back into the states. The same
// history therefore always yields the same answer.
//
// The states are users and accounts, whose rows are bounded whatever the history,
// and items: every device, code, withdrawal and sharing, kept for ever under its
// id ([ItemKey]).
//
// The package reads no clock, does no I/O and knows no JSON: it lists the
// members of its types to a [Visitor], and others read and write them. It holds
// no code, PIN or password, since no type of it has a member for one.
//
// # Decisions
//
//   - One idea a file: its commands, events, state, decide and evolve together.
//     Given up: a folder a layer, where one rule lies in five places.
//   - A refusal is an event, not an error. An error of Decide means that a state
//     could not be read; nothing is known then, and nothing is recorded.
//   - Members are listed once a type, by a method ([Data]). Reading, writing,
//     the content hash, rows and schemas follow from that list. Given up: struct
//     tags, whose readers need reflection on the hot path and can't tell an
//     absent member from an empty one.
//   - What the rules must read together stands in the [User]; what they find by
//     an id is an [Item], and a live one is both. Given up: one row that says all,
//     which would grow for ever.
//   - States are values. Folding copies what it changes, so a decision can be
//     dropped (a lost fence) without undoing anything.
package domain
