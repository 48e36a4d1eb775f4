// Package guard keeps a copy of a nats-server's files while the server starts, and
// puts the files back if the start fails.
//
// A starting server truncates blocks with a damaged record, deletes blocks without an intact
// record, and rewrites index.db. [Begin] runs before the server: it checks that every file is
// regular, readable and owned by this user, and makes a guard directory for each account.
// [Set.Release] removes an account's guard after the checks of the log have passed.
// [Set.Restore] runs after the server has stopped: it puts every file back byte for byte
// and deletes the files that the server has added. A process that is killed while a guard
// exists leaves it on disk, and the next Begin restores the files first.
//
// The package starts and stops no server. It never follows a symbolic link.
//
// # Decisions
//
//   - A guard holds hard links of the blocks, so that its cost does not depend on the
//     bytes of the log, and copies of the files that the server may write in place: the
//     newest block, index.db and the metadata.
//   - The server writes older blocks in place only when it can't use index.db, and only at a
//     damaged record. If index.db is missing or older than the newest block, Begin therefore
//     reads all blocks, as the server does, and returns a *eventstore.Fault for damage before
//     the server starts. Given up: after a crash the node reads the blocks twice, the second
//     time from the page cache.
//   - With a current index.db the server reads only the newest block, which the guard has
//     copied, and the blocks of the duplicate window. Begin then checks the blocks of the
//     duplicate window for damage.
//   - One rename of its directory makes a guard valid or invalid: name.new is incomplete,
//     name is valid, name.done is released. Begin deletes incomplete and released guards.
//   - The guard's directory is inside the server's directory, so that one file system holds
//     both, and a restore of the server's directory from a backup removes the guard.
//   - An incomplete record at the end of the newest block was never acknowledged. It is
//     the only part of a block that a successful start may remove.
//   - A file system without hard links gets copies of all blocks.
package guard
