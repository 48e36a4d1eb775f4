package eventstore

import (
	"fmt"
	"sync"

	"authledger/domain"
	"authledger/eventstore/seal"
)

// EraseKeys destroys the keys of the owners that the folded log has erased: the keys that a crash left
// between a record and their destruction, and the keys of an older copy of the key files. It is
// idempotent.
func EraseKeys(keys *seal.Store, state State) error {
	return eraseKeys(keys, state, 0, func(string, uint32) {})
}

// eraseKeys destroys the keys of the owners that the folded records from seq on erased. It calls retire
// with each owner that has a slot before it destroys a key.
func eraseKeys(keys *seal.Store, state State, seq uint64, retire func(owner string, slot uint32)) error {
	var slots []uint32
	var owners []string
	err := state.EachErased(seq, func(owner string, slot uint32) {
		slots, owners = append(slots, slot), append(owners, owner)
		if slot > 0 {
			retire(owner, slot)
		}
	})
	if err != nil {
		return fmt.Errorf("find the erased keys: %w", err)
	}
	if len(owners) == 0 {
		return nil
	}
	if err := keys.Destroy(slots, owners); err != nil {
		return fmt.Errorf("destroy the erased keys: %w", err)
	}
	return nil
}

// retire marks the slot of an owner as erased, and then removes it from the cache and the index of names. The
// cache keeps the slot of a new person with the name.
func (s *preparer) retire(owner string, slot uint32) {
	s.retired.add(slot)
	s.slots.evict(owner, slot)
	s.names.index.remove(slot)
}

// cache adds the slot of an owner to the cache, unless the slot is erased. Another goroutine can retire the
// slot at the same time: retire marks the slot before it evicts the slot, so that at least one of the two
// goroutines evicts the slot.
func (s *preparer) cache(owner string, slot uint32) {
	if s.retired.has(slot) {
		return // a put into a full cache would remove another slot
	}
	s.slots.put(owner, slot)
	if s.retired.has(slot) {
		s.slots.evict(owner, slot)
	}
}

// retiredSlots holds the slots of the key ring whose keys this process has erased: one entry for each
// erased key, until the process ends. A command that was prepared before an erasure may be sealed under
// such a slot. A retiredSlots is safe for concurrent use.
type retiredSlots struct {
	mu    sync.RWMutex
	slots map[uint32]bool
}

// isErased reports whether p is sealed under a key that a record has erased since p was prepared. A new
// person with the name has no data under that key.
func (s *sequencer) isErased(p *prepared) bool {
	if p.personal == nil {
		return false
	}
	if s.overlay.erases() {
		if slot, isSet := s.overlay.assigned(p.owner()); isSet && slot != p.personal.Slot {
			return true
		}
	}
	return s.retired.has(p.personal.Slot)
}

func (r *retiredSlots) add(slot uint32) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.slots == nil {
		r.slots = make(map[uint32]bool)
	}
	r.slots[slot] = true
}

func (r *retiredSlots) has(slot uint32) bool {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.slots[slot]
}

// isPastRetention reports whether p is an unattributed attempt of a month whose retention has ended. The
// ledger stores no personal data of such an attempt (PERSON-4).
func (s *sequencer) isPastRetention(p *prepared) bool {
	return p.anonymous && domain.IsPastRetention(p.owner(), s.commitTime())
}

// eraseFolded destroys the keys that a folded commit erased: those of the forgotten users, and those of
// the months whose retention has ended at the time of the commit. The slots are retired before the keys
// are destroyed. The cache already holds the slots that the commit assigned, so that it keeps no erased slot.
func (s *sequencer) eraseFolded(c *domain.Commit) error {
	if oldest := domain.OldestRetained(c.Time); oldest != s.oldestRetained {
		if s.oldestRetained != "" {
			s.log.Info("the retention of older unattributed attempts has ended", "oldestKept", oldest)
		}
		s.oldestRetained = oldest
		return eraseKeys(s.keys, s.state, c.First, s.retire)
	}
	for i := range c.Records {
		r := &c.Records[i]
		if r.Forgotten() != "" || domain.IsPastRetention(r.MonthOwner(), c.Time) {
			return eraseKeys(s.keys, s.state, r.Seq, s.retire)
		}
	}
	return nil
}
