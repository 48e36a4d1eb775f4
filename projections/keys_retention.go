package projections

import (
	"slices"

	"authledger/domain"
	"authledger/projections/rows"
)

// retainedRow is the list of the months of unattributed attempts whose keys exist, in order. It has at
// most the months of the retention and the next month, because no command is later than the clock of
// the node by more than the clock skew.
type retainedRow struct{ months []string }

func (r *retainedRow) Members(v domain.Visitor) { v.Texts("months", &r.months) }

// expireKeys lists the months whose retention has ended at the time of the commit as erased by the first
// record of the commit (PERSON-4). A record that names the key of such a month, as records of older
// programs do, lists the month itself. Only the time of the commit counts: senders state the time of a
// command, and the time of a commit never decreases.
func expireKeys(t *Table, s *Step) error {
	month := s.Record.MonthOwner()
	if s.Record.Seq != s.Commit.First && month == "" {
		return nil
	}
	e, err := t.Edit(retainedKey(t.Key()), func() domain.Data { return new(retainedRow) })
	if err != nil {
		return err
	}
	row := e.row.(*retainedRow)
	if at, isListed := slices.BinarySearch(row.months, month); month != "" && !isListed {
		row.months = slices.Insert(row.months, at, month)
		t.Changed(e)
	}
	for len(row.months) > 0 && domain.IsPastRetention(row.months[0], s.Commit.Time) {
		if err := expireKey(t, s.Record.Seq, row.months[0]); err != nil {
			return err
		}
		row.months = row.months[1:]
		t.Changed(e)
	}
	return nil
}

// expireKey lists a month with its slot as erased, unless it is listed with that slot already. So a log
// with many records of old months has one row for each month, which each start reads.
func expireKey(t *Table, seq uint64, month string) error {
	var assigned, expired keySlotRow
	if _, err := t.Get(ownerKey(t.Key(), month), &assigned); err != nil {
		return err
	}
	isListed, err := t.Get(expiredKey(t.Key(), month), &expired)
	if err != nil || isListed && expired == assigned {
		return err
	}
	t.Put(expiredKey(t.Key(), month), &assigned)
	t.Put(erasedKey(t.Key(), seq).Tail(month), &assigned)
	return nil
}

func retainedKey(k rows.Key) rows.Key { return append(k, keyRetained) }

func expiredKey(k rows.Key, month string) rows.Key { return append(k, keyExpired).Tail(month) }
