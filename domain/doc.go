// Package domain holds the rules of the ledger: which commands exist, how each command is
// decided, and which state follows from the recorded events.
//
// [Decide] decides a [Command] and returns [Event] values. A [Record] is a command with
// its decision, as the log stores it. [Fold] applies the events of a record to the states.
// Decide reads only the states before the command and the command itself, so the same
// history always gives the same decisions.
//
// The catalog of commands (catalog.go) describes each command type once: its name, which is
// also the right to submit it, its data and result, a summary and an example. The HTTP
// routes, the NATS endpoints, the command line and the documents read the catalog. Package
// access lists the roles of each right, and package operations describes the queries.
//
// There are three kinds of states: [User], [Account] and [Item]. A User and an Account have a
// bounded size. An Item (a device, code, withdrawal or sharing) is kept permanently under its
// [ItemKey].
//
// Comments cite the rules (LOCK-1) and the decisions of docs/rules.md.
//
// The package has these limits:
//
//   - It reads no clock and does no I/O. Callers pass the time and the states.
//   - It encodes nothing. Types list their members to a [Visitor], and other packages
//     read and write them.
//   - It holds no code, PIN or password: no type has a member for them.
//
// # Decisions
//
//   - One file holds one idea: its commands, events, state, decide and evolve. Given up: a
//     directory for each layer, which spreads one rule over five files.
//   - A refusal is an event, not an error. An error of Decide means that a state could not
//     be read. The decision is then unknown, and nothing is recorded.
//   - Each type lists its members once, in a method ([Data]). Reading, writing, the content
//     hash, rows and schemas use that list. Given up: struct tags, because they need
//     reflection on the hot path and cannot distinguish an absent member from an empty one.
//   - A [User] holds the states that the rules read together. An [Item] holds one state that
//     the rules find by its id. A live item is in both. Given up: one row for all states of a
//     user, which would grow without bound.
//   - States are values. Folding copies the values that it changes. A caller that drops a
//     decision, because another node has published at its position, has nothing to undo.
//   - A stored name never changes. Where documents use a newer name, [Form].Stored holds
//     the name in records.
package domain
