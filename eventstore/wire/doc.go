// Package wire writes and reads the ledger's values as JSON: commands as they
// come in, records as they are stored, verdicts as they go out.
//
// It is strict: a duplicate member, bad UTF-8, an unknown member, a null, a
// fraction where a count belongs, a time that no calendar has are errors, never
// guesses. It knows no rule; what a member must look like is said where the
// member is listed, in [domain].
//
// # Decisions
//
//   - go-json-experiment (json/v2) tokenizes: of the fast libraries only it
//     refuses duplicate names and bad UTF-8, and two parsers that disagree about
//     one event are a hole in an audit log. It is imported here only, so that the
//     standard library's package can take its place.
//   - Records are read by a reader of their own, which takes the one text that
//     the writer makes and nothing else: three times as fast, on the path that
//     rebuilding hangs on. It can't disagree with the tokenizer, because it never
//     has a choice. Given up: a record edited by hand reads as damaged.
//   - Members are read and written by the [domain.Visitor] that their type is
//     shown to: no reflection, no tags, and one order of members, which is what
//     the content hash rests on.
//   - A command's faults are gathered before one is named, since their order is
//     fixed and a sender must not see it change with the order of members.
//     Given up: stopping at the first byte that is wrong.
package wire
