// Package queries answers queries about users and accounts: lockouts, devices, codes,
// sharings, withdrawals, lists of the realm, timelines, troubleshooting, and why a record has its verdict. It
// reads the rows of package projections, and for the past a few records of the log.
//
// [New] takes the engine and the log once. Each answer names the position of the log that it
// reflects ([AsOf]). Answers implement [domain.Data], from which callers encode them as JSON.
//
// The package changes nothing: it folds, commits and writes no rows. It does not check
// permissions, and does not record reads; its callers do.
//
// # Decisions
//
//   - A query about the present reads rows only. A query about the past starts at a snapshot
//     and folds the records after it with the functions that folded them first. Cost: at most
//     sixteen reads of the log for each entity.
//   - A query reads one view, so that all parts of an answer have one position. Cost: the
//     query waits until the writer has written the newest rows.
//   - A page of a list of the realm reads a bounded number of rows, and may have fewer items
//     than its limit. Cost: a client reads pages until an answer has no next.
//   - A list of the realm of the past reads the versions of items and applies their own
//     deadlines. Only users, and codes that the activation of a device revokes, need the
//     records of the log. Cost: the functions repeat two rules of package domain, which a
//     random test compares with the fold.
//   - At most half of the processors fold records for queries. While commands are decided,
//     there is a pause between two folds. Cost: many queries about the past wait. If 512
//     queries wait, a further one gets [ErrBusy].
package queries
