package projections

import (
	"authledger/domain"
	"authledger/projections/rows"
)

// editsMax is the maximum number of rows that a table keeps decoded between two commits.
const editsMax = 256

// edit is a decoded row of a table. A fold changes it in place, so that a row that many
// records change is decoded once and encoded once for each commit.
type edit struct {
	row     domain.Data
	key     rows.Key
	changed bool // since the newest flush; the row is in the list of changed rows
}

// edits are the decoded rows of a table. They hold no information that the rows do not
// hold: a table without them reads the rows again.
type edits struct {
	rows    map[string]*edit
	changed []*edit
}

// Edit returns the row at k for changes in place. If the row does not exist, it returns
// the row that empty returns. The fold calls [Table.Changed] after a change.
func (t *Table) Edit(k rows.Key, empty func() domain.Data) (*edit, error) {
	if e, ok := t.edits.rows[string(k)]; ok {
		return e, nil
	}
	row := empty()
	if _, err := t.Get(k, row); err != nil {
		return nil, err
	}
	return t.keep(k, row), nil
}

// Begin is Edit for a row that does not exist, or whose content the fold replaces. It
// reads nothing.
func (t *Table) Begin(k rows.Key, empty func() domain.Data) *edit {
	return t.keep(k, empty())
}

func (t *Table) keep(k rows.Key, row domain.Data) *edit {
	if t.edits.rows == nil {
		t.edits.rows = make(map[string]*edit)
	}
	e := t.edits.rows[string(k)]
	if e == nil {
		e = &edit{key: k.Clone()}
		t.edits.rows[string(k)] = e
	}
	e.row = row
	return e
}

// Changed notes that the fold has changed a row of Edit or Begin. The next flush writes it.
func (t *Table) Changed(e *edit) {
	if !e.changed {
		e.changed = true
		t.edits.changed = append(t.edits.changed, e)
	}
}

// flush writes the changed rows of Edit and Begin. The caller flushes every table at the end
// of a commit, so that the rows of the commit do not depend on the memory of the table.
func (t *Table) flush() {
	for _, e := range t.edits.changed {
		t.Put(e.key, e.row)
		e.changed = false
	}
	t.edits.changed = t.edits.changed[:0]
	if len(t.edits.rows) > editsMax {
		clear(t.edits.rows)
	}
}
