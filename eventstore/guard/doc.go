// Package guard keeps a copy of a nats-server's files while the server starts, and
// puts the files back if the start fails.
//
// A starting server truncates blocks with a bad record, deletes blocks without a good
// one, and rewrites index.db. [Begin] runs before the server: it checks that every file
// is regular, readable and owned by this user, and makes a guard directory per account.
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
//   - Older blocks are written in place only when the server can't use index.db, and only
//     at a bad record. Begin therefore reads all blocks if index.db is missing or older
//     than the newest block, as the server does, and refuses damage with a
//     *eventstore.Fault before the server starts. Given up: after a crash the blocks are
//     read twice, the second time from the page cache.
//   - With a current index.db the server reads the newest block, which is copied, and the
//     blocks of the duplicate window. Begin reads the latter for the same reason.
//   - A guard becomes valid and invalid by one rename of its directory: name.new is
//     incomplete, name is valid, name.done is released. Begin deletes the first and the
//     last.
//   - The guard's directory is inside the server's, so that one file system holds both,
//     and a restore of the whole directory from a backup removes the guard.
//   - An incomplete record at the end of the newest block was never acknowledged. It is
//     the only part of a block that a successful start may remove.
//   - A file system without hard links gets copies of all blocks.
package guard
