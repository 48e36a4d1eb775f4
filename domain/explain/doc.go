// Package explain answers why a record has the verdict that it has. It decides the
// recorded command again on the log before the record, lists the facts that the verdict
// follows from, and writes the verdict, the facts and the arithmetic as English sentences.
//
// An explanation is complete: a program that has its facts, its totals and its policy can
// decide the command again, and gets the recorded verdict. [Given] builds the states for
// that decision. Each fact names the record that set it, so that the reader can look it up.
//
// The package decides nothing itself, and the rules never import it. It reads no clock
// and does no I/O: the caller provides the log before the record as a [History]. It never
// shows a personal member of a command.
//
// # Decisions
//
//   - The evidence consists of the states that the rules read. The package runs
//     [domain.Decide] on states that note each read, and omits a fact if the verdict is the
//     same without it, unless readers expect the fact. Given up: a list of evidence beside
//     each rule, because a developer who changes the rule could forget the list.
//   - An explanation fails with [ErrNotReproducible] if the second decision differs from the
//     record. Given up: a sentence from the record alone, which would hide a changed record.
//   - The sentences are in this package, not beside each command. Given up: one file for a rule and
//     its sentences, because the rules would then hold English that no verdict depends on.
package explain
