package queries

import (
	"context"

	"authledger/domain"
)

// listed is an item of a user or an account, and the record that named it first.
type listed struct {
	seq  uint64
	item domain.Item
}

// items returns the current states of at most limit items of one kind, which are listed with
// a user or an account and whose first record has a seq above after.
func (m *moment) items(kind domain.ItemKind, owner string, after uint64, limit int) ([]listed, error) {
	var all []listed
	for seq, it := range m.view.Items(kind, owner, after) {
		if len(all) == limit {
			break
		}
		all = append(all, listed{seq, it})
	}
	return all, m.view.Err()
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
	more  bool // more items follow
	asOf  AsOf
}

// userList returns a function that answers with one page of a user's items of one kind.
func userList(ctx context.Context, user string, kind domain.ItemKind, page Page, to *listPage) func(*moment) error {
	return func(m *moment) error {
		_, found, err := m.userItems(ctx, user, kind, page.After, page.limit()+1)
		to.items, to.more = cut(found, page)
		to.asOf = m.asOf
		return err
	}
}

// cut returns the items of the page, and whether more items follow.
func cut(found []listed, page Page) ([]listed, bool) {
	if len(found) > page.limit() {
		return found[:page.limit()], true
	}
	return found, false
}
