package projections

import (
	"authledger/domain"
	"authledger/domain/explain"
	"authledger/projections/rows"
)

// origins lists the records that set each part of the state of a user or an account, such
// as the lock of a user. Explanations name these records.
var origins = &Projection{Name: "origins", Version: 1, Table: 'g', Fold: foldOrigins}

func foldOrigins(t *Table, s *Step) error {
	for i := range s.Users {
		explain.UserParts(&s.Changes.Users[i], s.Record, func(part string) {
			t.Put(originKey(t.Key(), s.Users[i].Entity, part).Number(s.Record.Seq), nil)
		})
	}
	if a := &s.Changes.Account; a.ID != "" {
		explain.AccountParts(a, func(part string) {
			t.Put(originKey(t.Key(), domain.AccountEntity(a.ID), part).Number(s.Record.Seq), nil)
		})
	}
	return nil
}

func originKey(k rows.Key, of domain.Entity, part string) rows.Key {
	return k.Text(string(of)).Text(part)
}

// PartSetBy returns the newest record up to seq that set a part of the state of an entity.
// It skips the given number of newer records that set the part. It returns 0 if there is no
// such record.
func (v View) PartSetBy(e domain.Entity, part string, skip int, seq uint64) (uint64, error) {
	all := originKey(origins.key(), e, part)
	for k := range v.ScanBack(all, all.Clone().Number(seq+1)) {
		if skip > 0 {
			skip--
			continue
		}
		by, _, err := k[len(all):].CutNumber()
		if err != nil {
			return 0, v.Damage(k, err)
		}
		return by, nil
	}
	return 0, v.Err()
}
