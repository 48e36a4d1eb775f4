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
//   - Only the writer goroutine writes, and a read never causes a write. A view is a snapshot
//     of Pebble, and the rows of at most two spans that are not in Pebble yet. To make a view,
//     a span is frozen: a later commit appends a new version of a frozen row, so no row is
//     copied. A scan merges these rows into the rows of Pebble. Cost: the first read of a table
//     after a commit sorts the new rows of the table. A process that reads three tables after
//     each commit of 1 or 256 records uses 0.8 or 0.96 times the processor time that it used
//     when each view waited for a write. The second process had 1.15 times the peak memory.
//   - A view keeps its spans in memory until Close, and the memory of these spans is not used
//     for later spans. Views of one span share its rows and their sorted runs, so the memory
//     depends on the number of spans, not of views. Cost: each span that an open view reflects
//     stays in memory. A caller that keeps a view for long uses [Store.StoredView].
//   - One checkpoint for all tables, so that one view reads all tables at one position. Cost:
//     a table can't be rebuilt alone; another version of one table replaces all rows.
//   - A row is the members that domain types list ([domain.Data]), by position, without
//     names. Cost: a type with a new member can't read old rows; the caller raises a version
//     and folds the log again.
//   - A filter in memory contains the keys of the tables in which most searches find nothing,
//     such as the ids of new commands, so that these searches do not read Pebble. It takes at
//     most 33 MiB. A start scans the keys in the background, at half speed, and reads use
//     the filter after the scan. Given up: a filter on disk beside the checkpoint, which a start
//     would have to prove; and the filter itself where Pebble has more than 22 million keys at
//     a start.
//   - Rows and cache entries are bytes in few allocations, so that the garbage collector has
//     no pointers to follow. Cost: each read decodes.
//   - Damage in a file quarantines the whole generation. Cost: no repair. Folding the log
//     again takes less time than proving that a repair is right.
package rows
