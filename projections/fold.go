package projections

import (
	"context"
	"errors"
	"fmt"

	"authledger/domain"
)

// Fold takes the commit that follows Position in, and refuses any other. Its
// Prev is checked against Position's hash; the caller checks the first commit's.
// Reads see the commit when Fold returns, and not before. Fold waits while a
// full span can't be written because the one before still is. After an error
// nothing of the commit is in the rows.
func (e *Engine) Fold(c *domain.Commit) error {
	e.folding.Lock()
	defer e.folding.Unlock()
	if err := e.await(context.Background(), e.room); err != nil {
		return fmt.Errorf("fold commit at %d: %w", c.Stream, err)
	}
	if err := follows(e.now().Position, c); err != nil {
		return fmt.Errorf("fold commit at %d: %w", c.Stream, err)
	}
	if err := e.fold.commit(c); err != nil {
		return fmt.Errorf("fold commit at %d: %w", c.Stream, e.broke(err))
	}
	e.publish(c)
	return nil
}

// room reports whether the current span takes another commit. The lock is held.
func (e *Engine) room() bool {
	if !e.full() {
		return true
	}
	poke(e.hurry)
	return false
}

// ErrOutOfOrder reports a commit that is not the one after Position.
var ErrOutOfOrder = errors.New("the commit does not follow")

func follows(p domain.Position, c *domain.Commit) error {
	switch {
	case len(c.Records) == 0:
		return fmt.Errorf("%w: it has no records", ErrOutOfOrder)
	case c.First != p.Seq+1:
		return fmt.Errorf("%w: it begins with record %d, want %d", ErrOutOfOrder, c.First, p.Seq+1)
	case c.Stream != p.Stream+1:
		return fmt.Errorf("%w: it is at stream position %d, want %d", ErrOutOfOrder, c.Stream, p.Stream+1)
	case c.Prev != p.Hash && p != domain.Position{}:
		return fmt.Errorf("%w: it is chained to %x, want %x", ErrOutOfOrder, c.Prev, p.Hash)
	}
	for i := range c.Records {
		if want := c.First + uint64(i); c.Records[i].Seq != want {
			return fmt.Errorf("%w: it holds record %d, want %d", ErrOutOfOrder, c.Records[i].Seq, want)
		}
		if err := named(&c.Records[i]); err != nil {
			return err
		}
	}
	return nil
}

// named reports whether the record's names can be parts of keys. That they
// can't is a fault of the log, not of the rows.
func named(r *domain.Record) error {
	err := fits(r.Command.Source, r.Command.ID)
	for _, entity := range r.Entities {
		err = errors.Join(err, fits(string(entity)))
	}
	if err != nil {
		return fmt.Errorf("record %d: %w", r.Seq, err)
	}
	return nil
}

// publish shows the folded commit to reads, all of it at once.
func (e *Engine) publish(c *domain.Commit) {
	f := e.fold
	e.mu.Lock()
	defer e.mu.Unlock()
	e.current.rows.putAll(&f.staged)
	e.cache(&f.staged)
	e.head = &head{c.End(), c.Time, f.policy}
	if e.current.records == 0 {
		poke(e.begun)
	}
	e.current.records += len(c.Records)
	e.current.commits = append(e.current.commits, commitPlace{c.First, c.Stream})
	e.current.end = e.head
	if e.full() {
		poke(e.hurry)
	}
	e.changed.wake()
}

// cached reports whether rows of a table are kept in memory: what is decided on.
func cached(table byte) bool { return table == users.Table || table == accounts.Table }

// cache keeps the users and accounts of a commit in memory. The lock is held.
func (e *Engine) cache(staged *rowSet) {
	for i := range staged.rows {
		if r := &staged.rows[i]; cached(staged.memory[r.key]) {
			e.entities.put(staged.keyOf(r), r.hash, staged.rowOf(r))
		}
	}
}

// folding is one commit being folded: rows that only it sees.
type folding struct {
	engine *Engine
	staged rowSet
	users  map[string]*userRow
	taking domain.Fold
	policy *domain.Policy
	tables []Rows // of the catalog
	step   Step
}

func newFolding(e *Engine) *folding {
	f := &folding{engine: e, users: make(map[string]*userRow), tables: make([]Rows, len(catalog))}
	for i, p := range catalog {
		f.tables[i] = newRows(p, f)
	}
	return f
}

func (f *folding) commit(c *domain.Commit) error {
	f.staged.clear()
	clear(f.users)
	f.policy = f.engine.now().Policy
	f.step.Commit = c
	for i := range c.Records {
		if err := f.record(&c.Records[i]); err != nil {
			return fmt.Errorf("record %d: %w", c.Records[i].Seq, err)
		}
	}
	return nil
}

func (f *folding) record(r *domain.Record) (err error) {
	f.step.Record, f.step.Users = r, f.step.Users[:0]
	if f.step.Changes, err = f.taking.Take(f, r); err != nil {
		return err
	}
	for i := range f.step.Changes.Users {
		u := &f.step.Changes.Users[i]
		row := &userRow{int64(r.Seq), u.After}
		f.users[u.Name] = row
		f.step.Users = append(f.step.Users, UserStep{domain.UserEntity(u.Name), u.Name, &u.Before, &row.user, row})
	}
	for i, p := range catalog {
		if err := p.Fold(&f.tables[i], &f.step); err != nil {
			return fmt.Errorf("%s: %w", p.Name, err)
		}
	}
	if p := r.Adopted(); p != nil {
		f.policy = p
	}
	return nil
}

// User, Account and Item are the states as the commit so far has left them.

func (f *folding) User(name string) (domain.User, error) {
	row, err := f.user(name)
	if err != nil {
		return domain.User{}, err
	}
	return row.user, nil
}

func (f *folding) Account(id string) (domain.Account, error) {
	var row accountRow
	rows := newRows(accounts, f)
	_, err := rows.Get(rows.Key().tail(id), &row)
	return row.account, err
}

func (f *folding) Item(k domain.ItemKey) (domain.Item, error) {
	row, found, err := f.get(nil, itemKey(items.key(), k))
	if err != nil || !found {
		return nil, err
	}
	it, err := decodeItem(k, row)
	if err != nil {
		return nil, damaged(err)
	}
	return it, nil
}

func (f *folding) user(name string) (*userRow, error) {
	if row, ok := f.users[name]; ok {
		return row, nil
	}
	row, _, err := f.engine.userRow(name)
	return row, err
}

func (f *folding) get(dst []byte, k key) ([]byte, bool, error) {
	row, found, known := f.staged.get(dst, k, hashKey(k))
	if known {
		return row, found, nil
	}
	row, found, _, err := f.engine.row(dst, k)
	return row, found, err
}

func (f *folding) put(k key, row []byte) { f.staged.put(k, hashKey(k), row, false) }
func (f *folding) remove(k key)          { f.staged.put(k, hashKey(k), nil, true) }
