package seal

import (
	"errors"
	"fmt"
)

var (
	// ErrErased reports a subject whose key was destroyed on purpose. It is permanent.
	ErrErased = errors.New("erased: the key was destroyed")

	// ErrUnknownKey reports a slot or a key id that this store does not hold: the data belongs to
	// another store, or the key file is older than the data.
	ErrUnknownKey = errors.New("unknown key: restore the key file that belongs to this log")

	// ErrDamaged reports a key or sealed data that was altered.
	ErrDamaged = errors.New("damaged")

	// ErrGivenUp reports a key that was damaged and given up, see Options.DropDamaged. It
	// is an ErrDamaged.
	ErrGivenUp = fmt.Errorf("the key was given up: %w", ErrDamaged)

	// ErrMasterMissing reports a store with keys and no master key to open it.
	ErrMasterMissing = errors.New("the master key is missing, but keys wrapped by it exist: " +
		"give the master key they were made under, or restore it from backup; a new one can't open them")

	// ErrWrongMaster reports a master key that does not open the store.
	ErrWrongMaster = errors.New("wrong master key: give the master key of the store, " +
		"or the other master key if a rotation was interrupted")

	// ErrNoStore reports a directory without a key file when Options.Create is false.
	ErrNoStore = errors.New("key file not found: restore it from backup; " +
		"only a new ledger may start with a new key file")

	// ErrForeignFile reports a file that this package did not create in the directory of the ring.
	ErrForeignFile = errors.New("the file is not a chunk of keys: move it to another directory")

	// ErrLocked reports a store that is already open, in this or another process.
	ErrLocked = errors.New("the key store is open elsewhere: stop that process first")

	// ErrClosed reports a call after Close.
	ErrClosed = errors.New("the key store is closed")
)

// damagedSlotsListed is the maximum number of slots that a DamageError lists.
const damagedSlotsListed = 16

// A DamageError reports a damaged key file. It wraps [ErrDamaged]. Open has not changed the
// file.
type DamageError struct {
	File  string
	Slots []uint32 // the first damaged slots, at most 16; slot n begins at byte 128 n
	Count int      // number of damaged slots

	isHead bool // the header or the ring key is damaged
}

func (e *DamageError) Error() string {
	if e.isHead {
		return fmt.Sprintf("seal: the header of %s is damaged, and without it no key opens: "+
			"restore the file from backup", e.File)
	}
	return fmt.Sprintf("seal: %d damaged key slots in %s, first %v: restore the file from backup, "+
		"or run `authledger verify --drop-damaged-keys`, after which the personal data under the damaged keys can't be read",
		e.Count, e.File, e.Slots)
}

func (e *DamageError) Unwrap() error { return ErrDamaged }

// headDamage reports a damaged header or ring key of the key file.
func headDamage(file string, n uint32) *DamageError {
	d := damage(file, []uint32{n})
	d.isHead = true
	return d
}

func damage(file string, slots []uint32) *DamageError {
	first := slots[:min(len(slots), damagedSlotsListed)]
	return &DamageError{File: file, Slots: append([]uint32(nil), first...), Count: len(slots)}
}
