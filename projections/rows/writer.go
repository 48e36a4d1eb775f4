package rows

import (
	"fmt"
	"time"
)

// writeSpans is the goroutine that writes spans, one after the other, until Close. Only
// this goroutine writes rows to Pebble.
//
//	Fold ──Publish──▶ current span ──rotate──▶ writing span ──Write──▶ Pebble ──flush──▶ disk
//	                  (Fold's goroutine)       (this goroutine)               (Pebble's goroutines)
//
// A span ends when it is full, at its maximum age, or earlier when a caller waits for its
// rows: Flush, or a Fold that has no capacity. A read never ends a span.
func (s *Store) writeSpans() {
	defer close(s.stopped)
	for {
		select {
		case <-s.begun:
			s.awaitSpanEnd()
			s.writeSpan()
		case <-s.stop:
			s.writeSpan()
			return
		}
	}
}

// awaitSpanEnd waits until the current span is due to be written.
func (s *Store) awaitSpanEnd() {
	s.mu.RLock()
	_, age := s.spanMax()
	s.mu.RUnlock()
	timer := time.NewTimer(age)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-s.early:
	case <-s.stop:
	}
}

// spanMax returns the maximum number of records and the maximum age of a span. The lock is
// held.
func (s *Store) spanMax() (records int, age time.Duration) {
	if s.bulk {
		return max(bulkSpanRecords, s.options.SpanRecords), max(bulkSpanAge, s.options.SpanAge)
	}
	return s.options.SpanRecords, s.options.SpanAge
}

// isFull reports whether the current span has no capacity for another commit. The lock is
// held.
func (s *Store) isFull() bool {
	records, _ := s.spanMax()
	return s.current.records >= records || len(s.current.rows.memory) >= rowSetBytesMax/2
}

func (s *Store) writeSpan() {
	done := s.rotate()
	if done == nil {
		return
	}
	if s.broken.Load() == nil {
		if err := s.write(done); err != nil {
			s.MarkDamaged(fmt.Errorf("write rows up to record %d: %w", done.end.Seq, err))
		}
	}
	s.retire(done)
}

// rotate makes the current span the one that is written. It returns nil if the current span
// is empty.
func (s *Store) rotate() *span {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current.records == 0 {
		return nil
	}
	s.writing, s.current, s.spare = s.current, s.spare, nil
	if s.current == nil {
		s.current = new(span)
	}
	s.changed.broadcast()
	return s.writing
}

// retire drops a span from memory after its rows are in Pebble, or after the store became
// unusable.
func (s *Store) retire(done *span) {
	s.mu.Lock()
	s.writing = nil
	s.spans++
	s.stored = done.end.Position
	keep := done.layer == nil && (s.bulk || cap(done.rows.memory) <= spanKeepBytes) // views may still read a layer
	s.changed.broadcast()
	s.mu.Unlock()
	if !keep {
		return
	}
	done.reset()
	s.mu.Lock()
	s.spare = done
	s.mu.Unlock()
}

func (s *Store) write(done *span) error {
	batch, err := done.batch(s.db)
	if err != nil {
		return err
	}
	defer batch.Close()
	s.addToFilter(&done.rows)
	key, checkpoint := EncodeCheckpoint(s.schema.Versions, done.end.Position, done.end.Time)
	return s.options.Write(s.db, &Write{batch, key, checkpoint})
}
