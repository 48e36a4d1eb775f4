package projections

import "github.com/cockroachdb/pebble/v2"

// applyApart is the fault that the crash test must notice: rows in one batch,
// the checkpoint in another.
func applyApart(db *pebble.DB, w *written) error {
	if err := db.Apply(w.batch, pebble.NoSync); err != nil {
		return err
	}
	return db.Set(checkpointKey, w.checkpoint, pebble.NoSync)
}
