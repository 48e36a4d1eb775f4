// Package projections folds the log into rows: the states from which the rules decide
// commands, and the tables from which queries are answered. All rows can be deleted and
// folded again from the log; no row is the only copy of any data.
//
// A [Projection] derives one table from the log: a pure fold of records into the rows of its
// table. The catalog lists all projections. An [Engine] runs them over the same commits and
// keeps their rows in one store (package rows). The file of a projection also has the methods
// of [View] that read its table. To add a projection, add one file and one line of the
// catalog.
//
// The package decides no command and appends no record. No result depends on a clock. It
// does not know how the log is stored: the caller passes it the commits in order. It
// answers no queries; package queries does.
//
// # Decisions
//
//   - The package stores no result that follows from other rows. Times of commits never
//     decrease, so SeqAt searches the commits by bisection. A later version of the rules may
//     change the reasons that count towards a lockout, so the package counts attempts by
//     reason.
//   - Queries about the past read snapshots: the state of a user or an account after every
//     sixteenth of its records, and every state of each item. A query reads fewer than
//     sixteen records of an entity, however long the history is. Cost: one more row for each
//     change of an item.
//   - Readers of a table are in the file of its projection, next to the fold that writes the
//     table. Cost: View has many methods.
//   - A row that many records change, such as the counts of a minute, is decoded and encoded
//     once for each commit ([Table.Edit]). A hot row costs one write to Pebble for each span.
//     Cost: each table keeps at most 256 decoded rows between commits.
//   - The lists of the realm hold an entry by its class and its state, in the order of the
//     records that named the entries first. A page merges the groups that its filter selects,
//     so an entry has one row and keeps its position when its state changes. Cost: a page
//     without a filter opens an iterator for each group, and a change of a state moves a row.
//   - The list of users holds the week of the newest activity, and no index by activity,
//     which every command would write. Cost: a page of the users that were active since a
//     recent instant reads many rows.
//   - A developer raises the version of a projection whenever its fold would write other
//     rows. The next start then folds all rows again. Cost: a start after such an upgrade
//     takes as long as a rebuild.
package projections
