// Package wire writes and reads the ledger's values as JSON: received commands, stored
// records and returned verdicts.
//
// It is strict. It returns an error for a duplicate or unknown member, bad UTF-8, a null, a
// fraction in place of a count, and an impossible date. It holds no rule: package [domain]
// lists the members and their forms.
//
// # Decisions
//
//   - go-json-experiment (json/v2) tokenizes. It is the only fast library that rejects
//     duplicate names and bad UTF-8. An audit log must not hold an event that two parsers
//     read differently. Only this package imports it, so that the standard library's
//     package can replace it.
//   - A separate reader reads records. It accepts only the exact text of the writer, and is
//     three times as fast on the path that a rebuild depends on. It cannot disagree with the
//     tokenizer, because each value has one accepted text. Given up: a record that was
//     edited by hand is reported as damaged.
//   - A [domain.Visitor] reads and writes the members of each type: no reflection, no tags,
//     and one order of members, on which the content hash depends.
//   - The reader collects all faults of a command before it names one, because their order
//     is fixed and must not change with the order of the members. Given up: stopping
//     at the first wrong byte.
package wire
