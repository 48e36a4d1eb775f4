package projections

import (
	"fmt"

	"authledger/domain"
	"authledger/projections/rows"
)

// items holds the current state of each device, code, withdrawal and sharing, by its id. A
// row stays after the end of the item, because an id is never used again.
var items = &Projection{Name: "items", Version: 1, Table: 'i', Fold: foldItems}

func foldItems(t *Table, s *Step) error {
	for _, c := range s.Changes.Items {
		k := itemKey(t.Key(), c.Key)
		if c.Item == nil {
			t.Remove(k)
			continue
		}
		t.Put(k, c.Item)
	}
	return nil
}

func itemKey(k rows.Key, of domain.ItemKey) rows.Key {
	return k.Byte(byte(of.Kind)).Text(of.Owner).Tail(of.ID)
}

// decodeItem decodes the row of an item.
func decodeItem(of domain.ItemKey, row []byte) (domain.Item, error) {
	it := domain.NewItem(of.Kind)
	if it == nil {
		return nil, rows.ErrKey
	}
	if err := rows.Decode(row, it); err != nil {
		return nil, fmt.Errorf("%s: %c of %q, %q: %w", items.Name, of.Kind, of.Owner, of.ID, err)
	}
	return it, nil
}
