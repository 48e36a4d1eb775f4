package eventstore

import (
	"errors"
	"fmt"

	"authledger/domain"
	"authledger/eventstore/seal"
)

// Reveal opens what is sealed in a record: the personal members as a JSON object.
// Nil if there is nothing, or if its key was destroyed: then nobody can. Whoever
// asks has the right to, and has put it on record.
func (l *Ledger) Reveal(r *domain.Record) ([]byte, error) {
	if r.Personal == nil {
		return nil, nil
	}
	sealed := seal.Sealed{KID: r.Personal.KID, Nonce: r.Personal.Nonce, Ciphertext: r.Personal.Ciphertext}
	plain, err := l.keys.Unseal(l.aad(&r.Command), sealed)
	if errors.Is(err, seal.ErrForgotten) || errors.Is(err, seal.ErrUnknownKey) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reveal record %d: %w", r.Seq, err)
	}
	return plain, nil
}
