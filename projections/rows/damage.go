package rows

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"authledger/eventstore/durable"
)

// ErrDamaged reports rows that differ from the rows that were written. The store is then
// unusable. The next Open quarantines the generation and begins a new one, into which the
// caller folds the log.
var ErrDamaged = errors.New("the projections are damaged")

// Exit codes of a process that Pebble ends because Pebble can't continue. The operator
// starts the process again after both.
const (
	ExitStorage  = 4 // the rows may be damaged; the next start rebuilds them from the log
	exitShortage = 1 // a resource or a permission is missing
)

// AsDamage returns err as an [ErrDamaged], unless a missing resource is the cause.
func AsDamage(err error) error {
	if errors.Is(err, ErrDamaged) || durable.IsShortage(err) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrDamaged, err)
}

// MarkDamaged makes the store unusable because of an error of reading or writing rows, and
// makes the next Open quarantine the generation. It returns the error as [ErrDamaged]. For
// ErrClosed and for a missing resource, it returns an error and leaves the store usable.
func (s *Store) MarkDamaged(err error) error {
	if errors.Is(err, ErrClosed) {
		return err
	}
	if durable.IsShortage(err) {
		return durable.Remedied(err)
	}
	err = AsDamage(err)
	if !s.broken.CompareAndSwap(nil, &err) {
		return err
	}
	s.options.Log.Error("projections are damaged: the next start of the node rebuilds them from the log", "generation", s.generation, "error", err)
	s.dir.mark(s.generation, err.Error())
	go s.notifyChange() // in another goroutine: the caller may hold a lock of Pebble, and the lock of the store may be held
	return err
}

// notifyChange makes waiting goroutines check the store again.
func (s *Store) notifyChange() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.changed.broadcast()
}

// pebbleLog receives the log lines of Pebble. It drops lines of level info.
type pebbleLog struct{ *Store }

func (l pebbleLog) Infof(string, ...any) {}

func (l pebbleLog) Errorf(format string, args ...any) {
	l.logLimited("projections: " + fmt.Sprintf(format, args...))
}

// Fatalf ends the process. Pebble calls it when Pebble can't continue, often with a lock
// held. Fatalf marks the generation as damaged, and exits with [ExitStorage]. After a
// shortage the files are intact: Fatalf does not mark them, and exits with the code of any
// command that lacks a resource.
func (l pebbleLog) Fatalf(format string, args ...any) {
	reason := fmt.Sprintf(format, args...)
	code := exitShortage
	if short := shortageIn(args); short != nil {
		reason = durable.Remedied(fmt.Errorf("%s%w", strings.TrimSuffix(reason, short.Error()), short)).Error()
	} else {
		code = ExitStorage
		l.dir.mark(l.generation, reason)
	}
	l.options.Log.Error("projections: Pebble can't continue, the process exits", "generation", l.generation, "reason", reason)
	exit := l.options.Exit
	if exit == nil {
		exit = os.Exit
	}
	exit(code)
}

// shortageIn returns the first argument that is an error of a missing resource, or nil.
func shortageIn(args []any) error {
	for _, a := range args {
		if err, ok := a.(error); ok && durable.IsShortage(err) {
			return err
		}
	}
	return nil
}
