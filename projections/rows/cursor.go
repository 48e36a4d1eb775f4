package rows

import (
	"bytes"

	"github.com/cockroachdb/pebble/v2"
)

// cursor steps through the rows of a view, in the order of the keys or in the reverse order.
// It merges the rows of Pebble and of the layers. A row of a newer run hides an older row at
// the same key, and a deletion hides it too.
type cursor struct {
	key Key    // of the current row; nil before the first step and after the last one
	row []byte // valid until the next step, like key
	err error  // that ended the steps, or nil

	back   bool
	pebble *pebble.Iterator
	isAt   bool        // reports whether pebble is at a row
	runs   []runCursor // the newest first
}

// runCursor is the rest of the rows of a run of a layer.
type runCursor struct {
	of   *layer
	rows []sortedRow
}

// cursor returns a cursor before the first row from key from to before key to. The caller
// closes it.
func (v *View) cursor(from, to Key, back bool) (*cursor, error) {
	it, err := v.snapshot.NewIter(&pebble.IterOptions{LowerBound: from, UpperBound: to})
	if err != nil {
		return nil, v.Damage(from, err)
	}
	c := &cursor{back: back, pebble: it}
	for _, l := range v.layers {
		for _, rows := range l.within(from, to) {
			c.runs = append(c.runs, runCursor{l, rows})
		}
	}
	if back {
		c.at(it.Last())
	} else {
		c.at(it.First())
	}
	return c, nil
}

// close releases the cursor. Errors of reads are in err.
func (c *cursor) close() { _ = c.pebble.Close() }

// at records whether Pebble is at a row. An error of Pebble ends the steps at once: the rows
// of the layers that follow would hide that rows of Pebble are missing before them.
func (c *cursor) at(isRow bool) {
	if c.isAt = isRow; !isRow {
		c.err = c.pebble.Error()
	}
}

// next goes to the next row, and reports whether a row exists there.
func (c *cursor) next() bool {
	for {
		if c.leave(); c.err != nil {
			c.key = nil
			return false
		}
		if c.key = c.nearest(); c.key == nil {
			return false
		}
		if isRow := c.read(); isRow || c.err != nil {
			return isRow
		}
	}
}

// leave steps past all rows at the current key. It steps Pebble last, because the memory of
// the key may be Pebble's.
func (c *cursor) leave() {
	if c.key == nil {
		return
	}
	for i := range c.runs {
		if l := &c.runs[i]; l.isAt(c.key, c.back) {
			l.step(c.back)
		}
	}
	switch {
	case !c.isAt || !bytes.Equal(c.pebble.Key(), c.key):
	case c.back:
		c.at(c.pebble.Prev())
	default:
		c.at(c.pebble.Next())
	}
}

// nearest returns the next key of all sources, nil after the last one.
func (c *cursor) nearest() Key {
	var k Key
	if c.isAt {
		k = c.pebble.Key()
	}
	for i := range c.runs {
		l := &c.runs[i]
		if len(l.rows) == 0 {
			continue
		}
		other := l.key(c.back)
		if k == nil || (bytes.Compare(other, k) < 0) != c.back {
			k = other
		}
	}
	return k
}

// read sets the row at the current key. It returns false if the row is deleted, or on an
// error.
func (c *cursor) read() (isRow bool) {
	for i := range c.runs {
		if l := &c.runs[i]; l.isAt(c.key, c.back) {
			r := l.row(c.back)
			c.row = l.of.rows.rowOf(r)
			return !r.gone
		}
	}
	c.row, c.err = c.pebble.ValueAndErr()
	return c.err == nil
}

// row returns the next row of the run.
func (l *runCursor) row(back bool) *setRow {
	i := 0
	if back {
		i = len(l.rows) - 1
	}
	return &l.of.rows.rows[l.rows[i].row]
}

func (l *runCursor) key(back bool) Key { return l.of.rows.keyOf(l.row(back)) }

func (l *runCursor) isAt(k Key, back bool) bool {
	return len(l.rows) > 0 && bytes.Equal(l.key(back), k)
}

func (l *runCursor) step(back bool) {
	if back {
		l.rows = l.rows[:len(l.rows)-1]
	} else {
		l.rows = l.rows[1:]
	}
}
