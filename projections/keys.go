package projections

import (
	"context"
	"errors"
	"math"

	"authledger/domain"
	"authledger/projections/rows"
)

// keys holds the slot of the key ring that the records of each owner name: of a user, of a sharing, of
// the configuration, or of a month of unattributed attempts. A record assigns the slot if it is higher
// than the slots of all records before. The fold of an erasure removes the slot of the user, and lists as
// erased the slot of the user and the slots of the sharings of the user that have a sealed note. Such a
// sharing keeps its erased slot, so that the ledger stores no later note about it. A month whose retention
// has ended keeps its slot for the same reason.
var keys = &Projection{Name: "keys", Version: 4, Table: 'e', Fold: foldKeys}

// keySlotRow is a slot of the key ring.
type keySlotRow struct{ slot int64 }

func (r *keySlotRow) Members(v domain.Visitor) {
	v.Count("slot", &r.slot, domain.Form{Need: true, Most: math.MaxUint32})
}

// keyLinkRow is an element of the list of the other owners whose keys seal data about a user.
type keyLinkRow struct{ owner string }

func (r *keyLinkRow) Members(v domain.Visitor) { v.Text("owner", &r.owner, domain.Free) }

// Kinds of rows. Keys contain them.
const (
	keyOfOwner byte = iota + 1
	keyAssignedLast
	keyErased     // a slot by the record that erased it and the owner
	keyLinkedLast // of a user: the newest element of the list
	keyLinked     // of a user and an element of the list: the element before it
	keyRetained   // the months with personal data whose keys exist
	keyExpired    // of a month whose retention has ended: the slot with which it is listed as erased
)

func foldKeys(t *Table, s *Step) error {
	if user := s.Record.Forgotten(); user != "" {
		if err := eraseKeys(t, s.Record.Seq, user); err != nil {
			return err
		}
	} else if err := assignKey(t, s); err != nil {
		return err
	}
	return expireKeys(t, s)
}

// assignKey assigns the slot that a record names to the owner of the record's key.
func assignKey(t *Table, s *Step) error {
	p := s.Record.Personal
	if p == nil {
		return nil
	}
	if len(s.Record.Entities) > 1 { // a record of one user is sealed under the key of that user
		if err := linkKeys(t, s.Record); err != nil {
			return err
		}
	}
	if p.Slot == 0 {
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

// linkKeys adds the owner of the record's key to the list of each user that the record names.
func linkKeys(t *Table, r *domain.Record) error {
	owner := r.KeyOwner()
	for _, entity := range r.Entities {
		user, isUser := entity.User()
		if !isUser || owner == string(entity) {
			continue
		}
		isLinked, err := t.Get(linkKey(t.Key(), user, owner), new(keyLinkRow))
		if err != nil {
			return err
		}
		if isLinked {
			continue
		}
		var last keyLinkRow
		if _, err := t.Get(lastLinkKey(t.Key(), user), &last); err != nil {
			return err
		}
		t.Put(linkKey(t.Key(), user, owner), &last)
		t.Put(lastLinkKey(t.Key(), user), &keyLinkRow{owner})
	}
	return nil
}

// eraseKeys lists the keys of a user and of the owners in the list of the user as erased by a record,
// and removes the list.
func eraseKeys(t *Table, seq uint64, user string) error {
	own := string(domain.UserEntity(user))
	if err := eraseKey(t, seq, own); err != nil {
		return err
	}
	t.Remove(ownerKey(t.Key(), own)) // so that a new person gets a new key
	var link keyLinkRow
	if _, err := t.Get(lastLinkKey(t.Key(), user), &link); err != nil {
		return err
	}
	t.Remove(lastLinkKey(t.Key(), user))
	for link.owner != "" {
		owner := link.owner
		if err := eraseKey(t, seq, owner); err != nil {
			return err
		}
		link = keyLinkRow{}
		isLinked, err := t.Get(linkKey(t.Key(), user, owner), &link)
		if err != nil {
			return err
		}
		if !isLinked {
			return rows.AsDamage(errors.New("keys: a list of the owners of a user's keys lacks an element"))
		}
		t.Remove(linkKey(t.Key(), user, owner))
	}
	return nil
}

// eraseKey lists the owner with its slot, 0 for an owner without one, because an older program may
// have made a key for the owner.
func eraseKey(t *Table, seq uint64, owner string) error {
	var row keySlotRow
	if _, err := t.Get(ownerKey(t.Key(), owner), &row); err != nil {
		return err
	}
	t.Put(erasedKey(t.Key(), seq).Tail(owner), &row)
	return nil
}

func ownerKey(k rows.Key, owner string) rows.Key { return append(k, keyOfOwner).Tail(owner) }

func lastKeyKey(k rows.Key) rows.Key { return append(k, keyAssignedLast) }

func erasedKey(k rows.Key, seq uint64) rows.Key { return append(k, keyErased).Number(seq) }

func lastLinkKey(k rows.Key, user string) rows.Key { return append(k, keyLinkedLast).Tail(user) }

func linkKey(k rows.Key, user, owner string) rows.Key {
	return append(k, keyLinked).Text(user).Tail(owner)
}

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

// EachErased calls each with the owners whose keys the records from seq on erased, and with their
// slots of the key ring, 0 for an owner without a slot.
func (e *Engine) EachErased(seq uint64, each func(owner string, slot uint32)) error {
	v, err := e.View(context.Background())
	if err != nil {
		return err
	}
	defer v.Close()
	for k, b := range v.Scan(erasedKey(keys.key(), seq), append(keys.key(), keyErased).After()) {
		_, owner, err := k[2:].CutNumber()
		if err != nil {
			return v.Damage(k, err)
		}
		var row keySlotRow
		if err := v.Decode(k, b, &row); err != nil {
			return err
		}
		each(string(owner), uint32(row.slot))
	}
	return v.Err()
}
