package seal

import (
	"errors"
	"fmt"
)

var (
	// ErrForgotten reports a subject whose key was destroyed on purpose. It
	// stays so.
	ErrForgotten = errors.New("forgotten: the key was destroyed")

	// ErrUnknownKey reports a key id that this store never made durable: the
	// data belongs to another store, or the key file is older than the data.
	ErrUnknownKey = errors.New("unknown key: restore the key file that belongs to this log")

	// ErrDamaged reports a key, or sealed data, that isn't what was written.
	ErrDamaged = errors.New("damaged")

	// ErrMasterMissing reports a store with keys and no master key to open it.
	ErrMasterMissing = errors.New("the master key is missing, but keys wrapped by it exist: " +
		"give the master key they were made under, or restore it from backup; a new one can't open them")

	// ErrWrongMaster reports a master key that isn't the store's.
	ErrWrongMaster = errors.New("wrong master key: give the one the store was made under, " +
		"or, if a rotation was interrupted, the other of the two")

	// ErrNoStore reports a directory without keys where none may be made.
	ErrNoStore = errors.New("no key file here: restore it from backup; " +
		"only a new ledger may start with a new one")

	// ErrLocked reports a store that another process, or this one, has open.
	ErrLocked = errors.New("the key store is open elsewhere: stop that process first")

	// ErrClosed reports a store used after Close.
	ErrClosed = errors.New("the key store is closed")
)

// damagedSlotsListed bounds the list in a DamageError: it goes into log lines.
const damagedSlotsListed = 16

// A DamageError is a key file that can't be trusted as it is. It is an
// [ErrDamaged]. Nothing was changed on disk.
type DamageError struct {
	File  string
	Slots []uint32 // the first damaged slots, at most 16; slot n begins at byte 128 n
	Count int      // how many there are in all
}

func (e *DamageError) Error() string {
	if len(e.Slots) > 0 && e.Slots[0] == headerSlot {
		return fmt.Sprintf("seal: the header of %s is damaged, and without it no key opens: "+
			"restore the file from backup", e.File)
	}
	return fmt.Sprintf("seal: %d damaged key slots in %s, first %v: restore the file from backup, "+
		"or open it dropping damaged keys, after which the personal data under them can't be read",
		e.Count, e.File, e.Slots)
}

func (e *DamageError) Unwrap() error { return ErrDamaged }

func damage(file string, slots []uint32) *DamageError {
	first := slots[:min(len(slots), damagedSlotsListed)]
	return &DamageError{File: file, Slots: append([]uint32(nil), first...), Count: len(slots)}
}
