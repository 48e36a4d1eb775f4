package eventstore

import (
	"time"

	"authledger/domain"
)

// State is the log folded up to one position. The sequencer decides on it; the projections
// implement it. Reads MUST be safe for concurrent use, also with Fold, and MUST see every
// commit whose Fold has returned.
type State interface {
	domain.States

	// Position returns the end of the newest folded commit.
	Position() domain.Position

	// Command returns the record with this source and id, and the hash of its content.
	// Records are never removed from this index (docs/rules.md, "Idempotency").
	Command(source, id string) (seq uint64, content domain.Hash, found bool, err error)

	// Locate returns the stream position of the commit that holds a record at or before
	// Position.
	Locate(seq uint64) (stream uint64, err error)

	// Fold folds the commit that follows Position, and returns an error for any other commit.
	// It MUST NOT keep references into c, because the caller reuses the memory. It blocks
	// while too many folded commits are not yet on disk. After an error the state is
	// unusable, and the node stops.
	Fold(c *domain.Commit) error

	// KeySlot returns the slot of the key ring that the newest record with personal data of an
	// owner assigned to the owner, 0 if no record did.
	KeySlot(owner string) (uint32, error)

	// LastKeySlot returns the highest slot of the key ring that a record assigned, 0 if no
	// record did.
	LastKeySlot() (uint32, error)

	// EachErased calls each, in the order of the records, with the owners whose keys the records
	// from seq on erased, and with their slots of the key ring at the erasure, 0 for an owner
	// without a slot. The first record of a commit erases each month whose retention has ended at
	// the time of the commit ([domain.IsPastRetention]). A record that names the key of such a
	// month erases the month, unless an earlier record has erased it with that slot. EachErased
	// MUST see every commit whose Fold has returned.
	EachErased(seq uint64, each func(owner string, slot uint32)) error

	// Introduction returns the sealed name of the person with a pseudonym, nil if no record introduced
	// the pseudonym, or if the person is forgotten.
	Introduction(pseudonym string) (*domain.Sealed, error)

	// EachIntroduction calls each with the pseudonyms that the records from seq on introduced, except
	// those of forgotten persons, and with their sealed names. It MUST see every commit whose Fold has
	// returned.
	EachIntroduction(seq uint64, each func(pseudonym string, name *domain.Sealed)) error

	// Due returns at most max deadlines at or before t, earliest first, of entities whose
	// newest record is not a backfill. It MUST see every commit whose Fold has
	// returned.
	Due(t time.Time, max int) ([]domain.Deadline, error)
}
