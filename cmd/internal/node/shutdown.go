package node

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"
)

// ShutdownError reports a shutdown that did not end in time.
type ShutdownError struct{ limit time.Duration }

func (e *ShutdownError) Error() string {
	return fmt.Sprintf("shut down: timed out after %v (--shutdown-timeout): the process ends at once. "+
		"Check the disk of the data directory, then start again: every acknowledged command is in the log", e.limit)
}

// Shutdowns limits the duration of shutdowns. Several shutdowns may run at once: an interrupted
// command begins one, and the Close of its node begins another. It is safe for concurrent use
// after Limit is set. The nil *Shutdowns sets no limit.
type Shutdowns struct {
	Limit   time.Duration
	Overdue chan error // receives at most one error, which contains a *ShutdownError

	mu     sync.Mutex
	last   int                  // number of the newest shutdown
	causes map[int]func() error // causes of the unfinished shutdowns, by number
}

// NewShutdowns returns Shutdowns. The caller MUST set Limit before the first Begin.
func NewShutdowns() *Shutdowns {
	return &Shutdowns{Overdue: make(chan error, 1), causes: make(map[int]func() error)}
}

// Begin begins a shutdown and returns a function that ends it. The function cause returns the
// error that caused the shutdown or occurred during the shutdown, or nil without such an error. It
// MUST be safe for concurrent use. The parameter cause may be nil.
//
// If the shutdown has not ended after Limit, Overdue receives a *ShutdownError joined with the
// causes of all unfinished shutdowns. If a cause is a fault, that fault decides the exit code.
func (s *Shutdowns) Begin(cause func() error) (end func()) {
	if s == nil {
		return func() {}
	}
	s.mu.Lock()
	s.last++
	number := s.last
	if cause != nil {
		s.causes[number] = cause
	}
	s.mu.Unlock()
	timer := time.AfterFunc(s.Limit, s.expire)
	return func() {
		timer.Stop()
		s.mu.Lock()
		delete(s.causes, number)
		s.mu.Unlock()
	}
}

// expire reports a shutdown that did not end in time.
func (s *Shutdowns) expire() {
	s.mu.Lock()
	defer s.mu.Unlock()
	var causes []error
	for _, number := range slices.Sorted(maps.Keys(s.causes)) {
		causes = append(causes, s.causes[number]())
	}
	select {
	case s.Overdue <- errors.Join(append(causes, &ShutdownError{s.Limit})...):
	default: // an earlier shutdown has reported already
	}
}
