package eventstore

import (
	"errors"
	"fmt"

	"authledger/domain"
	"authledger/eventstore/seal"
)

// assignment is a key that the sequencer chose for the personal members of one command.
type assignment struct {
	personal *domain.Sealed // nil if the key of the owner was destroyed
	owner    string
	slot     uint32 // of an owner without a key; 0 if the owner has one
}

// assign seals the personal members of p, whose owner had no slot in the cache when p was prepared. For
// an owner without a key it chooses the slot after the highest slot that a record names, so that no
// slot is assigned twice. The slot is assigned when the record is added to a commit; a slot
// whose commit is lost is chosen again.
func (s *sequencer) assign(states *memo, p *prepared) (assignment, error) {
	a := assignment{owner: p.owner()}
	slot, err := s.slotOf(states, a.owner)
	if err != nil {
		return a, err
	}
	if slot > 0 {
		a.personal, err = s.sealWith(s.keys.Seal, slot, p, p.plain)
		return a, err
	}
	last, err := s.overlay.LastKeySlot()
	if err != nil {
		return a, err
	}
	for slot = last + 1; ; slot++ {
		if err := s.keys.Reserve(slot); err != nil {
			return a, fmt.Errorf("%w: start again", err)
		}
		a.personal, err = s.sealWith(s.keys.SealNew, slot, p, p.plain)
		isUnusable := errors.Is(err, seal.ErrGivenUp) || err == nil && a.personal == nil
		if !isUnusable {
			a.slot = slot
			return a, err
		}
	}
}

// slotOf returns the slot of an owner, 0 for an owner without a key.
func (s *sequencer) slotOf(states *memo, owner string) (uint32, error) {
	if slot, isSet := s.overlay.assigned(owner); isSet {
		return slot, nil
	}
	// A user whom no record names has no key. The decision has read the state of the user.
	if name, ok := domain.Entity(owner).User(); ok {
		if u, err := states.User(name); err != nil || u.Clock.IsZero() {
			return 0, err
		}
	}
	slot, err := s.state.KeySlot(owner)
	if err == nil && slot > 0 {
		s.cache(owner, slot)
	}
	return slot, err
}

// keepSlots adds the slots that a folded layer assigned to the cache.
func (s *sequencer) keepSlots(l *layer) {
	for owner, slot := range l.slots {
		if slot > 0 {
			s.cache(owner, slot)
		}
	}
}

// reserveKeys makes keys for the next owners. It returns a *Fault if the ring lacks slots that the
// log assigns, unless the operator has given up missing keys.
func (l *Ledger) reserveKeys() error {
	last, err := l.state.LastKeySlot()
	if err != nil {
		return err
	}
	if b, _ := l.keys.Binding(); uint64(last) > l.keys.Slots() && b.GivenUp == 0 {
		return &Fault{Err: fmt.Errorf("%s lacks keys of this ledger, as an older copy does: it holds the slots up to %d, and the log assigns slot %d: %s",
			l.keys.Path(), l.keys.Slots(), last, restoreKeys(l.keys.Path()))}
	}
	if err := l.keys.Reserve(last + 1); err != nil {
		return fmt.Errorf("make keys for new users: %w", err)
	}
	return nil
}
