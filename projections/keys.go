package projections

import (
	"math"

	"authledger/domain"
	"authledger/projections/rows"
)

// keys holds the slot of the key ring that the records of each owner name: of a user, of a sharing, of
// the configuration, or of a month of unattributed attempts. A record assigns the slot if it is higher
// than the slots of all records before.
var keys = &Projection{Name: "keys", Version: 1, Table: 'e', Fold: foldKeys}

// keySlotRow is a slot of the key ring.
type keySlotRow struct{ slot int64 }

func (r *keySlotRow) Members(v domain.Visitor) {
	v.Count("slot", &r.slot, domain.Form{Need: true, Most: math.MaxUint32})
}

// Kinds of rows. Keys contain them.
const (
	keyOfOwner byte = iota + 1
	keyAssignedLast
)

func foldKeys(t *Table, s *Step) error {
	p := s.Record.Personal
	if p == nil || p.Slot == 0 {
		return nil
	}
	last, err := t.Edit(lastKeyKey(t.Key()), func() domain.Data { return new(keySlotRow) })
	if err != nil {
		return err
	}
	row := last.row.(*keySlotRow)
	if int64(p.Slot) <= row.slot {
		return nil
	}
	row.slot = int64(p.Slot)
	t.Changed(last)
	t.Put(ownerKey(t.Key(), s.Record.KeyOwner()), &keySlotRow{row.slot})
	return nil
}

func ownerKey(k rows.Key, owner string) rows.Key { return append(k, keyOfOwner).Tail(owner) }

func lastKeyKey(k rows.Key) rows.Key { return append(k, keyAssignedLast) }

// KeySlot returns the slot of the key ring that is assigned to an owner, 0 if no slot is.
func (e *Engine) KeySlot(owner string) (uint32, error) {
	if rows.CheckNames(owner) != nil { // no record has such an owner
		return 0, nil
	}
	return e.keySlot(ownerKey(keys.key(), owner))
}

// LastKeySlot returns the highest slot of the key ring that is assigned, 0 if no slot is.
func (e *Engine) LastKeySlot() (uint32, error) { return e.keySlot(lastKeyKey(keys.key())) }

func (e *Engine) keySlot(k rows.Key) (uint32, error) {
	var row keySlotRow
	_, err := e.read(k, &row)
	return uint32(row.slot), err
}
