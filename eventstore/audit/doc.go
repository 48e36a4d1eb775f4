// Package audit proves a log again: it decides recorded commands again and compares the
// results with the log and the rows.
//
//   - [Verify] proves a whole log, for `authledger verify`.
//   - [Suppose] re-decides a part of a log under another policy, for `authledger replay
//     --policy`.
//   - [LogScrub] and [RowScrub] check the log and the rows while a ledger runs. The ledger
//     starts them ([eventstore.Options]) and stops at the first *[eventstore.Fault].
//
// The tests are in package eventstore_test, which has the test logs.
//
// The package refuses to write: it folds records only into the states that its callers
// provide, and it never appends to the log or repairs it.
//
// # Decisions
//
//   - To prove a verdict, the package decides the command again on the records before it and
//     compares the encoded records byte by byte. A check of hashes alone would accept a
//     forged record if the forger also computed the hashes again.
//   - The scrubs run at a fixed rate, so that commands keep the disk and the processor.
//     Given up: a scrub finds damage hours after it happens, unless a reader reaches the
//     damaged place first.
//   - The log scrub reads the files of the log and not the server's answers, because the
//     server's caches hide damage of the disk.
package audit
