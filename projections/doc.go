// Package projections folds the log into rows: what the rules read, and what
// the queries answer from. Everything here can be thrown away and built again
// from the log; nothing here is the only copy of anything.
//
// A [Projection] is one reading of the log, a pure fold of records into rows of
// its own table. The catalog lists them. An [Engine] runs them all over the
// same commits and keeps the rows in Pebble, together with the one position
// that they reflect. To add a projection: one file, and one line in the
// catalog.
//
// The package decides nothing, appends nothing, reads no clock for an answer,
// and never guesses: a row that can't be read is [ErrDamaged], not a zero value.
// It does not know how the log is stored; the commits are handed to it in order.
//
// # Decisions
//
//   - The log is the write-ahead log. Rows are folded in memory, at once visible
//     to reads, and go to Pebble a span of commits at a time: each key once,
//     sorted, in one batch with one checkpoint, without Pebble's own log. A crash
//     takes rows and checkpoint back together. Given up: up to a memtable of
//     commits is folded again after a crash.
//   - One checkpoint for all projections, so that an answer made of several
//     tables is of one position. Given up: building one projection alone; a
//     raised version builds all anew.
//   - A row is the members that domain types list ([domain.Data]), by position,
//     without names. Given up: reading an old row with new members; a version
//     is raised instead, and the rows are folded again.
//   - What follows from other rows is not stored. Times of commits never
//     decrease, so an instant is found among them by bisection; whether a reason
//     counts towards a lock is a rule, so attempts are counted by reason.
//   - Anything wrong with the files sets the whole generation aside. Given up:
//     repair; folding the log again is quicker than proving a repair right.
package projections
