package projections

import (
	"context"
	"errors"
	"fmt"
	"time"

	"authledger/domain"
)

// ErrAhead reports a question about a position that is not folded yet.
var ErrAhead = errors.New("the position is not folded yet")

// Policy is the newest adopted, or the built-in. It is compiled.
func (e *Engine) Policy() *domain.Policy { return e.now().Policy }

// User is the state of a user, zero if no record names it.
func (e *Engine) User(name string) (domain.User, error) {
	row, _, err := e.userRow(name)
	if err != nil {
		return domain.User{}, err
	}
	return row.user, nil
}

// Account is the state of an account, zero if no record names it.
func (e *Engine) Account(id string) (domain.Account, error) {
	row, _, err := e.accountRow(id)
	if err != nil {
		return domain.Account{}, err
	}
	return row.account, nil
}

// Item is a device, a code, a withdrawal, a sharing…, nil if there is none.
func (e *Engine) Item(k domain.ItemKey) (domain.Item, error) {
	if fits(k.Owner, k.ID) != nil { // no item has such names
		return nil, nil
	}
	row, found, _, err := e.row(nil, itemKey(items.key(), k))
	if err != nil || !found {
		return nil, err
	}
	it, err := decodeItem(k, row)
	if err != nil {
		return nil, e.broke(err)
	}
	return it, nil
}

// Withdrawals are those of an account approved at or after an instant, cancelled
// ones too. It waits until all that is folded is in Pebble.
func (e *Engine) Withdrawals(account string, since time.Time) ([]*domain.Withdrawal, error) {
	v, err := e.view(context.Background())
	if err != nil {
		return nil, err
	}
	defer v.close()
	return recently{v}.Withdrawals(account, since)
}

// Clock is the last effective time of any entity, zero if no record names it.
func (e *Engine) Clock(entity domain.Entity) (time.Time, error) {
	if name, ok := entity.User(); ok {
		u, err := e.User(name)
		return u.Clock, err
	}
	if id, ok := entity.Account(); ok {
		a, err := e.Account(id)
		return a.Clock, err
	}
	var row clockRow
	_, err := e.read(clocks.key().tail(string(entity)), &row)
	return row.clock, err
}

// Command finds the record that (source, id) names, for ever.
func (e *Engine) Command(source, id string) (seq uint64, content domain.Hash, found bool, err error) {
	if fits(source, id) != nil { // no record has such names
		return 0, content, false, nil
	}
	var row commandRow
	found, err = e.read(commands.key().text(source).tail(id), &row)
	copy(content[:], row.content)
	return uint64(row.seq), content, found, err
}

// read decodes the row at k, if there is one.
func (e *Engine) read(k key, row domain.Data) (found bool, err error) {
	b, found, _, err := e.row(nil, k)
	if err != nil || !found {
		return false, err
	}
	if err := decodeRow(b, row); err != nil {
		return false, e.broke(fmt.Errorf("read row %q: %w", k, err))
	}
	return true, nil
}

// Locate finds the stream position of the commit that holds the record at seq,
// which is at or before Position, or [ErrAhead].
func (e *Engine) Locate(seq uint64) (stream uint64, err error) {
	e.mu.RLock()
	ahead := seq == 0 || seq > e.head.Seq
	stream, found := e.current.locate(seq)
	if !found {
		stream, found = e.writing.locate(seq)
	}
	e.mu.RUnlock()
	switch {
	case ahead:
		return 0, fmt.Errorf("locate record %d: %w", seq, ErrAhead)
	case found:
		return stream, nil
	}
	// What is in no span now is in Pebble, and stays there.
	v, err := e.look()
	if err != nil {
		return 0, err
	}
	defer v.close()
	_, row, err := v.commitOf(seq)
	return uint64(row.stream), err
}

// Due returns deadlines at or before t, earliest first, at most max, of entities
// whose newest record is no backfill. It sees every commit whose Fold has
// returned.
func (e *Engine) Due(t time.Time, max int) ([]domain.Deadline, error) {
	v, err := e.view(context.Background())
	if err != nil {
		return nil, err
	}
	defer v.close()
	var due []domain.Deadline
	for k := range v.scan(deadlines.key(), deadlines.key().instant(t).after()) {
		if len(due) == max {
			break
		}
		at, entity, err := k[1:].cutInstant()
		if err != nil {
			return nil, v.damage(k, err)
		}
		due = append(due, domain.Deadline{Entity: domain.Entity(entity), At: at})
	}
	return due, v.err
}
