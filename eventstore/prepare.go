package eventstore

import (
	"errors"
	"fmt"
	"time"

	"authledger/domain"
	"authledger/eventstore/seal"
	"authledger/eventstore/wire"
)

// prepared is a command with all that can be done before its turn comes: its
// content is hashed, its personal members are sealed.
type prepared struct {
	command   domain.Command
	content   domain.Hash
	anonymous bool           // the attempt is nobody's, by policy
	policy    *domain.Policy // under which it was prepared
	personal  *domain.Sealed
	arrived   time.Time // what skew is judged against: now, or when an intake stored it
}

// prepare does it. It is safe for concurrent use. Keys that it made are on disk
// only after the next Sync.
func (l *Ledger) prepare(c domain.Command, policy *domain.Policy, arrived time.Time) (prepared, error) {
	p := prepared{command: c, policy: policy, arrived: arrived}
	p.command.Time = c.Time.UTC().Round(0) // as the log will tell it
	if p.command.Stamped {
		p.command.Time = p.arrived
	}
	if name, unknown, login := c.LoginName(); login && (unknown || policy.BadName(*name) != nil) {
		p.anonymous = true
		p.command.Bucket = domain.SourceEntity(l.keys.Bucket(c.Address()))
	}
	p.content = wire.Content(&p.command, p.anonymous)
	var err error
	p.personal, err = l.seal(&p)
	return p, err
}

// prepareAgain prepares a waiting command under the policy that came into force
// since. Only whose a login is can depend on it.
func (l *Ledger) prepareAgain(t *Ticket, policy *domain.Policy) (prepared, error) {
	p := t.prepared
	p.policy = policy
	if _, _, login := p.command.LoginName(); !login {
		return p, nil
	}
	again, err := l.prepare(p.command, policy, p.arrived)
	again.command.Time = p.command.Time
	again.content = wire.Content(&again.command, again.anonymous)
	return again, err
}

// seal encrypts the personal members under the user's key, or the month's if
// the attempt is nobody's.
func (l *Ledger) seal(p *prepared) (*domain.Sealed, error) {
	plain := wire.Personal(&p.command, p.anonymous)
	if plain == nil {
		return nil, nil
	}
	subject := p.command.Subject()
	if p.anonymous {
		subject = p.command.Time.UTC().Format("month/2006-01")
	}
	sealed, err := l.keys.Seal(subject, l.aad(&p.command), plain)
	if errors.Is(err, seal.ErrForgotten) {
		return nil, nil // of a forgotten person nothing personal is kept
	}
	if err != nil {
		return nil, fmt.Errorf("seal the personal data of %s/%s: %w", p.command.Source, p.command.ID, err)
	}
	return &domain.Sealed{KID: sealed.KID, Nonce: sealed.Nonce, Ciphertext: sealed.Ciphertext}, nil
}

func (l *Ledger) aad(c *domain.Command) seal.AAD {
	return seal.AAD{Ledger: l.manifest.LedgerID, Source: c.Source, ID: c.ID}
}

// reused says what is wrong with p, whose id names another command: what its
// text alone shows is judged before that.
func (p *prepared) reused() *domain.Rejection {
	if wrong := p.command.Misstated(p.policy); wrong != nil {
		return wrong
	}
	return idReused
}

// sameContent reports whether a recorded command had p's content. Whether a
// login's user is part of it depends on the policy of that day.
func (p *prepared) sameContent(recorded domain.Hash) bool {
	if recorded == p.content {
		return true
	}
	_, _, login := p.command.LoginName()
	return login && recorded == wire.Content(&p.command, !p.anonymous)
}
