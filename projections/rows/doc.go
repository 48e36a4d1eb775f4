// Package rows stores rows in Pebble, together with the position of the log that they
// reflect. It is the engine below the projections. It knows no table: the caller gives the
// name and the versions of its tables in a [Schema], and folds commits into rows.
//
// A [Store] is one generation of rows: one Pebble directory with one checkpoint. [Store.Fold]
// stages the rows of a commit, [Store.Publish] makes them visible, and a writer goroutine
// writes them to Pebble a span of commits at a time. [Store.Row] reads one row, and a [View]
// reads all rows at one position.
//
// The package does not interpret rows, and does not read the log. It returns [ErrDamaged] for
// a row that does not decode, and never a zero value in its place. It does not repair files.
//
// # Decisions
//
//   - The log of the ledger is the write-ahead log. Published rows are in memory, and go to
//     Pebble a span at a time: each key once, sorted, in one batch with the checkpoint,
//     without Pebble's own log. A crash loses rows and checkpoint together. Cost: after a
//     crash, the caller folds up to a memtable of commits again.
//   - Only the writer goroutine writes. A view waits until the writer has written the rows
//     that the view must reflect, and the writer ends its span early while a view waits.
//     Cost: the wait of one write. The alternative, merging the rows in memory into each
//     scan, needs sorted copies of a span for each view.
//   - One checkpoint for all tables, so that one view reads all tables at one position. Cost:
//     a table can't be rebuilt alone; another version of one table replaces all rows.
//   - A row is the members that domain types list ([domain.Data]), by position, without
//     names. Cost: a type with a new member can't read old rows; the caller raises a version
//     and folds the log again.
//   - Rows and cache entries are bytes in few allocations, so that the garbage collector has
//     no pointers to follow. Cost: each read decodes.
//   - Damage in a file quarantines the whole generation. Cost: no repair. Folding the log
//     again takes less time than proving that a repair is right.
package rows
