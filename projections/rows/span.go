package rows

import (
	"slices"

	"github.com/cockroachdb/pebble/v2"
)

// span is a run of commits whose rows go to Pebble in one batch.
type span struct {
	rows    rowSet
	records int
	commits []commitStart // in order
	end     *Head
	layer   *layer // of the newest view of the rows, or nil
	index   *index // of the layers, nil without a layer
}

// commitStart is the first record of a commit, and the stream position of the commit.
type commitStart struct{ first, stream uint64 }

// spanKeepBytes is the maximum memory of a span that is reused for a later span.
const spanKeepBytes = 16 << 20

// batchRowBytes is the size in a batch of a row without its key and its value.
const batchRowBytes = 8

// Write is one write to Pebble: the rows of a span, and the checkpoint at its end.
type Write struct {
	Batch         *pebble.Batch
	CheckpointKey []byte
	Checkpoint    []byte
}

// writeTogether applies rows and checkpoint atomically: a crash loses both or neither.
// Pebble's own log is off, because the rows can be folded again from the ledger's log.
func writeTogether(db *pebble.DB, w *Write) error {
	if err := w.Batch.Set(w.CheckpointKey, w.Checkpoint, nil); err != nil {
		return err
	}
	return db.Apply(w.Batch, pebble.NoSync)
}

// locate returns the stream position of the commit with the record at seq, if the span has
// that commit.
func (s *span) locate(seq uint64) (stream uint64, found bool) {
	if s == nil || len(s.commits) == 0 || seq < s.commits[0].first {
		return 0, false
	}
	i, exact := slices.BinarySearchFunc(s.commits, seq, func(c commitStart, seq uint64) int {
		return int(int64(c.first - seq))
	})
	if !exact {
		i--
	}
	return s.commits[i].stream, true
}

// reset removes all commits and keeps the memory.
func (s *span) reset() {
	s.rows.clear()
	s.records, s.commits, s.end, s.layer, s.index = 0, s.commits[:0], nil, nil, nil
}

// batch returns the rows of the span as a batch, in the order of the keys.
func (s *span) batch(db *pebble.DB) (*pebble.Batch, error) {
	b := db.NewBatchWithSize(len(s.rows.memory) + len(s.rows.rows)*batchRowBytes)
	for _, row := range s.rows.sorted() {
		r := &s.rows.rows[row.row]
		var err error
		if r.gone {
			err = b.Delete(s.rows.keyOf(r), nil)
		} else {
			err = b.Set(s.rows.keyOf(r), s.rows.rowOf(r), nil)
		}
		if err != nil {
			_ = b.Close() // the error of Set is the one to report
			return nil, err
		}
	}
	return b, nil
}
