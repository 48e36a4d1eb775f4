package projections

import (
	"errors"
	"fmt"
	"time"

	"authledger/domain"
	"authledger/projections/rows"
)

// ErrOutOfOrder reports a commit that does not follow the commit at Position.
var ErrOutOfOrder = errors.New("the commit is out of order")

// Fold writes the rows of the commit that follows Position, and returns ErrOutOfOrder for
// any other commit. It checks that c.Prev is the hash at Position; the caller checks c.Prev
// of the first commit. A read that begins after Fold has returned reflects the whole
// commit.
//
// Fold waits while the rows in memory have reached their limit and the writer still writes
// earlier rows to Pebble. After an error no row of the commit is visible.
func (e *Engine) Fold(c *domain.Commit) error {
	if err := e.store.Fold(e.fold.stage, func() error { return e.foldNext(c) }); err != nil {
		return fmt.Errorf("fold commit at %d: %w", c.Stream, err)
	}
	e.folded.Store(int64(time.Since(e.opened)))
	return nil
}

func (e *Engine) foldNext(c *domain.Commit) error {
	if err := checkNext(e.Position(), c); err != nil {
		return err
	}
	if err := e.fold.commit(c); err != nil {
		return e.MarkDamaged(err)
	}
	e.Publish(e.fold.stage, c, e.fold.policy)
	return nil
}

// checkNext returns ErrOutOfOrder unless c follows the position.
func checkNext(p domain.Position, c *domain.Commit) error {
	switch {
	case len(c.Records) == 0:
		return fmt.Errorf("%w: it has no records", ErrOutOfOrder)
	case c.First != p.Seq+1:
		return fmt.Errorf("%w: it begins with record %d, want %d", ErrOutOfOrder, c.First, p.Seq+1)
	case c.Stream != p.Stream+1:
		return fmt.Errorf("%w: it is at stream position %d, want %d", ErrOutOfOrder, c.Stream, p.Stream+1)
	case c.Prev != p.Hash && p != domain.Position{}:
		return fmt.Errorf("%w: its previous hash is %x, want %x", ErrOutOfOrder, c.Prev, p.Hash)
	}
	for i := range c.Records {
		if want := c.First + uint64(i); c.Records[i].Seq != want {
			return fmt.Errorf("%w: it holds record %d, want %d", ErrOutOfOrder, c.Records[i].Seq, want)
		}
		if err := checkNames(&c.Records[i]); err != nil {
			return err
		}
	}
	return nil
}

// checkNames returns an error if a name of the record can't be a part of a key. The log is
// then invalid, and the rows are not damaged.
func checkNames(r *domain.Record) error {
	err := rows.CheckNames(r.Command.Source, r.Command.ID)
	for _, entity := range r.Entities {
		err = errors.Join(err, rows.CheckNames(string(entity)))
	}
	if err != nil {
		return fmt.Errorf("record %d: %w", r.Seq, err)
	}
	return nil
}

// folding folds one commit at a time. The lock of [rows.Store.Fold] guards it.
type folding struct {
	engine *Engine
	stage  *rows.Stage         // rows of the commit
	users  map[string]*userRow // users that the commit has read or changed
	taking domain.Fold
	policy *domain.Policy // policy in force after the newest record
	tables []Table        // one for each projection of the catalog
	step   Step
}

func newFolding(e *Engine) *folding {
	f := &folding{
		engine: e, stage: e.NewStage(), users: make(map[string]*userRow),
		tables: make([]Table, len(catalog)),
	}
	for i, p := range catalog {
		f.tables[i] = newTable(p, f.stage)
	}
	return f
}

func (f *folding) commit(c *domain.Commit) error {
	clear(f.users)
	f.policy = f.engine.Policy()
	f.step.Commit = c
	for i := range c.Records {
		if err := f.record(&c.Records[i]); err != nil {
			f.forget()
			return fmt.Errorf("record %d: %w", c.Records[i].Seq, err)
		}
	}
	for i := range f.tables {
		f.tables[i].flush()
	}
	return nil
}

// forget drops the decoded rows of all tables, because an incomplete commit has changed them.
func (f *folding) forget() {
	for i := range f.tables {
		f.tables[i].edits = edits{}
	}
}

func (f *folding) record(r *domain.Record) (err error) {
	f.step.Record = r
	if f.step.Changes, err = f.taking.Take(f, r); err != nil {
		return err
	}
	if err := f.step.setRows(f); err != nil {
		return err
	}
	for i := range f.step.Users {
		f.users[f.step.Users[i].Name] = f.step.Users[i].row
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

// User, Account and Item return the states after the newest folded record of the commit.

func (f *folding) User(name string) (domain.User, error) {
	row, err := f.user(name)
	if err != nil {
		return domain.User{}, err
	}
	return row.user, nil
}

func (f *folding) Account(id string) (domain.Account, error) {
	row, err := f.account(id)
	return row.account, err
}

func (f *folding) Item(k domain.ItemKey) (domain.Item, error) {
	row, found, err := f.stage.Get(nil, itemKey(items.key(), k))
	if err != nil || !found {
		return nil, err
	}
	it, err := decodeItem(k, row)
	if err != nil {
		return nil, rows.AsDamage(err)
	}
	return it, nil
}

func (f *folding) user(name string) (*userRow, error) {
	if row, ok := f.users[name]; ok {
		return row, nil
	}
	row, _, err := f.engine.userRow(name)
	if err == nil {
		f.users[name] = row
	}
	return row, err
}

func (f *folding) account(id string) (*accountRow, error) {
	row := new(accountRow)
	table := newTable(accounts, f.stage)
	_, err := table.Get(table.Key().Tail(id), row)
	return row, err
}
