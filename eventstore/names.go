package eventstore

import (
	"errors"
	"fmt"
	"sync"

	"authledger/domain"
	"authledger/eventstore/seal"
	"authledger/eventstore/wire"
)

// Names translates between the names of persons and the pseudonyms that stand for them in the records of
// a pseudonymous realm. In a realm with plain names each method returns its argument. It reads the names
// from their sealed form, and keeps no name in memory, so that a name ends with its key. It is safe for
// concurrent use.
type Names struct {
	keys           *seal.Store // nil: the names stay sealed
	ledgerID       string
	state          State
	isPseudonymous bool

	index   nameIndex
	filling sync.Mutex // held while the index is filled at the first use
	filled  bool
}

// person is a person of a pseudonymous realm. The zero person stands for no person.
type person struct {
	pseudonym string
	slot      uint32 // of the key that seals the name
}

func newNames(m Manifest, keys *seal.Store, state State) *Names {
	return &Names{keys: keys, ledgerID: m.LedgerID, state: state, isPseudonymous: m.Pseudonymous && keys != nil}
}

// Names returns the names of the persons of the ledger.
func (l *Ledger) Names() *Names { return l.view.names }

// Names returns the names of the persons of the log.
func (v *View) Names() *Names { return v.names }

// IsPseudonymous reports whether the records of the realm name persons by pseudonyms.
func (n *Names) IsPseudonymous() bool { return n.isPseudonymous }

// Pseudonym returns the pseudonym of the person with a name. It returns the argument itself if the realm
// has plain names, if the argument is a pseudonym, or if no person has the name.
func (n *Names) Pseudonym(name string) (string, error) {
	if !n.isPseudonymous || domain.IsPseudonym(name) {
		return name, nil
	}
	if err := n.fill(); err != nil {
		return "", err
	}
	who, err := n.find(name)
	if err != nil || who == (person{}) {
		return name, err
	}
	return who.pseudonym, nil
}

// Name returns the name of the person with a pseudonym. It returns the argument itself if the key of the
// name is destroyed or missing, or if no person has the pseudonym.
func (n *Names) Name(pseudonym string) (string, error) {
	if !n.isPseudonymous || !domain.IsPseudonym(pseudonym) {
		return pseudonym, nil
	}
	sealed, err := n.state.Introduction(pseudonym)
	if err != nil || sealed == nil {
		return pseudonym, err
	}
	name, err := n.open(pseudonym, sealed)
	if err != nil || name == "" {
		return pseudonym, err
	}
	return name, nil
}

// find returns the person with a name or a pseudonym, as the folded log states it.
func (n *Names) find(name string) (person, error) {
	if domain.IsPseudonym(name) {
		sealed, err := n.state.Introduction(name)
		if err != nil || sealed == nil {
			return person{}, err
		}
		return person{name, sealed.Slot}, nil
	}
	slot := n.index.get(name)
	if slot == 0 {
		return person{}, nil
	}
	pseudonym, err := n.pseudonym(slot, name)
	if errors.Is(err, seal.ErrErased) {
		return person{}, nil
	}
	return person{pseudonym, slot}, err
}

// pseudonym returns the pseudonym of a name under the key in a slot.
func (n *Names) pseudonym(slot uint32, name string) (string, error) {
	text, err := n.keys.Pseudonym(slot, name)
	return string(domain.PseudonymMark) + text, err
}

// fill fills the index at its first use.
func (n *Names) fill() error {
	n.filling.Lock()
	defer n.filling.Unlock()
	if n.filled || !n.isPseudonymous {
		return nil
	}
	if err := n.learn(0); err != nil {
		return err
	}
	n.filled = true
	return nil
}

// learn adds the persons that the folded records from seq on introduced to the index. It omits the persons
// whose keys are destroyed or missing.
func (n *Names) learn(seq uint64) error {
	if !n.isPseudonymous {
		return nil
	}
	var failed error
	err := n.state.EachIntroduction(seq, func(pseudonym string, sealed *domain.Sealed) {
		name, err := n.open(pseudonym, sealed)
		switch {
		case err != nil:
			failed = err
		case name != "":
			n.index.put(name, sealed.Slot)
		}
	})
	if err = errors.Join(err, failed); err != nil {
		return fmt.Errorf("read the names of the persons: %w", err)
	}
	return nil
}

// open opens the name of a person, "" if the key is destroyed or missing.
func (n *Names) open(pseudonym string, name *domain.Sealed) (string, error) {
	plain, err := n.keys.Unseal(
		seal.AAD{Ledger: n.ledgerID, Source: domain.SystemSource, ID: domain.IntroductionID(pseudonym)},
		seal.Sealed{Slot: name.Slot, Nonce: name.Nonce, Ciphertext: name.Ciphertext})
	for _, lost := range []error{seal.ErrErased, seal.ErrUnknownKey, seal.ErrDamaged, seal.ErrGivenUp} {
		if errors.Is(err, lost) {
			return "", nil
		}
	}
	if err != nil {
		return "", err
	}
	defer clear(plain)
	var opened sealedName
	if wire.ReadData(plain, &opened) != nil {
		return "", nil
	}
	return opened.name, nil
}

// sealedName is the personal member of an introduction.
type sealedName struct{ name string }

func (s *sealedName) Members(v domain.Visitor) { v.Text("name", &s.name, domain.Need) }
