// Package seal stores the keys of personal data, and encrypts and decrypts with them.
//
// The key ring is an array of random keys. The log assigns a slot of the ring to each user,
// and to each month of unattributed attempts. Destroying the key in a slot erases the user's
// personal data, while the log, its hashes and its chain stay unchanged. The master key, which is
// stored elsewhere, protects all keys.
//
// A missing or wrong master key, a store that another process has open, a damaged key and
// an erased user are separate errors. No such error leads to a new key in a slot that had
// one. The package never prints a key. It opens data only under the ledger, source and
// id under which the data was sealed. It knows no commands, no users, no calendar and no permissions.
//
// A caller calls [Store.Reserve], and then [Store.Seal]. A key is on disk before Reserve returns, so
// that a commit needs no fsync of keys. A key that no commit uses does no harm.
//
// Older programs made one key for each subject, in the key file. The package reads, destroys and
// wraps these keys, and makes no new ones.
//
// # Decisions
//
// The ring consists of chunks of 4,096 keys, one file each, generated before the keys are needed: in
// the background when half of the newest chunk is reserved. The first command of a user therefore
// costs no fsync. Given up: half a MiB of disk for a ledger with one user. The assignment of
// slots to users is no part of the store, because the log states it: an older copy of the keys
// lacks the newest chunks, if any, but no single keys.
//
// A chunk is written beside its final name, synced and renamed, so that a chunk is whole or absent.
// An incomplete chunk was never used, and Open removes it. A slot that is not intact
// is therefore always damage: Open fails and names the file and the slots.
//
// The slots are overwritten in place, and are not in a log of keys or in rows of Pebble: a
// destroyed key must leave no copy, and a log and Pebble keep old versions for an unbounded
// time. Given up: the layers below the file (snapshots, copy on write, spare cells of an SSD,
// backups) may keep copies. These copies become unreadable only if the operator rotates the
// master key and destroys every copy of the old master key.
//
// A slot has 128 bytes, so that it never crosses a 512-byte sector, which disks write whole
// or not at all. Given up: packing, which would save 52 bytes for each key.
//
// The master key wraps a ring key in the key file, and the ring key wraps the slots. A rotation
// replaces the key file at once, by a file with a new ring key and the previous one. From then on
// only the new master key is needed, whatever crashes. The chunks are wrapped again in the background
// while the store is in use, and then the previous ring key is overwritten. With the
// master key in each slot, a crash would leave chunks under two master keys. A new ring key, and
// not the previous one wrapped again, makes old copies of the chunks unreadable too.
//
// Unwrapped keys are cached by slot in arrays of a fixed size, at most 5 MiB. Given up: with more
// than 131,072 users in turns, sealing reads a slot of the file for most commands.
//
// A slot in another sector than the header names the ledger of the store. The master key
// authenticates it, so that the package detects keys from another directory before their use.
// The slot is not in the sector of the header, because a failed write could damage the header,
// and without the header no key opens. Given up: this package does not detect a damaged
// binding; the caller proves the keys with data that they must open.
//
// The key file stores an HMAC of each subject of an older program. Neither the file nor the ring lists
// the users. Given up: [Store.Destroy] reads all keys of older programs.
//
// The HMAC and the buckets depend on a random root secret in the header and not on the
// master key, so that a rotation changes neither. Given up: a rotation does not renew the
// root secret or the data keys. An attacker who has read them can still use them.
//
// Nonces are random and not counters, so that a restored backup or a second process cannot
// repeat one. Given up: the usual bound of 2^32 seals for each key is not enforced. The key
// of a month exceeds that bound at more than 1,600 unattributed attempts a second. At 64
// times that rate, the probability that two nonces of the month are equal is 1 in 2^21.
//
// In the slots of an older program a nonzero mark at the end, which was written last,
// distinguishes damage from an unfinished write, which Open drops. A count of acknowledged slots
// shows that whole slots at the end were zeroed or cut off.
//
// [Options.DropDamaged] also drops damaged marks of destroyed keys. The caller of Open must then call
// [Store.Destroy] again for each erased slot.
//
// After a failed fsync every write fails until the store is opened again: the kernel may
// have dropped the pages, and a second fsync would report success without writing them. A
// failed generation of a chunk may be repeated, because it writes a new file.
package seal
