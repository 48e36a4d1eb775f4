package projections

import (
	"bytes"
	"context"
	"fmt"

	"github.com/cockroachdb/pebble/v2"
)

// Difference is the first key at which the rows of two engines are not the same.
type Difference struct {
	Projection string // "" for the checkpoint: the two are not at the same position
	Key        []byte // without the table's byte
	A, B       []byte // the rows; nil if there is none
}

func (d *Difference) String() string {
	if d.Projection == "" {
		return fmt.Sprintf("checkpoint: %q against %q", d.A, d.B)
	}
	return fmt.Sprintf("%s: row %q: %q against %q", d.Projection, d.Key, d.A, d.B)
}

// compareEvery is how many keys are compared between two looks at the context.
const compareEvery = 1 << 12

// Compare goes through all rows of both engines, key for key, and returns the
// first difference, nil if there is none. Two engines that folded the same log
// to the same position have none, whatever spans, restarts and crashes lay
// between.
func Compare(ctx context.Context, a, b *Engine) (*Difference, error) {
	va, err := a.view(ctx)
	if err != nil {
		return nil, err
	}
	defer va.close()
	vb, err := b.view(ctx)
	if err != nil {
		return nil, err
	}
	defer vb.close()
	return compare(ctx, va, vb)
}

func compare(ctx context.Context, va, vb *view) (*Difference, error) {
	a, err := va.rows.NewIter(nil)
	if err != nil {
		return nil, va.damage(nil, err)
	}
	defer a.Close()
	b, err := vb.rows.NewIter(nil)
	if err != nil {
		return nil, vb.damage(nil, err)
	}
	defer b.Close()
	ok, okB := a.First(), b.First()
	for n := 0; ok || okB; n++ {
		if n%compareEvery == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if d := differ(a, b); d != nil {
			return d, both(va, vb, a, b)
		}
		ok, okB = a.Next(), b.Next()
	}
	return nil, both(va, vb, a, b)
}

// both reports what ended either iterator. A difference found then is none.
func both(va, vb *view, a, b *pebble.Iterator) error {
	if err := a.Error(); err != nil {
		return va.damage(nil, err)
	}
	if err := b.Error(); err != nil {
		return vb.damage(nil, err)
	}
	return nil
}

// differ compares the rows that two iterators stand at.
func differ(a, b *pebble.Iterator) *Difference {
	switch order := keyOrder(a, b); {
	case order < 0:
		return difference(a.Key(), a, nil)
	case order > 0:
		return difference(b.Key(), nil, b)
	case !bytes.Equal(a.Value(), b.Value()):
		return difference(a.Key(), a, b)
	}
	return nil
}

// keyOrder compares where two iterators stand; one at its end stands last.
func keyOrder(a, b *pebble.Iterator) int {
	switch {
	case !b.Valid():
		return -1
	case !a.Valid():
		return 1
	}
	return bytes.Compare(a.Key(), b.Key())
}

func difference(k key, a, b *pebble.Iterator) *Difference {
	d := &Difference{Key: bytes.Clone(k[1:])}
	for _, p := range catalog {
		if p.Table == k[0] {
			d.Projection = p.Name
		}
	}
	if a != nil {
		d.A = append([]byte{}, a.Value()...)
	}
	if b != nil {
		d.B = append([]byte{}, b.Value()...)
	}
	return d
}
