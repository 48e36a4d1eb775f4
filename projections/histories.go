package projections

import (
	"authledger/domain"
	"authledger/projections/rows"
)

// histories holds every state of each item, by the record that set the state. Queries about
// the past and explanations read items from it.
var histories = &Projection{Name: "histories", Version: 2, Table: 'h', Fold: foldHistories}

// historyRow is the state of an item. If gone is true, the record removed the item.
type historyRow struct {
	gone bool
	item domain.Item
}

func (r *historyRow) Members(v domain.Visitor) {
	v.Flag("gone", &r.gone, domain.Free)
	if !r.gone {
		r.item.Members(v)
	}
}

func foldHistories(t *Table, s *Step) error {
	for _, c := range s.Changes.Items {
		t.Put(historyKey(t.Key(), c.Key).Number(s.Record.Seq), &historyRow{c.Item == nil, c.Item})
	}
	return nil
}

func historyKey(k rows.Key, of domain.ItemKey) rows.Key {
	return k.Byte(byte(of.Kind)).Text(of.Owner).Text(of.ID)
}

// ItemAt returns the state of an item after the record at seq, and the record that set this
// state. The state is nil if the item did not exist.
func (v View) ItemAt(of domain.ItemKey, seq uint64) (it domain.Item, by uint64, err error) {
	row := historyRow{item: domain.NewItem(of.Kind)}
	if row.item == nil || rows.CheckNames(of.Owner, of.ID) != nil { // no item has such a key
		return nil, 0, nil
	}
	all := historyKey(histories.key(), of)
	k, found, err := v.Last(all.Clone(), all.Clone().Number(seq+1), &row)
	if err != nil || !found || row.gone {
		return nil, 0, err
	}
	if by, _, err = k[len(all):].CutNumber(); err != nil {
		return nil, 0, v.Damage(k, err)
	}
	return row.item, by, nil
}

// WithdrawalAt returns the state of a listed withdrawal after the record at seq, and the
// record that set this state. It marks the rows as damaged if the state is missing.
func (v View) WithdrawalAt(of domain.ItemKey, seq uint64) (w *domain.Withdrawal, by uint64, err error) {
	it, by, err := v.ItemAt(of, seq)
	if err != nil {
		return nil, 0, err
	}
	w, ok := it.(*domain.Withdrawal)
	if !ok {
		return nil, 0, v.Damage(historyKey(histories.key(), of), rows.ErrKey)
	}
	return w, by, nil
}
