package eventstore

import (
	"errors"
	"fmt"

	"authledger/domain"
	"authledger/eventstore/seal"
)

var (
	// ErrErased reports personal data whose key was destroyed on purpose. No copy of the
	// key remains in the store.
	ErrErased = errors.New("eventstore: the personal data was erased")

	// ErrSecret reports sealed data that no reader may see, such as the secret of a webhook.
	ErrSecret = errors.New("eventstore: the record seals a secret of the ledger, which no reader may see")

	// ErrNoSecret reports a record that seals no secret of the ledger.
	ErrNoSecret = errors.New("eventstore: the record seals no secret")

	// ErrKeyMissing reports personal data whose key is missing or damaged.
	ErrKeyMissing = errors.New("eventstore: the key of the personal data is missing or damaged")
)

// openSealed opens the personal data of a record, which MUST have some. It returns ErrErased
// or ErrKeyMissing; any other error is an error of reading the key file.
func openSealed(keys *seal.Store, ledgerID string, r *domain.Record) ([]byte, error) {
	p := r.Personal
	sealed := seal.Sealed{Slot: p.Slot, KID: p.KID, Nonce: p.Nonce, Ciphertext: p.Ciphertext}
	plain, err := keys.Unseal(seal.AAD{Ledger: ledgerID, Source: r.Command.Source, ID: r.Command.ID}, sealed)
	switch {
	case errors.Is(err, seal.ErrErased):
		err = fmt.Errorf("%w: %w", ErrErased, err)
	case errors.Is(err, seal.ErrUnknownKey), errors.Is(err, seal.ErrDamaged):
		err = fmt.Errorf("%w: %w", ErrKeyMissing, err)
	}
	return plain, err
}

// Reveal opens the personal data of a record: the personal members as a JSON object, nil if
// the record has none. It returns ErrErased or ErrKeyMissing, and ErrSecret for a secret of the
// ledger. An unattributed attempt is erased from the end of its retention on (PERSON-4), although an
// idle ledger destroys the key at its next record. The caller MUST have checked the right to see the data, and MUST have recorded the read
// in the ledger.
func (l *Ledger) Reveal(r *domain.Record) ([]byte, error) {
	if r.Personal == nil {
		return nil, nil
	}
	if domain.IsConfig(r.Command.Data.CommandType()) {
		return nil, ErrSecret
	}
	if domain.IsPastRetention(r.MonthOwner(), l.now()) {
		return nil, fmt.Errorf("open the sealed data of record %d: the retention has ended: %w", r.Seq, ErrErased)
	}
	return l.open(r)
}

// Secret opens the sealed members of a config.* record as a JSON object, for the node itself. The
// caller MUST NOT return them to a reader. Its errors are ErrErased and ErrKeyMissing, and
// ErrNoSecret if the record has no such members.
func (l *Ledger) Secret(r *domain.Record) ([]byte, error) {
	if r.Personal == nil || !domain.IsConfig(r.Command.Data.CommandType()) {
		return nil, fmt.Errorf("open the secret in record %d: %w", r.Seq, ErrNoSecret)
	}
	return l.open(r)
}

func (l *Ledger) open(r *domain.Record) ([]byte, error) {
	plain, err := openSealed(l.keys, l.manifest.LedgerID, r)
	if err != nil {
		return nil, fmt.Errorf("open the sealed data of record %d: %w", r.Seq, err)
	}
	return plain, nil
}

// SealedCheck opens the personal data of records and counts the results. It keeps no
// opened data.
type SealedCheck struct {
	keys     *seal.Store
	ledgerID string
	givenUp  uint64 // position of the log

	Opened  uint64 // records whose personal data opens
	Erased  uint64 // records whose key was destroyed on purpose
	GivenUp uint64 // records whose key is missing, and was given up by the operator
	Missing uint64 // records whose key is missing

	first *Fault // at the first record whose key is missing
}

// NewSealedCheck returns a check of the records of a ledger.
func NewSealedCheck(m Manifest, keys *seal.Store) *SealedCheck {
	b, _ := keys.Binding()
	return &SealedCheck{keys: keys, ledgerID: m.LedgerID, givenUp: b.GivenUp}
}

// Add opens the personal data of the records of a commit. It returns only errors of reading
// the key file; Err reports missing keys.
func (s *SealedCheck) Add(c *domain.Commit) error {
	for i := range c.Records {
		r := &c.Records[i]
		if r.Personal == nil {
			continue
		}
		plain, err := openSealed(s.keys, s.ledgerID, r)
		clear(plain)
		switch {
		case err == nil:
			s.Opened++
		case errors.Is(err, ErrErased):
			s.Erased++
		case errors.Is(err, seal.ErrGivenUp), errors.Is(err, ErrKeyMissing) && c.Stream <= s.givenUp:
			s.GivenUp++
		case errors.Is(err, ErrKeyMissing):
			if s.Missing++; s.first == nil {
				s.first = &Fault{Stream: c.Stream, Seq: r.Seq, Err: err}
			}
		default:
			return fmt.Errorf("open the personal data of record %d: %w", r.Seq, err)
		}
	}
	return nil
}

// GiveUp accepts the missing keys of commits up to a stream position, and records that in
// the binding of the key file.
func (s *SealedCheck) GiveUp(stream uint64) error {
	b, _ := s.keys.Binding()
	b.GivenUp = stream
	if err := s.keys.Bind(b); err != nil {
		return err
	}
	s.GivenUp, s.Missing, s.first = s.GivenUp+s.Missing, 0, nil
	return nil
}

// Err returns a *Fault at the first record whose key is missing, nil if no key is missing.
func (s *SealedCheck) Err() error {
	if s.first == nil {
		return nil
	}
	return &Fault{Stream: s.first.Stream, Seq: s.first.Seq, Err: fmt.Errorf(
		"the personal data of %d of %d records can't be opened, first here: %w: %s", s.Missing, s.Opened+s.Erased+s.GivenUp+s.Missing, s.first.Err, restoreKeys(s.keys.Path()))}
}

// restoreKeys returns the advice for the operator about missing keys.
func restoreKeys(path string) string {
	return fmt.Sprintf("restore %s from the newest backup of this ledger, then run `authledger verify`; "+
		"without a backup, `authledger verify --drop-damaged-keys` gives the missing keys up, and the personal data under them stays sealed", path)
}
