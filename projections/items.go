package projections

import (
	"fmt"
	"iter"

	"authledger/domain"
	"authledger/projections/rows"
)

// items holds the current state of each device, code, withdrawal and sharing, by its id. A
// row stays after the end of the item, because an id is never used again.
var items = &Projection{Name: "items", Version: 2, Table: 'i', Fold: foldItems}

// itemRow is the current state of an item.
type itemRow struct {
	first int64 // record that named the item first; 0 for an item in no list
	item  domain.Item
}

func (r *itemRow) Members(v domain.Visitor) {
	v.Count("first", &r.first, domain.Free)
	r.item.Members(v)
}

// itemStep is an item before a record. The zero itemStep is an item that did not exist.
type itemStep struct {
	first int64 // record that named the item first
	item  domain.Item
}

func foldItems(t *Table, s *Step) error {
	s.items = s.items[:0]
	for _, c := range s.Changes.Items {
		k := itemKey(t.Key(), c.Key)
		if c.Item == nil {
			t.Remove(k)
			s.items = append(s.items, itemStep{})
			continue
		}
		now, was := itemRow{item: c.Item}, itemRow{item: domain.NewItem(c.Key.Kind)}
		if isListed := divisions[c.Key.Kind].states != nil; isListed && c.New {
			now.first = int64(s.Record.Seq)
		} else if isListed {
			found, err := t.Get(k, &was)
			if err == nil && !found {
				err = rows.AsDamage(rows.ErrKey)
			}
			if err != nil {
				return err
			}
			now.first = was.first
		}
		s.items = append(s.items, itemStep(was))
		t.Put(k, &now)
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
	if err := rows.Decode(row, &itemRow{item: it}); err != nil {
		return nil, fmt.Errorf("%s: %c of %q, %q: %w", items.Name, of.Kind, of.Owner, of.ID, err)
	}
	return it, nil
}

// RealmItems yields the current states of the items of one kind that belong to the realm, by id.
// It begins with the first id that sorts after the id after.
func (v View) RealmItems(kind domain.ItemKind, after string) iter.Seq[domain.Item] {
	return func(yield func(domain.Item) bool) {
		all := itemKey(items.key(), domain.ItemKey{Kind: kind})
		from := all
		if after != "" {
			from = append(all.Clone().Tail(after), 0)
		}
		for k, b := range v.Scan(from, all.After()) {
			it := domain.NewItem(kind)
			if err := v.Decode(k, b, &itemRow{item: it}); err != nil {
				v.Fail(err)
				return
			}
			if !yield(it) {
				return
			}
		}
	}
}
