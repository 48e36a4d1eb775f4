package rows

import (
	"fmt"
	"sync"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"

	"authledger/eventstore/durable"
)

// Limits of a store whose disk fails.
const (
	retryPauseMin = 10 * time.Millisecond // pause before Pebble creates a file after a failure
	retryPauseMax = time.Second           // maximum of that pause, which doubles after each failure
	failingMax    = 30 * time.Second      // duration of failing flushes after which the store is unusable
	writerTimeout = 5 * time.Second       // maximum wait of Close for the writer while flushes fail

	linesMax    = 10 // maximum number of Pebble's log lines in one linesWindow
	linesWindow = 10 * time.Second
)

// flushState records whether Pebble's flushes fail. Pebble retries a failed flush at once
// and without a limit. The zero value means that no flush failed. It is safe for concurrent
// use, and takes no other lock, because Pebble's callbacks hold Pebble's lock.
type flushState struct {
	mu     sync.Mutex
	cause  error         // of the newest failed flush, nil after a success
	since  time.Time     // of the first failure, zero while cause is nil
	pause  time.Duration // before the next file is created
	failed chan struct{} // closed while flushes fail; nil until the first call of channel

	window  time.Time // start of the window of log lines
	lines   int       // logged in the window
	skipped int       // not logged in the window
}

// record records the outcome of a flush. It returns for how long flushes have failed, and
// whether this outcome is the first failure or the first success.
func (t *flushState) record(err error, now time.Time) (lasts time.Duration, changed bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	was := t.since
	t.cause = err
	switch {
	case err != nil && was.IsZero():
		t.since = now
		close(t.channel())
		return 0, true
	case err != nil:
		return now.Sub(was), false
	case was.IsZero():
		return 0, false
	}
	t.since, t.pause, t.failed = time.Time{}, 0, nil
	return now.Sub(was), true
}

// channel returns the channel that is closed while flushes fail. The lock is held.
func (t *flushState) channel() chan struct{} {
	if t.failed == nil {
		t.failed = make(chan struct{})
	}
	return t.failed
}

// failure returns a channel that is closed as soon as a flush fails.
func (t *flushState) failure() <-chan struct{} {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.channel()
}

// err returns why flushes fail, or nil.
func (t *flushState) err() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.cause
}

// nextPause returns the pause before the next file is created, 0 unless flushes fail.
func (t *flushState) nextPause() time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.since.IsZero() {
		return 0
	}
	t.pause = min(max(2*t.pause, retryPauseMin), retryPauseMax)
	return t.pause
}

// mayLog reports whether one more line may be logged, and the number of lines that were
// not logged in the window before.
func (t *flushState) mayLog(now time.Time) (skipped int, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if now.Sub(t.window).Abs() >= linesWindow {
		skipped, t.skipped = t.skipped, 0
		t.window, t.lines = now, 0
	}
	if t.lines >= linesMax {
		t.skipped++
		return skipped, false
	}
	t.lines++
	return skipped, true
}

// flushed records the outcome of a flush. After failingMax of failures the store is
// unusable, so that the process ends and can be started again.
func (s *Store) flushed(err error) {
	lasts, changed := s.flushes.record(err, time.Now())
	switch {
	case changed && err != nil:
		s.options.Log.Error("projections: rows can't be written, the flush is retried", "generation", s.generation, "error", err)
	case changed:
		s.options.Log.Info("projections: rows can be written again", "generation", s.generation, "after", lasts)
	case lasts >= failingMax:
		s.fail(fmt.Errorf("write rows: failed for %v: %w", failingMax, durable.Remedied(err)))
	}
}

// fail makes the store unusable without marking its generation as damaged, because the
// files hold the rows that were written before.
func (s *Store) fail(err error) {
	if s.broken.CompareAndSwap(nil, &err) {
		go s.notifyChange() // in another goroutine: the caller may hold a lock of Pebble
	}
}

// Trouble returns why Pebble can't write rows to disk at present, or nil.
func (s *Store) Trouble() error { return s.flushes.err() }

// logLimited logs an error of Pebble. It drops the lines above linesMax in a linesWindow,
// and logs their number in the next window.
func (s *Store) logLimited(text string, args ...any) {
	skipped, ok := s.flushes.mayLog(time.Now())
	if skipped > 0 {
		s.options.Log.Warn("projections: log lines were dropped", "count", skipped)
	}
	if ok {
		s.options.Log.Error(text, append(args, "generation", s.generation)...)
	}
}

// listener returns the callbacks for errors and flushes in Pebble's goroutines.
func (s *Store) listener() *pebble.EventListener {
	return &pebble.EventListener{
		DataCorruption: func(i pebble.DataCorruptionInfo) {
			s.MarkDamaged(fmt.Errorf("%s: %w", i.Path, i.Details))
		},
		BackgroundError: func(err error) {
			s.logLimited("projections: Pebble retries", "error", err)
		},
		FlushEnd: func(i pebble.FlushInfo) { s.flushed(failureOf(&i)) },
	}
}

// emptyTable is the text of Pebble's error for a flush without rows. Pebble does not export
// this error.
const emptyTable = "pebble: empty table"

// failureOf returns why a flush failed, or nil.
func failureOf(i *pebble.FlushInfo) error {
	if i.Err == nil || i.Err.Error() == emptyTable {
		return nil
	}
	return i.Err
}

// delayFS delays the creation of a file while flushes fail, because Pebble begins each
// attempt with a new file.
type delayFS struct {
	vfs.FS
	flushes *flushState
}

func (p delayFS) Unwrap() vfs.FS { return p.FS }

func (p delayFS) Create(name string, c vfs.DiskWriteCategory) (vfs.File, error) {
	if pause := p.flushes.nextPause(); pause > 0 {
		time.Sleep(pause)
	}
	return p.FS.Create(name, c)
}
