// Package seal stores the keys of personal data, and encrypts and decrypts with them.
//
// Each user has a separate random key. Destroying that key erases the user's personal data,
// while the log, its hashes and its chain stay unchanged. Unattributed attempts share one
// key for each month. All keys are in one file, each wrapped by the master key, which is
// stored elsewhere.
//
// A missing or wrong master key, a key file that another process has open, a damaged key and
// an erased user are separate errors. No such error leads to a new key for a subject that
// had one. The package never prints a key. It opens data only under the ledger, source and
// id under which the data was sealed. It knows no commands, no calendar and no permissions.
//
// A caller MUST call [Store.Seal], then [Store.Sync], and then send the commit. A key that no
// commit uses does no harm. If the key of a commit is lost, the personal data in the commit is
// unreadable.
//
// # Decisions
//
// The keys are in one file of fixed slots that the package overwrites in place, and not in a
// log of keys or in rows of Pebble: a destroyed key must leave no copy, and a log and Pebble
// keep old versions for an unbounded time. Given up: the layers below the file (snapshots, copy
// on write, spare cells of an SSD, backups) may keep copies. These copies become unreadable only
// if the operator rotates the master key and destroys every copy of the old master key.
//
// A slot has 128 bytes, so that it never crosses a 512-byte sector, which disks write whole
// or not at all. Given up: packing, which would save 36 bytes for each key.
//
// An unfinished write and damage are distinguished by a nonzero mark at the end of a slot, which
// is written last. A slot without the mark was not finished, and no Sync acknowledged it:
// Open drops it. A slot with the mark and a bad checksum was complete and is damaged: Open
// fails, also for the last slot. A single flipped bit can't turn a damaged slot into one
// that looks unfinished, or the reverse. A count of acknowledged slots shows that whole
// slots at the end were zeroed or cut off. The count is written after each fsync and is on
// disk with the next fsync or with Close. Given up: after a power cut, Open does not detect
// that whole sectors of the last Sync are lost. [Store.Unseal] of data under the lost keys
// then returns [ErrUnknownKey]. Detection by Open would cost a second fsync for every new
// user.
//
// A slot in another sector than the header names the ledger of the store. The master key
// authenticates it, so that the package detects keys from another directory before their use.
// The slot is not in the sector of the header, because a failed write could damage the header,
// and without the header no key opens. Given up: this package does not detect a damaged
// binding; the caller proves the keys with data that they must open.
//
// The file stores an HMAC of each subject, and the index in memory holds the first 8 bytes of
// each HMAC. A million keys need about 40 MB. Neither the file nor the index lists the users;
// only the cache holds names of subjects. Given up: subjects cannot be listed, and a key that
// is not cached costs a read of its slot. That read also detects damage at run time.
//
// The index and the buckets depend on a random root secret in the header and not on the
// master key, so that a rotation changes neither. Given up: a rotation does not renew the
// root secret or the data keys. An attacker who has read them can still use them.
//
// Nonces are random and not counters, so that a restored backup or a second process cannot
// repeat one. Given up: the usual bound of 2^32 seals for each key is not enforced. The key
// of a month exceeds that bound at more than 1,600 unattributed attempts a second. At 64
// times that rate, the probability that two nonces of the month are equal is 1 in 2^21.
//
// Destroying leaves a tombstone, also for a subject that never had a key, so that the
// subject stays erased. [Options.DropDamaged] also drops damaged tombstones. The caller of Open
// must then call [Store.Destroy] again for each erased subject.
//
// After a failed fsync every write fails until the store is opened again: the kernel may
// have dropped the pages, and a second fsync would report success without writing them.
package seal
