package rows

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/cockroachdb/pebble/v2"
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
	a, err := va.snapshot.NewIter(nil)
	if err != nil {
		return nil, va.Damage(nil, err)
	}
	defer a.Close()
	b, err := vb.snapshot.NewIter(nil)
	if err != nil {
		return nil, vb.Damage(nil, err)
	}
	defer b.Close()
	ok, okB := a.First(), b.First()
	for n := 0; ok || okB; n++ {
		if n%CheckEvery == 0 && n > 0 {
			if err := waitFor(ctx, pause); err != nil {
				return nil, err
			}
		}
		if d := differ(a, b, va.store.schema.Tables); d != nil {
			return d, iteratorError(va, vb, a, b)
		}
		ok, okB = a.Next(), b.Next()
	}
	return nil, iteratorError(va, vb, a, b)
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

// iteratorError returns the error that ended one of the iterators, or nil. After such an
// error the difference is not valid.
func iteratorError(va, vb *View, a, b *pebble.Iterator) error {
	if err := a.Error(); err != nil {
		return va.Damage(nil, err)
	}
	if err := b.Error(); err != nil {
		return vb.Damage(nil, err)
	}
	return nil
}

// differ compares the current rows of two iterators.
func differ(a, b *pebble.Iterator, tables map[byte]string) *Difference {
	switch order := keyOrder(a, b); {
	case order < 0:
		return difference(tables, a.Key(), a, nil)
	case order > 0:
		return difference(tables, b.Key(), nil, b)
	case !bytes.Equal(a.Value(), b.Value()):
		return difference(tables, a.Key(), a, b)
	}
	return nil
}

// keyOrder compares the current keys of two iterators. An iterator at its end sorts last.
func keyOrder(a, b *pebble.Iterator) int {
	switch {
	case !b.Valid():
		return -1
	case !a.Valid():
		return 1
	}
	return bytes.Compare(a.Key(), b.Key())
}

func difference(tables map[byte]string, k Key, a, b *pebble.Iterator) *Difference {
	d := &Difference{Table: tables[k[0]], Key: bytes.Clone(k[1:])}
	if a != nil {
		d.A = append([]byte{}, a.Value()...)
	}
	if b != nil {
		d.B = append([]byte{}, b.Value()...)
	}
	return d
}
