package rows

import (
	"bytes"
	"context"
	"fmt"
	"time"
)

// Difference is the first key whose rows in two stores differ.
type Difference struct {
	Table string // name of the table; "" for the checkpoint, if the positions differ
	Key   []byte // without the byte of the table
	A, B  []byte // the rows; nil if a store has no such row
}

func (d *Difference) String() string {
	if d.Table == "" {
		return fmt.Sprintf("checkpoint: %q and %q", d.A, d.B)
	}
	return fmt.Sprintf("%s: row %q: %q and %q", d.Table, d.Key, d.A, d.B)
}

// CheckEvery is the number of rows between two checks of the context in a long scan.
const CheckEvery = 1 << 12

// Compare compares all rows of both stores, key by key, and returns the first difference,
// or nil. Two stores with the same log folded to the same position have equal rows,
// whatever their spans, restarts and crashes were.
func Compare(ctx context.Context, a, b *Store) (*Difference, error) {
	va, err := a.View(ctx)
	if err != nil {
		return nil, err
	}
	defer va.Close()
	vb, err := b.View(ctx)
	if err != nil {
		return nil, err
	}
	defer vb.Close()
	return CompareViews(ctx, va, vb, 0)
}

// Describe returns the name of the row, and how the row of the first store differs from the
// expected row of the second store.
func (d *Difference) Describe() string {
	how := "is altered"
	switch {
	case d.Table == "":
		return "the checkpoint"
	case d.A == nil:
		how = "is missing"
	case d.B == nil:
		how = "does not follow from the log"
	}
	return fmt.Sprintf("row %q of %s, which %s", d.Key, d.Table, how)
}

// CompareViews is Compare for two views of stores with one schema. It pauses after every
// [CheckEvery] keys.
func CompareViews(ctx context.Context, va, vb *View, pause time.Duration) (*Difference, error) {
	if d, err := comparePositions(va, vb); d != nil || err != nil {
		return d, err
	}
	a, err := va.cursor(afterCheckpoint, nil, false)
	if err != nil {
		return nil, err
	}
	defer a.close()
	b, err := vb.cursor(afterCheckpoint, nil, false)
	if err != nil {
		return nil, err
	}
	defer b.close()
	ok, okB := a.next(), b.next()
	for n := 0; ok || okB; n++ {
		if n%CheckEvery == 0 && n > 0 {
			if err := waitFor(ctx, pause); err != nil {
				return nil, err
			}
		}
		if d := differ(a, b, va.store.schema.Tables); d != nil {
			return d, cursorError(va, vb, a, b)
		}
		ok, okB = a.next(), b.next()
	}
	return nil, cursorError(va, vb, a, b)
}

// afterCheckpoint is the first key after the key of the checkpoint.
var afterCheckpoint = append(checkpointKey.Clone(), 0)

// comparePositions compares the checkpoints that views at their positions have. The row of a
// checkpoint in Pebble may be older than the view.
func comparePositions(va, vb *View) (*Difference, error) {
	a, err := va.checkpointRow()
	if err != nil {
		return nil, err
	}
	b, err := vb.checkpointRow()
	if err != nil || bytes.Equal(a, b) {
		return nil, err
	}
	return &Difference{Key: checkpointKey[1:], A: a, B: b}, nil
}

func (v *View) checkpointRow() ([]byte, error) {
	p, at, err := v.Position()
	_, row := EncodeCheckpoint(v.store.schema.Versions, p, at)
	return row, err
}

// waitFor waits for d, and returns the error of ctx if ctx ends first.
func waitFor(ctx context.Context, d time.Duration) error {
	if d == 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// cursorError returns the error that ended one of the cursors, or nil. After such an error
// the difference is not valid.
func cursorError(va, vb *View, a, b *cursor) error {
	if a.err != nil {
		return va.Damage(nil, a.err)
	}
	if b.err != nil {
		return vb.Damage(nil, b.err)
	}
	return nil
}

// differ compares the current rows of two cursors.
func differ(a, b *cursor, tables map[byte]string) *Difference {
	switch order := keyOrder(a, b); {
	case order < 0:
		return difference(tables, a.key, a, nil)
	case order > 0:
		return difference(tables, b.key, nil, b)
	case !bytes.Equal(a.row, b.row):
		return difference(tables, a.key, a, b)
	}
	return nil
}

// keyOrder compares the current keys of two cursors. A cursor at its end sorts last.
func keyOrder(a, b *cursor) int {
	switch {
	case b.key == nil:
		return -1
	case a.key == nil:
		return 1
	}
	return bytes.Compare(a.key, b.key)
}

func difference(tables map[byte]string, k Key, a, b *cursor) *Difference {
	d := &Difference{Table: tables[k[0]], Key: bytes.Clone(k[1:])}
	if a != nil {
		d.A = append([]byte{}, a.row...)
	}
	if b != nil {
		d.B = append([]byte{}, b.row...)
	}
	return d
}
