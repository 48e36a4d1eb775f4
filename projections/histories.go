package projections

import "authledger/domain"

// histories is every state that a holder or the joiners of a device ever had, by
// the record that made it: no entity's records tell them, and a verdict of the
// past may rest on them.
var histories = &Projection{Name: "histories", Version: 1, Table: 'h', Fold: foldHistories}

// historyRow is a state, or that there is none any more.
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

func foldHistories(rows *Rows, s *Step) error {
	for _, c := range s.Changes.Items {
		if c.Key.Kind == domain.HolderItem || c.Key.Kind == domain.JoinersItem {
			rows.Put(historyKey(rows.Key(), c.Key).number(s.Record.Seq), &historyRow{c.Item == nil, c.Item})
		}
	}
	return nil
}

func historyKey(k key, of domain.ItemKey) key {
	return append(k, byte(of.Kind)).text(of.Owner).text(of.ID)
}
