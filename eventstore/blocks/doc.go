// Package blocks reads a realm's log from the block files of nats-server, without
// a server.
//
// A [Store] is an [eventstore.Reader] on one stream's directory. It checks the
// checksum of every record that it returns, and that positions have no gap. It
// never writes, renames or deletes a file, and never follows a link. It knows
// nothing of commits, hashes of the chain or projections.
//
// The format is that of nats-server's filestore.go: msgs/N.blk holds records one
// after the other, numbers are little-endian:
//
//	length(4) position(8) time(8) subjectLength(2) subject [headerLength(4) header] message checksum(8)
//
// The highest bit of length marks a record with a header. The two highest bits of
// position mark an erased record and a tombstone, the record of a deletion. The
// checksum is HighwayHash-64 under the key SHA-256("<stream>-<N>"), over position,
// time, subject, header and message. testdata holds a log written by each server
// version that this package has been tested with.
//
// # Decisions
//
//   - The package does not read index.db: the server uses the file only to start faster, and
//     the file need not agree with the records.
//   - A deleted or erased message is a *eventstore.Fault: the streams of a ledger
//     refuse deletion.
//   - An incomplete record at the end of the newest block is not part of the log,
//     because the server acknowledges a record only after the whole record is on disk. The
//     caller compares the end of the log with the positions in the head and in the
//     projections. A complete record with a wrong checksum is a *eventstore.Fault, also at
//     the end.
//   - Only damage is a *eventstore.Fault: wrong bytes, a missing file or a missing
//     position. An error of the operating system on open or read (EACCES, EMFILE,
//     ENOMEM, EIO) and a file that is not regular are ordinary errors, because the
//     bytes may be intact.
//   - No file stays open between calls, so that an open Store needs no descriptor.
//     Given up: about 10 µs for each Get.
package blocks
