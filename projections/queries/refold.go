package queries

import (
	"context"
	"time"

	"authledger/domain"
	"authledger/projections"
)

// refolded is the state of a user or an account at a moment of the past. It is folded from a
// snapshot and the later records up to the moment. Items are read from the histories.
//
// If the instant is between two events of a record, only the events up to the instant are
// folded. The field items then has the items that these events changed.
type refolded struct {
	*moment
	ctx     context.Context // context of the query
	of      domain.Entity
	base    uint64 // the last record that is folded completely
	user    domain.User
	clock   time.Time // of the user after the record base
	account domain.Account
	items   map[domain.ItemKey]domain.Item   // items changed by the part of a record; nil unless a part of a record is folded
	lists   map[domain.ItemKind][]firstNamed // items that this part of the record names first
}

// firstNamed is an item, and the record that named it first.
type firstNamed struct {
	seq uint64
	key domain.ItemKey
}

// refold returns the entity at the moment. It reads fewer than
// [projections.SnapshotEvery] records, and one record that ends after the moment.
func (m *moment) refold(ctx context.Context, entity domain.Entity) (*refolded, error) {
	if !m.hasTurn {
		done, err := m.folds.take(ctx)
		if err != nil {
			return nil, err
		}
		defer done()
	}
	t, err := m.refoldWhole(ctx, entity)
	if err != nil {
		return nil, err
	}
	for seq := range m.view.Timeline(entity, t.base) {
		if seq > m.asOf.Seq {
			break
		}
		r, err := m.record(ctx, seq)
		if err != nil {
			return nil, err
		}
		t.items, t.lists = make(map[domain.ItemKey]domain.Item), make(map[domain.ItemKind][]firstNamed)
		forgotten := t.user.Forgotten
		if err := t.take(upTo(&r, m.at)); err != nil {
			return nil, err
		}
		t.user.Forgotten = forgotten // the record starts a new person only after the moment
		break
	}
	return t, m.view.Err()
}

// refoldWhole folds the records that end at or before the moment.
func (m *moment) refoldWhole(ctx context.Context, entity domain.Entity) (*refolded, error) {
	from, err := m.view.Snapshot(entity, m.asOf.Seq, m.at)
	if err != nil {
		return nil, err
	}
	t := &refolded{moment: m, ctx: ctx, of: entity, base: from.Seq, user: from.User, account: from.Account}
	for seq := range m.view.Timeline(entity, from.Seq) {
		if seq > m.asOf.Seq {
			break
		}
		r, err := m.record(ctx, seq)
		if err != nil {
			return nil, err
		}
		if r.Time.After(m.at) { // within an entity times never decrease
			break
		}
		if err := t.take(&r); err != nil {
			return nil, err
		}
		t.base = seq
	}
	t.clock = t.user.Clock
	return t, m.view.Err()
}

// take folds one record.
func (t *refolded) take(r *domain.Record) error {
	var take domain.Fold
	changes, err := take.Take(t, r)
	if err != nil {
		return err
	}
	for i := range changes.Users {
		if u := &changes.Users[i]; domain.UserEntity(u.Name) == t.of {
			t.user = u.After
		}
	}
	if a := &changes.Account; domain.AccountEntity(a.ID) == t.of {
		t.account = a.After
	}
	if t.items == nil {
		return nil // the histories have the items
	}
	for _, c := range changes.Items {
		t.items[c.Key] = c.Item
		if !c.New {
			continue
		}
		for _, owner := range projections.ListedWith(c) {
			if t.of == domain.UserEntity(owner) || t.of == domain.AccountEntity(owner) {
				t.lists[c.Key.Kind] = append(t.lists[c.Key.Kind], firstNamed{r.Seq, c.Key})
			}
		}
	}
	return nil
}

// User returns a user before the record that is folded. For another user than the refolded
// one, it returns the state only while a part of a record is folded, because only the items
// that this part changes depend on that state. Otherwise it returns the zero User.
func (t *refolded) User(name string) (domain.User, error) {
	entity := domain.UserEntity(name)
	switch {
	case entity == t.of:
		return t.user, nil
	case t.items == nil:
		return domain.User{}, nil
	}
	before := *t.moment
	before.view = t.view.Fork() // the caller is still in a scan of the view
	other, err := before.refoldWhole(t.ctx, entity)
	if err != nil {
		return domain.User{}, err
	}
	return other.user, nil
}

// Account returns the account before the record that is folded, and the zero Account unless
// the account is refolded.
func (t *refolded) Account(id string) (domain.Account, error) {
	if domain.AccountEntity(id) == t.of {
		return t.account, nil
	}
	return domain.Account{}, nil
}

// Item returns the state of an item after the newest folded record, nil if the item does not
// exist then.
func (t *refolded) Item(k domain.ItemKey) (domain.Item, error) {
	if it, known := t.items[k]; known || t.base == 0 {
		return it, nil
	}
	it, _, err := t.view.ItemAt(k, t.base)
	return it, err
}

// list returns the selected items of one kind.
func (t *refolded) list(kind domain.ItemKind, owner string, of seqs) ([]listed, error) {
	var all []listed
	add := func(seq uint64, key domain.ItemKey) error {
		it, err := t.Item(key)
		if it != nil {
			all = append(all, listed{seq, it})
		}
		return err
	}
	part := t.partList(kind, of)
	for _, f := range part {
		if of.oldest || len(all) == of.limit { // the part is after the other records
			break
		}
		if err := add(f.seq, f.key); err != nil {
			return nil, err
		}
	}
	whole := of
	whole.below = min(of.below, t.base+1)
	for seq, key := range t.listing(kind, owner, whole) {
		if len(all) == of.limit {
			break
		}
		if err := add(seq, key); err != nil {
			return nil, err
		}
	}
	if err := t.view.Err(); err != nil {
		return nil, err
	}
	for _, f := range part {
		if !of.oldest || len(all) == of.limit {
			break
		}
		if err := add(f.seq, f.key); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// partList returns the selected items that the part of a record names first.
func (t *refolded) partList(kind domain.ItemKind, of seqs) []firstNamed {
	var all []firstNamed
	for _, f := range t.lists[kind] {
		if f.seq > of.above && f.seq < of.below {
			all = append(all, f)
		}
	}
	return all
}

// Withdrawals returns the withdrawals of the account that count since an instant.
func (t *refolded) Withdrawals(account string, since time.Time) ([]*domain.Withdrawal, error) {
	after, err := t.view.LastWithdrawalBefore(account, since, t.base)
	if err != nil {
		return nil, err
	}
	found, err := t.list(domain.WithdrawalItem, account, seqs{above: after, below: endOfSeqs, oldest: true, limit: unlimited})
	var all []*domain.Withdrawal
	for _, l := range found {
		if w := l.item.(*domain.Withdrawal); w.Counts(since) {
			all = append(all, w)
		}
	}
	return all, err
}

// unlimited is a limit above the length of every list.
const unlimited = 1 << 62
