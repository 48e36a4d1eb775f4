package projections

import (
	"context"
	"errors"
	"fmt"
	"time"

	"authledger/domain"
	"authledger/projections/rows"
)

// The methods below, Fold and Due implement the state of the log from which the sequencer
// decides commands.

// ErrAhead reports a query about a record that is not folded yet.
var ErrAhead = errors.New("the position is not folded yet")

// User returns the state of a user, zero if no record names the user.
func (e *Engine) User(name string) (domain.User, error) {
	row, _, err := e.userRow(name)
	if err != nil {
		return domain.User{}, err
	}
	return row.user, nil
}

// Account returns the state of an account, zero if no record names the account.
func (e *Engine) Account(id string) (domain.Account, error) {
	row, _, err := e.accountRow(id)
	if err != nil {
		return domain.Account{}, err
	}
	return row.account, nil
}

// Item returns the state of an item, nil if the item does not exist.
func (e *Engine) Item(k domain.ItemKey) (domain.Item, error) {
	if rows.CheckNames(k.Owner, k.ID) != nil { // no item has such a key
		return nil, nil
	}
	row, found, _, err := e.Row(nil, itemKey(items.key(), k))
	if err != nil || !found {
		return nil, err
	}
	it, err := decodeItem(k, row)
	if err != nil {
		return nil, e.MarkDamaged(err)
	}
	return it, nil
}

// Withdrawals returns the withdrawals of an account that were approved at or after an
// instant, cancelled ones included.
func (e *Engine) Withdrawals(account string, since time.Time) ([]*domain.Withdrawal, error) {
	v, err := e.View(context.Background())
	if err != nil {
		return nil, err
	}
	defer v.Close()
	return v.Withdrawals(account, since)
}

// Clock returns the newest effective time of an entity, zero if no record names it.
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
	_, err := e.read(clocks.key().Tail(string(entity)), &row)
	return row.clock, err
}

// Command returns the record of the command (source, id), and the hash of its content.
func (e *Engine) Command(source, id string) (seq uint64, content domain.Hash, found bool, err error) {
	if rows.CheckNames(source, id) != nil { // no record has such a command
		return 0, content, false, nil
	}
	var row commandRow
	found, err = e.read(commands.key().Text(source).Tail(id), &row)
	copy(content[:], row.content)
	return uint64(row.seq), content, found, err
}

// read reads the row at k into row, and reports whether the row exists.
func (e *Engine) read(k rows.Key, row domain.Data) (found bool, err error) {
	b, found, _, err := e.Row(nil, k)
	if err != nil || !found {
		return false, err
	}
	if err := rows.Decode(b, row); err != nil {
		return false, e.MarkDamaged(fmt.Errorf("read row %q: %w", k, err))
	}
	return true, nil
}

// Locate returns the stream position of the commit with the record at seq. It returns
// [ErrAhead] for a record after Position, and for 0.
func (e *Engine) Locate(seq uint64) (stream uint64, err error) {
	stream, found, isAhead := e.store.Locate(seq)
	switch {
	case isAhead:
		return 0, fmt.Errorf("locate record %d: %w", seq, ErrAhead)
	case found:
		return stream, nil
	}
	// The rows of a commit that the store no longer has in memory are in Pebble.
	v, err := e.WrittenView()
	if err != nil {
		return 0, err
	}
	defer v.Close()
	stream, _, err = View{v}.CommitOf(seq)
	return stream, err
}
