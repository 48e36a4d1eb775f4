package projections

import (
	"iter"
	"sort"
	"time"

	"authledger/domain"
	"authledger/projections/rows"
)

// listings lists the items of a user or an account, in the order of the records that named
// them first. A sharing is listed with both of its users. A denied withdrawal is not listed.
var listings = &Projection{Name: "listings", Version: 2, Table: 'o', Fold: foldListings}

type listingRow struct {
	id     string
	at     time.Time // effective time of the first record that names the item
	number int64     // number of a withdrawal within its account: 1, 2, 3, ...
}

func (r *listingRow) Members(v domain.Visitor) {
	v.Text("id", &r.id, domain.Need)
	v.Instant("at", &r.at, domain.Need)
	v.Count("number", &r.number, domain.Free)
}

func foldListings(t *Table, s *Step) error {
	for _, c := range s.Changes.Items {
		if !c.New {
			continue
		}
		row := listingRow{id: c.Key.ID, at: s.Record.Time}
		if c.Key.Kind == domain.WithdrawalItem {
			row.number = s.account.withdrawals
		}
		for _, owner := range ListedWith(c) {
			t.Put(listingKey(t.Key(), c.Key.Kind, owner).Number(s.Record.Seq), &row)
		}
	}
	return nil
}

func listingKey(k rows.Key, kind domain.ItemKind, owner string) rows.Key {
	return k.Byte(byte(kind)).Text(owner)
}

// ListedWith returns the users or the account with which a new item is listed.
func ListedWith(c domain.ItemChange) []string {
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

// Listing yields the keys of the items of one kind that are listed with a user or an
// account, each with the record that named it first, in ascending order. It yields the items
// whose first record is after the record above and before the record below.
func (v View) Listing(kind domain.ItemKind, owner string, above, below uint64) iter.Seq2[uint64, domain.ItemKey] {
	return v.listing(v.Scan, kind, owner, above, below)
}

// ListingBack yields the same items as Listing, in descending order.
func (v View) ListingBack(kind domain.ItemKind, owner string, above, below uint64) iter.Seq2[uint64, domain.ItemKey] {
	return v.listing(v.ScanBack, kind, owner, above, below)
}

type scan func(from, to rows.Key) iter.Seq2[rows.Key, []byte]

func (v View) listing(scan scan, kind domain.ItemKind, owner string, above, below uint64) iter.Seq2[uint64, domain.ItemKey] {
	return func(yield func(uint64, domain.ItemKey) bool) {
		if above >= below {
			return
		}
		all := listingKey(listings.key(), kind, owner)
		for k, b := range scan(all.Clone().Number(above+1), all.Clone().Number(below)) {
			seq, of, err := v.listingRow(k, b, kind, owner)
			if err != nil {
				v.Fail(err)
				return
			}
			if !yield(seq, of) {
				return
			}
		}
	}
}

// ItemNow reads the current state of a listed item, which must exist.
func (v View) ItemNow(of domain.ItemKey) (domain.Item, error) {
	it := domain.NewItem(of.Kind)
	k := itemKey(items.key(), of)
	found, err := v.Read(k, &itemRow{item: it})
	if err == nil && !found {
		err = v.Damage(k, rows.ErrKey)
	}
	return it, err
}

// listingRow returns the record and the key of a listed item.
func (v View) listingRow(k rows.Key, b []byte, kind domain.ItemKind, owner string) (seq uint64, of domain.ItemKey, err error) {
	var row listingRow
	if err := v.Decode(k, b, &row); err != nil {
		return 0, of, err
	}
	all := listingKey(listings.key(), kind, owner)
	if seq, _, err = k[len(all):].CutNumber(); err != nil {
		return 0, of, v.Damage(k, err)
	}
	of = domain.ItemKey{Kind: kind, Owner: owner, ID: row.id}
	if kind == domain.SharingItem {
		of.Owner = "" // a sharing is listed with two users, and its key has no owner
	}
	return seq, of, nil
}

// Withdrawals returns the withdrawals of an account that were approved at or after an
// instant, the newest first, cancelled ones included.
func (v View) Withdrawals(account string, since time.Time) ([]*domain.Withdrawal, error) {
	var found []*domain.Withdrawal
	all := listingKey(listings.key(), domain.WithdrawalItem, account)
	for k, b := range v.ScanBack(all, all.After()) {
		_, of, err := v.listingRow(k, b, domain.WithdrawalItem, account)
		if err != nil {
			return nil, err
		}
		it, err := v.ItemNow(of)
		if err != nil {
			return nil, err
		}
		w := it.(*domain.Withdrawal)
		if w.Time.Before(since) { // within an account times never decrease
			break
		}
		found = append(found, w)
	}
	return found, v.Err()
}

// CountWithdrawals returns the number of withdrawals listed with an account up to the record
// at seq.
func (v View) CountWithdrawals(account string, seq uint64) (int64, error) {
	var row listingRow
	all := listingKey(listings.key(), domain.WithdrawalItem, account)
	_, _, err := v.Last(all, all.Clone().Number(seq+1), &row)
	return row.number, err
}

// LastWithdrawalBefore returns the record, at most last, that listed the newest withdrawal
// before t. It returns 0 if there is no such record. It searches by bisection, because
// times within an account never decrease.
func (v View) LastWithdrawalBefore(account string, t time.Time, last uint64) (uint64, error) {
	all := listingKey(listings.key(), domain.WithdrawalItem, account)
	var failed error
	first := sort.Search(int(last), func(i int) bool {
		if failed != nil {
			return true
		}
		for _, b := range v.Scan(all.Clone().Number(uint64(i)+1), all.After()) {
			var row listingRow
			if failed = v.Decode(all, b, &row); failed != nil {
				return true
			}
			return !row.at.Before(t)
		}
		failed = v.Err()
		return true
	})
	return uint64(first), failed
}
