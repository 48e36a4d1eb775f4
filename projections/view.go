package projections

import (
	"context"

	"authledger/projections/rows"
)

// View reads the rows of all projections at one position. The file of each projection has
// the methods that read its table. The caller closes the view.
type View struct{ *rows.View }

// View returns a view that reflects every commit folded before the call.
func (e *Engine) View(ctx context.Context) (View, error) {
	v, err := e.store.View(ctx)
	return View{v}, err
}

// Fork returns a reader of the same rows for a scan inside the scan of v. The caller closes
// v only.
func (v View) Fork() View { return View{v.View.Fork()} }
