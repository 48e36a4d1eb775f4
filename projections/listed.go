package projections

import (
	"context"
	"iter"
	"sort"
	"time"

	"authledger/domain"
)

// listed is an item of a user or an account, and the record that it was first
// heard of in.
type listed struct {
	seq  uint64
	item domain.Item
}

// items yields the items of one kind listed with a user or an account after a
// record, in the order in which they were first heard of. An error stands in
// v.err.
func (v *view) items(kind domain.ItemKind, owner string, after uint64) iter.Seq[listed] {
	return func(yield func(listed) bool) {
		all := listingKey(listings.key(), kind, owner)
		for k, b := range v.scan(append(key(nil), all...).number(after+1), all.after()) {
			l, err := v.listed(k, b, kind, owner)
			if err != nil {
				v.err = err
				return
			}
			if !yield(l) {
				return
			}
		}
	}
}

// withdrawals yields those of an account that were approved, the newest first.
// An error stands in v.err.
func (v *view) withdrawals(account string) iter.Seq[*domain.Withdrawal] {
	return func(yield func(*domain.Withdrawal) bool) {
		all := listingKey(listings.key(), domain.WithdrawalItem, account)
		for k, b := range v.back(all, all.after()) {
			l, err := v.listed(k, b, domain.WithdrawalItem, account)
			if err != nil {
				v.err = err
				return
			}
			if !yield(l.item.(*domain.Withdrawal)) {
				return
			}
		}
	}
}

// listed reads the item that a row of the listings names.
func (v *view) listed(k key, b []byte, kind domain.ItemKind, owner string) (l listed, err error) {
	var row listingRow
	if err := v.decode(k, b, &row); err != nil {
		return l, err
	}
	all := listingKey(listings.key(), kind, owner)
	if l.seq, _, err = k[len(all):].cutNumber(); err != nil {
		return l, v.damage(k, err)
	}
	of := domain.ItemKey{Kind: kind, Owner: owner, ID: row.id}
	if kind == domain.SharingItem {
		of.Owner = "" // a sharing is listed with two users, and belongs to neither
	}
	l.item = domain.NewItem(kind)
	at := itemKey(items.key(), of)
	found, err := v.read(at, l.item)
	if err == nil && !found {
		err = v.damage(at, errKey)
	}
	return l, err
}

// lastBefore finds the last record in which a withdrawal of an account was heard of
// before t, by bisection: within an account times never decrease.
func (v *view) lastBefore(account string, t time.Time, last uint64) (uint64, error) {
	all := listingKey(listings.key(), domain.WithdrawalItem, account)
	var failed error
	first := sort.Search(int(last), func(i int) bool {
		if failed != nil {
			return true
		}
		for _, b := range v.scan(append(key(nil), all...).number(uint64(i)+1), all.after()) {
			var row listingRow
			if failed = v.decode(all, b, &row); failed != nil {
				return true
			}
			return !row.at.Before(t)
		}
		failed = v.err
		return true
	})
	return uint64(first), failed
}

// idOf is the id of a listed item.
func idOf(it domain.Item) string {
	switch it := it.(type) {
	case *domain.Device:
		return it.ID
	case *domain.Code:
		return it.ID
	case *domain.Sharing:
		return it.ID
	case *domain.Withdrawal:
		return it.ID
	}
	return ""
}

// listOf is a user's items of a kind at an instant: one more than the page takes,
// if there is one.
func (e *Engine) listOf(ctx context.Context, log Log, user string, kind domain.ItemKind, at time.Time, asOf *uint64, page Page, end *AsOf) ([]listed, error) {
	v, err := e.view(ctx)
	if err != nil {
		return nil, err
	}
	defer v.close()
	p, err := v.past(log, at, asOf)
	if err != nil {
		return nil, err
	}
	*end = p.asOf
	_, found, err := p.userItems(ctx, user, kind, page.After, page.limit()+1)
	return found, err
}

// cut is what the page takes, and whether others follow.
func cut(found []listed, page Page) ([]listed, bool) {
	if len(found) > page.limit() {
		return found[:page.limit()], true
	}
	return found, false
}
