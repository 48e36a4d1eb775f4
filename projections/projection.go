package projections

import (
	"fmt"
	"strconv"
	"strings"

	"authledger/domain"
	"authledger/projections/rows"
)

// Projection is a table of rows that is derived from the log, and the fold that writes them.
type Projection struct {
	Name    string // in error texts, and in the versions that the checkpoint stores
	Version int    // raised whenever Fold would write other rows for the same log
	Table   byte   // the first byte of its keys, unique in the catalog

	// Fold writes the rows of one record. It is pure: the result depends only on the rows
	// and the step. It returns an error if a row can't be read. The caller flushes the table
	// after the last record of a commit.
	Fold func(t *Table, s *Step) error
}

// The catalog lists all projections, in the order in which they fold a record.
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
	snapshots,
	origins,
	statistics,
	lists,
	keys,
	holds,
	erasures,
	introductions,
}

// key begins a key of p's table.
func (p *Projection) key() rows.Key { return append(make(rows.Key, 0, rows.KeyBytesUsual), p.Table) }

// versions returns the versions of all projections and the layout of the states. Rows that were
// written with other versions are folded again.
func versions() string { return strings.Join(versionList(), " ") }

// Versions returns the projections with the versions of their rows. Another list makes the node
// rebuild its rows.
func (e *Engine) Versions() []string { return versionList() }

func versionList() []string {
	names := make([]string, len(catalog), len(catalog)+1)
	for i, p := range catalog {
		names[i] = p.Name + "@" + strconv.Itoa(p.Version)
	}
	return append(names, "states@"+statesLayout())
}

// Table is the table of one projection while a record is folded.
type Table struct {
	of    *Projection
	store rowStore
	keys  rows.Key // buffer for the key that Key returns
	bytes []byte   // buffer for the encoded row
	edits edits    // decoded rows that the fold changes in place
}

// rowStore reads and writes rows for a fold. It keeps no slice that it receives.
type rowStore interface {
	Get(dst []byte, k rows.Key) (row []byte, found bool, err error) // appends to dst
	Put(k rows.Key, row []byte)
	Remove(k rows.Key)
}

func newTable(p *Projection, s rowStore) Table {
	return Table{of: p, store: s, keys: p.key()}
}

// Key begins a key of the table. It is valid until the next call of Key.
func (t *Table) Key() rows.Key { return append(t.keys[:0], t.of.Table) }

// Get reads the row at k into row, which must be the zero value, and reports whether the
// row exists.
func (t *Table) Get(k rows.Key, row domain.Data) (bool, error) {
	b, found, err := t.store.Get(t.bytes[:0], k)
	if err != nil || !found {
		return false, err
	}
	t.bytes = b
	if err := rows.Decode(b, row); err != nil {
		return false, rows.AsDamage(fmt.Errorf("%s: row %q: %w", t.of.Name, k, err))
	}
	return true, nil
}

// Put writes a row. The row is nil if the key contains all data.
func (t *Table) Put(k rows.Key, row domain.Data) {
	t.bytes = t.bytes[:0]
	if row != nil {
		t.bytes = rows.Encode(t.bytes, row)
	}
	t.store.Put(k, t.bytes)
}

// PutAgain writes the row of the newest Put at another key.
func (t *Table) PutAgain(k rows.Key) { t.store.Put(k, t.bytes) }

// Remove deletes a row, if it exists.
func (t *Table) Remove(k rows.Key) { t.store.Remove(k) }
