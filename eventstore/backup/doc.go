// Package backup writes the commits of a log to a backup, and reads them back.
//
// A backup is a directory, or one tar stream of the same files, in this order:
//
//	ledger.json                  the manifest of the ledger: realm, id, configuration of the stream
//	000000000001-000000000812.commits   a segment: the exact bytes of these commits
//	…
//	backup.json                  the manifest of the backup: its end, and each segment with its SHA-256
//
// The key ring is a separate file, so that a thief of the backup and the master key can't read personal
// data. The keys are copied as they are on disk, encrypted by the master key.
//
// The package refuses to write a backup of a log whose chain it can't prove, to extend the backup of
// another ledger or of another history of the same ledger, and to yield a commit that does not follow from
// the commit before it. It publishes nothing, decrypts nothing, and knows no rule and no row.
//
// # Decisions
//
//   - backup.json is written last, by a rename, after the fsync of all segments and of the directory. A
//     backup that was interrupted therefore leaves the former backup, or no backup. Files that
//     backup.json does not list are the remains of an interrupted backup, and the next one removes them.
//   - A segment has 16 MiB, and the commit that completes it may exceed them, so that one segment fits in memory.
//     In a directory its SHA-256 is checked before any of its commits is used, in a stream only at the end. A later backup continues the last segment in a file with a new name, and
//     removes the former file after backup.json lists the new one. Given up: up to 16 MiB are written again
//     for each backup.
//   - The stream is a tar archive, so that `tar -x` makes it a directory that can be restored and
//     extended. The manifest is its last file, so that a stream that was cut off has none.
//   - Commits are copied without decoding their records: the hash in each commit proves the commit
//     before it, and the SHA-256 of the segment detects damage of the last one. The verification at the end of a restore decodes them.
//   - Each commit has a checksum of its own beside the SHA-256 of its segment, so that an error names the
//     damaged position.
//   - The keys are one file that each backup replaces as a whole, so that no earlier copy of a destroyed
//     key stays beside the newer copy. Given up: half a MiB for each 4,096 keys is copied each time.
package backup
