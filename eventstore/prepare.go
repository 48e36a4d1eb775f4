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
	ledgerID string
	slots    slotCache
	retired  retiredSlots
}

// prepare prepares c under policy.
func (s *preparer) prepare(c domain.Command, policy *domain.Policy, arrived time.Time) (prepared, error) {
	p := prepared{command: c, policy: policy, arrived: arrived}
	p.command.Time = c.Time.UTC().Round(0) // the log stores no monotonic reading
	p.command.Rules, p.command.Arrived = domain.Rules, time.Time{}
	if p.command.DecidedOnArrival() {
		p.command.Arrived = p.arrived
	}
	if p.command.Stamped {
		p.command.Time = p.arrived
	}
	if name, unknown, login := c.LoginName(); login && (unknown || policy.BadName(*name) != nil) {
		p.anonymous = true
		p.command.Bucket = domain.SourceEntity(s.keys.Bucket(c.Address()))
	}
	p.content = wire.Content(&p.command, p.anonymous)
	return p, s.seal(&p)
}

// prepareAgain prepares a waiting command under a policy that was adopted after the first
// preparation. The policy changes only whether a login is attributed to a user.
func (s *preparer) prepareAgain(t *Ticket, policy *domain.Policy) (prepared, error) {
	p := t.prepared
	p.policy = policy
	if _, _, login := p.command.LoginName(); !login {
		return p, nil
	}
	again, err := s.prepare(p.command, policy, p.arrived)
	again.command.Time = p.command.Time
	again.content = wire.Content(&again.command, again.anonymous)
	return again, err
}

// seal encrypts the personal members, if p has any, under the key of their owner. If the cache does not
// hold the slot of the owner, the sequencer seals them: it looks up the slot, or assigns one.
func (s *preparer) seal(p *prepared) (err error) {
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
