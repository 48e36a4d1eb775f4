package projections

import (
	"fmt"
	"strconv"
	"strings"

	"authledger/domain"
)

// Projection is one reading of the log.
type Projection struct {
	Name    string // for people
	Version int    // raise it whenever Fold would write other rows for the same log
	Table   byte   // the first byte of its keys, its alone
	// Fold takes one record in. It is pure: the same rows and steps, the same
	// rows after. An error is one of reading a row.
	Fold func(rows *Rows, s *Step) error
}

// The catalog is all projections, in the order in which they see a record.
var catalog = []*Projection{
	users,
	accounts,
	items,
	listings,
	histories,
	clocks,
	policies,
	commands,
	commits,
	locks,
	deadlines,
	timeline,
	attempts,
}

// key begins a key of p's table.
func (p *Projection) key() key { return append(make(key, 0, keyBytesUsual), p.Table) }

// versions names what the rows of this build are made by.
func versions() string {
	names := make([]string, len(catalog))
	for i, p := range catalog {
		names[i] = p.Name + "@" + strconv.Itoa(p.Version)
	}
	return strings.Join(names, " ")
}

// Step is one record as projections see it. It and all it points to are only
// to be read, and only during Fold.
type Step struct {
	Commit  *domain.Commit // that holds the record
	Record  *domain.Record
	Changes *domain.Changes // what it made of the states
	Users   []UserStep      // the users that the record names, in its order
}

// of reports whether an event is of an entity: of the record's first, unless it
// names another.
func (s *Step) of(e domain.Event, entity domain.Entity) bool {
	if e.Entity == "" {
		return entity == s.Record.Entities[0]
	}
	return e.Entity == entity
}

// UserStep is what a record made of a user.
type UserStep struct {
	Entity        domain.Entity
	Name          string
	Before, After *domain.User

	row *userRow // that After is of
}

// Rows is one projection's table as folded so far.
type Rows struct {
	table *Projection
	store rowStore
	keys  key    // memory of the key being built
	bytes []byte // memory of the row being coded
}

// rowStore is where the rows of a fold come from and go to. It keeps no slice
// that it is given.
type rowStore interface {
	get(dst []byte, k key) (row []byte, found bool, err error) // appends to dst
	put(k key, row []byte)
	remove(k key)
}

func newRows(p *Projection, s rowStore) Rows {
	return Rows{table: p, store: s, keys: p.key()}
}

// Key begins a key. It is good until the next Key.
func (r *Rows) Key() key { return append(r.keys[:0], r.table.Table) }

// Get reads a row into its zero value, and reports whether there is one.
func (r *Rows) Get(k key, row domain.Data) (bool, error) {
	b, found, err := r.store.get(r.bytes[:0], k)
	if err != nil || !found {
		return false, err
	}
	r.bytes = b
	if err := decodeRow(b, row); err != nil {
		return false, damaged(fmt.Errorf("%s: row %q: %w", r.table.Name, k, err))
	}
	return true, nil
}

// Put writes a row. A key that says it all has the row nil.
func (r *Rows) Put(k key, row domain.Data) {
	r.bytes = r.bytes[:0]
	if row != nil {
		r.bytes = encodeRow(r.bytes, row)
	}
	r.store.put(k, r.bytes)
}

// Remove deletes a row, if there is one.
func (r *Rows) Remove(k key) { r.store.remove(k) }
