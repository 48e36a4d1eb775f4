// Package logtest makes logs for the tests of projections and queries: a [History] whose
// verdicts the rules decide, a [Generator] of random commands of every type, and a
// [Traffic] of many records for benchmarks.
//
// It does not store a log, and has no network or disk.
//
// # Decisions
//
//   - A seed determines a history, so that a failure can be repeated. Cost: a change of the
//     generator changes all histories.
package logtest
