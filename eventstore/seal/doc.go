// Package seal keeps the keys of personal data, and seals and opens with them.
//
// Every person has a random key of their own, so that a person can be
// forgotten by destroying one key while the log, its hashes and its chain stay
// as they are. Attempts that belong to nobody share one key a month. The keys
// lie in one file, each wrapped by the master key, which lies elsewhere.
//
// It refuses to guess: a master key that is missing or wrong, a key file that
// another process has open, a damaged key and a forgotten person are each an
// error of their own, and none of them ends in a fresh key for a subject that
// had one. It refuses to print a key, and to open under another ledger, source
// or id what was sealed under this one. It doesn't know what a command is, what
// the months are, or who may reveal what.
//
// The order that a caller owes: [Store.Seal], then [Store.Sync], then send the
// commit. A key that no commit uses is harmless; a commit whose key is lost is
// not.
//
// # Decisions
//
// One file of fixed slots, overwritten in place, and not a log of keys or rows
// in Pebble: destroying must leave no copy behind, and both keep old versions
// for as long as they please. Given up: what lies under the file (snapshots,
// copy on write, the spare cells of an SSD, backups) may remember; only the loss
// of the master, after a rotation, reaches there.
//
// A slot is 128 bytes, so that it never crosses a 512-byte sector, which disks
// write whole or not at all. Given up: 36 bytes a key that could be packed.
//
// Torn or rotten? A slot ends in a mark that isn't zero and is written last. A
// slot without it was never written to the end, so no Sync acknowledged it: it is
// dropped on Open. A slot with the mark and a bad checksum was complete once and
// is damaged: Open refuses, however close to the end it lies, as no single
// flipped bit can turn one into the other. A count of acknowledged slots, written
// after each fsync and on disk with the next or with Close, adds what the mark
// can't tell: that whole slots at the end were zeroed or cut off. Given up: after
// a power cut, the loss of whole sectors of the very last Sync isn't noticed on
// Open, only when their data is opened ([ErrUnknownKey]). A second fsync for
// every new user would buy that.
//
// The subject is stored as an HMAC, in memory as its first 8 bytes: a million
// keys cost some 40 MB, and neither the file nor a heap dump lists the users.
// Given up: subjects can't be listed, and a key that isn't cached costs a read
// of its slot, which is also what notices damage while running.
//
// Index and buckets hang on a random root secret in the header, not on the
// master: a rotation re-wraps and changes neither. Given up: a rotation doesn't
// renew the root or the data keys. Who has seen those keeps them.
//
// Random nonces, no counters: a restored backup or a second process can't
// repeat one. Given up: the usual bound of 2^32 seals a key, which only a month
// under a flood beyond 1,600 unattributed attempts a second comes near; at 64
// times that, two nonces of the month are equal with a chance of 1 in 2^21.
//
// Destroying leaves a tombstone, also for a subject that never had a key: the
// log says who is forgotten, and a restored key file must not forget that.
// After [Options.DropDamaged] the tombstones among the dropped are gone too,
// until the start destroys again what the log says is forgotten.
//
// After a failed fsync nothing is promised any more until the store is opened
// again: the kernel may have dropped the pages, and a second fsync would lie.
package seal
