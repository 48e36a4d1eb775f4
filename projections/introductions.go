package projections

import (
	"context"

	"authledger/domain"
	"authledger/projections/rows"
)

// introductions holds the sealed name of each person of a pseudonymous realm, by the pseudonym and by the
// record. The fold of an erasure removes the rows of the person.
var introductions = &Projection{Name: "introductions", Version: 1, Table: 'j', Fold: foldIntroductions}

// Kinds of rows. Keys contain them.
const (
	introductionOfUser byte = iota + 1 // a sealed name by its pseudonym
	introductionAt                     // a sealed name by its record
)

// introductionRow is a sealed name. The texts nonce and ciphertext hold bytes.
type introductionRow struct {
	user              string
	seq, slot         int64
	nonce, ciphertext string
}

func (r *introductionRow) Members(v domain.Visitor) {
	v.Text("user", &r.user, domain.Need)
	v.Count("seq", &r.seq, domain.Need)
	v.Count("slot", &r.slot, domain.Need)
	v.Text("nonce", &r.nonce, domain.Need)
	v.Text("ciphertext", &r.ciphertext, domain.Need)
}

func (r *introductionRow) sealed() *domain.Sealed {
	return &domain.Sealed{Slot: uint32(r.slot), Nonce: []byte(r.nonce), Ciphertext: []byte(r.ciphertext)}
}

func foldIntroductions(t *Table, s *Step) error {
	if user := s.Record.Forgotten(); user != "" {
		return removeIntroduction(t, user)
	}
	user, p := s.Record.Introduced(), s.Record.Personal
	if user == "" || p == nil {
		return nil
	}
	row := introductionRow{user, int64(s.Record.Seq), int64(p.Slot), string(p.Nonce), string(p.Ciphertext)}
	t.Put(introductionKey(t.Key(), user), &row)
	t.PutAgain(seqKey(t.Key().Byte(introductionAt), row.seq))
	return nil
}

func removeIntroduction(t *Table, user string) error {
	var row introductionRow
	isIntroduced, err := t.Get(introductionKey(t.Key(), user), &row)
	if err != nil || !isIntroduced {
		return err
	}
	t.Remove(introductionKey(t.Key(), user))
	t.Remove(seqKey(t.Key().Byte(introductionAt), row.seq))
	return nil
}

func introductionKey(k rows.Key, user string) rows.Key { return k.Byte(introductionOfUser).Tail(user) }

// Introduction returns the sealed name of the person with a pseudonym, nil if no record introduced the
// pseudonym, or if the person is forgotten.
func (e *Engine) Introduction(pseudonym string) (*domain.Sealed, error) {
	var row introductionRow
	found, err := e.read(introductionKey(introductions.key(), pseudonym), &row)
	if err != nil || !found {
		return nil, err
	}
	return row.sealed(), nil
}

// EachIntroduction calls each with the pseudonyms that the records from seq on introduced, except those of
// forgotten persons, and with their sealed names.
func (e *Engine) EachIntroduction(seq uint64, each func(pseudonym string, name *domain.Sealed)) error {
	v, err := e.View(context.Background())
	if err != nil {
		return err
	}
	defer v.Close()
	of := introductions.key().Byte(introductionAt)
	for k, b := range v.Scan(of.Clone().Number(seq), of.After()) {
		var row introductionRow
		if err := v.Decode(k, b, &row); err != nil {
			return err
		}
		each(row.user, row.sealed())
	}
	return v.Err()
}
