package projections

import (
	"fmt"
	"time"

	"authledger/domain"
)

// items is every device, code, withdrawal and sharing, whatever became of it, by
// its id: ids are taken for good.
var items = &Projection{Name: "items", Version: 1, Table: 'i', Fold: foldItems}

func foldItems(rows *Rows, s *Step) error {
	for _, c := range s.Changes.Items {
		k := itemKey(rows.Key(), c.Key)
		if c.Item == nil {
			rows.Remove(k)
			continue
		}
		rows.Put(k, c.Item)
	}
	return nil
}

func itemKey(k key, of domain.ItemKey) key {
	return append(k, byte(of.Kind)).text(of.Owner).tail(of.ID)
}

// decodeItem reads the row of an item.
func decodeItem(of domain.ItemKey, row []byte) (domain.Item, error) {
	it := domain.NewItem(of.Kind)
	if it == nil {
		return nil, errKey
	}
	if err := decodeRow(row, it); err != nil {
		return nil, fmt.Errorf("%s: %c of %q, %q: %w", items.Name, of.Kind, of.Owner, of.ID, err)
	}
	return it, nil
}

// listings is the items of a user or an account, in the order in which they were
// first heard of. A sharing is listed with both its users. What was only denied
// is not listed.
var listings = &Projection{Name: "listings", Version: 1, Table: 'o', Fold: foldListings}

type listingRow struct {
	id string
	at time.Time // effective, of the record that it was first heard of in
}

func (r *listingRow) Members(v domain.Visitor) {
	v.Text("id", &r.id, domain.Need)
	v.Instant("at", &r.at, domain.Need)
}

func foldListings(rows *Rows, s *Step) error {
	for _, c := range s.Changes.Items {
		if !c.New {
			continue
		}
		for _, owner := range listedWith(c) {
			rows.Put(listingKey(rows.Key(), c.Key.Kind, owner).number(s.Record.Seq), &listingRow{c.Key.ID, s.Record.Time})
		}
	}
	return nil
}

func listingKey(k key, kind domain.ItemKind, owner string) key {
	return append(k, byte(kind)).text(owner)
}

// listedWith is with whom a new item is listed.
func listedWith(c domain.ItemChange) []string {
	switch it := c.Item.(type) {
	case *domain.Device, *domain.Code:
		return []string{c.Key.Owner}
	case *domain.Withdrawal:
		if it.State != domain.Denied {
			return []string{c.Key.Owner}
		}
	case *domain.Sharing:
		return []string{it.Requester, it.Owner}
	}
	return nil
}
