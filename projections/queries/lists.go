package queries

import (
	"context"
	"iter"

	"authledger/domain"
)

// listed is an item of a user or an account, and the record that named it first.
type listed struct {
	seq  uint64
	item domain.Item
}

// items returns the current states of the selected items of one kind, which are listed with
// a user or an account.
func (m *moment) items(kind domain.ItemKind, owner string, of seqs) ([]listed, error) {
	var all []listed
	for seq, key := range m.listing(kind, owner, of) {
		if len(all) == of.limit {
			break
		}
		it, err := m.view.ItemNow(key)
		if err != nil {
			return nil, err
		}
		all = append(all, listed{seq, it})
	}
	return all, m.view.Err()
}

// listing yields the keys of the selected items, in their order. It ignores the limit.
func (m *moment) listing(kind domain.ItemKind, owner string, of seqs) iter.Seq2[uint64, domain.ItemKey] {
	if of.oldest {
		return m.view.Listing(kind, owner, of.above, of.below)
	}
	return m.view.ListingBack(kind, owner, of.above, of.below)
}

// idOf returns the id of a listed item.
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

// listPage is one page of a list.
type listPage struct {
	items []listed
	part  Part
}

// userList returns a function that answers with one page of a user's items of one kind.
func userList(ctx context.Context, user string, kind domain.ItemKind, page Page, to *listPage) func(*moment) error {
	return func(m *moment) error {
		of, err := page.seqs()
		if err != nil {
			return err
		}
		_, found, err := m.userItems(ctx, user, kind, of.oneMore())
		to.cut(found, &page)
		to.part.AsOf = m.asOf
		return err
	}
}

// oneMore returns s with one more item, which shows that another page follows.
func (s seqs) oneMore() seqs {
	s.limit++
	return s
}

// cut keeps the items of the page.
func (l *listPage) cut(found []listed, page *Page) {
	l.items, l.part.At = found, page.At
	if limit := page.limit(); len(found) > limit {
		l.items, l.part.More = found[:limit], true
		l.part.Next = page.next(seqPosition(found[limit-1].seq))
	}
}
