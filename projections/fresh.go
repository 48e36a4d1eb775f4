package projections

import (
	"context"
	"errors"
	"time"

	"authledger/domain"
	"authledger/projections/rows"
)

// Sizes of the caches of a [Fresh] engine, in bytes.
const (
	freshEntityCache = 4 << 20
	freshBlockCache  = 8 << 20
)

// comparePause is the pause after every [rows.CheckEvery] compared rows, so that a
// comparison leaves the processors to a running node.
const comparePause = 2 * time.Millisecond

// Fresh is an engine with an empty generation beside the generation of another engine. The
// caller folds the log into it and compares the rows. Close removes the generation.
type Fresh struct {
	*Engine
	other  *Engine
	pinned *rows.View // view of other; nil before Pin
}

// OpenFresh begins an empty generation beside e, with small caches.
func (e *Engine) OpenFresh() (*Fresh, error) {
	next, err := e.OpenSmall(freshEntityCache, freshBlockCache)
	if err != nil {
		return nil, err
	}
	return &Fresh{Engine: newEngine(next), other: e}, nil
}

// Pin keeps a view of the rows of the other engine until Close or the next Pin, and returns
// its position. The view has all rows folded before the call. Pin waits until they are in
// Pebble.
func (f *Fresh) Pin(ctx context.Context) (domain.Position, error) {
	v, err := f.other.store.StoredView(ctx)
	if err != nil {
		return domain.Position{}, err
	}
	p, _, err := v.Position()
	if err != nil {
		v.Close()
		return domain.Position{}, err
	}
	f.unpin()
	f.pinned = v
	return p, nil
}

func (f *Fresh) unpin() {
	if f.pinned != nil {
		f.pinned.Close()
		f.pinned = nil
	}
}

var errNotPinned = errors.New("compare rows: Pin was not called")

// Difference compares all rows with the pinned ones. It describes the first row that
// differs, or returns "".
func (f *Fresh) Difference(ctx context.Context) (string, error) {
	if f.pinned == nil {
		return "", errNotPinned
	}
	v, err := f.store.View(ctx)
	if err != nil {
		return "", err
	}
	defer v.Close()
	d, err := rows.CompareViews(ctx, f.pinned, v, comparePause)
	if err != nil || d == nil {
		return "", err
	}
	return d.Describe(), nil
}

// Close removes the generation.
func (f *Fresh) Close() error {
	f.unpin()
	return f.Engine.Close()
}
