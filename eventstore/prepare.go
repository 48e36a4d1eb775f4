package eventstore

import (
	"errors"
	"fmt"
	"time"

	"authledger/domain"
	"authledger/eventstore/seal"
	"authledger/eventstore/wire"
)

// prepared is a command after the work that needs no state: the hash of its content is
// computed, and its personal members are sealed.
type prepared struct {
	command   domain.Command
	sent      domain.CommandData // the data of the command with the names that the client sent
	naming    naming
	content   domain.Hash
	anonymous bool           // under the policy, the attempt belongs to no user
	policy    *domain.Policy // under which the command was prepared
	personal  *domain.Sealed
	plain     []byte    // the personal members that the sequencer seals; nil if it seals nothing
	arrived   time.Time // of the command at the ledger or at the intake; clock skew is measured from it
}

// preparer prepares commands of one ledger. It is safe for concurrent use.
type preparer struct {
	keys     *seal.Store
	names    *Names
	ledgerID string
	slots    slotCache
	retired  retiredSlots
}

// prepare prepares c under policy.
func (s *preparer) prepare(c domain.Command, policy *domain.Policy, arrived time.Time) (prepared, error) {
	p := prepared{command: c, sent: c.Data, policy: policy, arrived: arrived}
	p.command.Time = c.Time.UTC().Round(0) // the log stores no monotonic reading
	p.command.Rules, p.command.Arrived = domain.Rules, time.Time{}
	if p.command.DecidedOnArrival() {
		p.command.Arrived = p.arrived
	}
	if p.command.Stamped {
		p.command.Time = p.arrived
	}
	return p, s.complete(&p, s.names.find)
}

// prepareAgain prepares a waiting command under the policy in force and with the persons of the newest
// decided record. The policy changes only whether a name is valid.
func (s *sequencer) prepareAgain(t *Ticket, policy *domain.Policy) error {
	p := &t.prepared
	p.policy = policy
	if _, _, login := p.command.LoginName(); !login && !s.names.isPseudonymous {
		return nil
	}
	err := s.complete(p, s.find)
	p.naming.tentative = s.names.isPseudonymous
	return err
}

// complete translates the names of p, computes the hash of its content and seals its personal members.
func (s *preparer) complete(p *prepared, find finder) error {
	if err := s.rename(p, find); err != nil {
		return err
	}
	p.content = wire.Content(&p.command, p.anonymous)
	return s.seal(p)
}

// seal encrypts the personal members, if p has any, under the key of their owner. If the cache does not
// hold the slot of the owner, the sequencer seals them: it looks up the slot, or assigns one.
func (s *preparer) seal(p *prepared) (err error) {
	p.personal, p.plain = nil, nil
	plain := wire.Personal(&p.command, p.anonymous)
	if plain == nil {
		return nil
	}
	slot := s.slots.get(p.owner())
	if slot == 0 {
		p.plain = plain
		return nil
	}
	p.personal, err = s.sealWith(s.keys.Seal, slot, p, plain)
	if err == nil && p.personal == nil {
		p.plain = plain // the owner was erased, and a new person may have another slot
	}
	return err
}

// owner returns the subject whose key seals the personal members of p.
func (p *prepared) owner() string { return domain.KeyOwner(&p.command, p.anonymous) }

// sealWith seals plain, the personal members of p, with a method of the key store. It returns nil
// for a destroyed key, because the ledger keeps no personal data of an erased user.
func (s *preparer) sealWith(seals func(uint32, seal.AAD, []byte) (seal.Sealed, error), slot uint32, p *prepared, plain []byte) (*domain.Sealed, error) {
	c := &p.command
	sealed, err := seals(slot, seal.AAD{Ledger: s.ledgerID, Source: c.Source, ID: c.ID}, plain)
	if errors.Is(err, seal.ErrErased) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("seal the personal data of %s/%s: %w", c.Source, c.ID, err)
	}
	return &domain.Sealed{Slot: sealed.Slot, Nonce: sealed.Nonce, Ciphertext: sealed.Ciphertext}, nil
}

// reused returns the rejection of p, whose id is recorded for a command with other content. A
// fault of the command alone comes before the reused id.
func (p *prepared) reused() *domain.Rejection {
	if wrong := p.command.Validate(p.policy); wrong != nil {
		return wrong
	}
	return idReused
}

// sameContent reports whether a recorded command had the content of p. It accepts both
// hashes of a login, with and without the user, because the policy at the time of the record
// decided whether the user was part of the content.
func (p *prepared) sameContent(recorded domain.Hash) bool {
	if recorded == p.content {
		return true
	}
	_, _, login := p.command.LoginName()
	return login && recorded == wire.Content(&p.command, !p.anonymous)
}
