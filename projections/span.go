package projections

import (
	"fmt"
	"slices"
	"time"

	"github.com/cockroachdb/pebble/v2"
)

// span is the commits that go to Pebble together.
type span struct {
	rows    rowSet
	records int
	commits []commitPlace // in order
	end     *head
}

// commitPlace is where in the stream the commit lies that begins with a record.
type commitPlace struct{ first, stream uint64 }

// spanKeepBytes is the memory that an empty span keeps for the next.
const spanKeepBytes = 16 << 20

// written is what one write to Pebble is made of.
type written struct {
	batch      *pebble.Batch
	checkpoint []byte
}

// applyTogether makes rows and checkpoint visible, and later durable, together
// or not at all. Pebble's own log is off: ours is the log.
func applyTogether(db *pebble.DB, w *written) error {
	if err := w.batch.Set(checkpointKey, w.checkpoint, nil); err != nil {
		return err
	}
	return db.Apply(w.batch, pebble.NoSync)
}

// locate finds the commit of a record among those of the span.
func (s *span) locate(seq uint64) (stream uint64, found bool) {
	if s == nil || len(s.commits) == 0 || seq < s.commits[0].first {
		return 0, false
	}
	i, exact := slices.BinarySearchFunc(s.commits, seq, func(c commitPlace, seq uint64) int {
		return int(int64(c.first - seq))
	})
	if !exact {
		i--
	}
	return s.commits[i].stream, true
}

// writeSpans writes one span after the other until the engine stops.
func (e *Engine) writeSpans() {
	defer close(e.stopped)
	for {
		select {
		case <-e.begun:
			e.ripen()
			e.writeSpan()
		case <-e.stop:
			e.writeSpan()
			return
		}
	}
}

// ripen waits until the current span is to be written.
func (e *Engine) ripen() {
	e.mu.RLock()
	_, age := e.spanMax()
	e.mu.RUnlock()
	timer := time.NewTimer(age)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-e.hurry:
	case <-e.stop:
	}
}

// spanMax is when a span is full. The lock is held.
func (e *Engine) spanMax() (records int, age time.Duration) {
	if e.bulk {
		return max(bulkSpanRecords, e.options.SpanRecords), max(bulkSpanAge, e.options.SpanAge)
	}
	return e.options.SpanRecords, e.options.SpanAge
}

// full reports whether the current span takes no more. The lock is held.
func (e *Engine) full() bool {
	records, _ := e.spanMax()
	return e.current.records >= records || len(e.current.rows.memory) >= rowSetBytesMax/2
}

func (e *Engine) writeSpan() {
	s := e.rotate()
	if s == nil {
		return
	}
	if e.broken.Load() == nil {
		if err := e.store(s); err != nil {
			e.broke(fmt.Errorf("write records up to %d: %w", s.end.Seq, err))
		}
	}
	e.retire(s)
}

// rotate makes the current span the one being written, nil if it is empty.
func (e *Engine) rotate() *span {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.current.records == 0 {
		return nil
	}
	e.writing, e.current, e.spare = e.current, e.spare, nil
	if e.current == nil {
		e.current = new(span)
	}
	e.changed.wake()
	return e.writing
}

// retire gives the span's rows up: Pebble has them, or the engine is broken and
// reads nothing any more.
func (e *Engine) retire(s *span) {
	e.mu.Lock()
	e.writing = nil
	e.spans++
	e.stored = s.end.Position
	keep := e.bulk || cap(s.rows.memory) <= spanKeepBytes
	e.changed.wake()
	e.mu.Unlock()
	if !keep {
		return
	}
	s.rows.clear()
	s.records, s.commits, s.end = 0, s.commits[:0], nil
	e.mu.Lock()
	e.spare = s
	e.mu.Unlock()
}

func (e *Engine) store(s *span) error {
	batch := e.db.NewBatchWithSize(len(s.rows.memory) + len(s.rows.rows)*batchRowBytes)
	defer batch.Close()
	for _, row := range s.rows.sorted() {
		if err := set(batch, &s.rows, &s.rows.rows[row.row]); err != nil {
			return err
		}
	}
	at := checkpointAt(s.end.Position, s.end.Time)
	return e.options.apply(e.db, &written{batch, encodeRow(nil, at)})
}

// batchRowBytes is what a batch needs for a row beside its key and value.
const batchRowBytes = 8

func set(b *pebble.Batch, rows *rowSet, r *setRow) error {
	if r.gone {
		return b.Delete(rows.keyOf(r), nil)
	}
	return b.Set(rows.keyOf(r), rows.rowOf(r), nil)
}
