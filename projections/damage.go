package projections

import (
	"errors"
	"fmt"
	"os"
	"syscall"

	"github.com/cockroachdb/pebble/v2"
)

// ErrDamaged reports rows that can't be read as they were written. The engine
// answers nothing more; the next Open sets the generation aside and begins a new
// one, which the log fills.
var ErrDamaged = errors.New("the projections are damaged")

// ExitStorage is the exit code of a process whose Pebble could not go on. What
// to do is to start it again.
const ExitStorage = 4

func damaged(err error) error {
	if errors.Is(err, ErrDamaged) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrDamaged, err)
}

// broke makes err, which reading or writing rows met, the end of the engine,
// and returns it as ErrDamaged. That the engine was closed is no damage.
func (e *Engine) broke(err error) error {
	if errors.Is(err, ErrClosed) {
		return err
	}
	err = damaged(err)
	if !e.broken.CompareAndSwap(nil, &err) {
		return err
	}
	e.options.Log.Error("projections are damaged: start again to rebuild them", "generation", e.generation, "error", err)
	e.home.mark(e.generation, err.Error())
	go e.wake() // from elsewhere: whoever calls may hold a lock of Pebble's
	return err
}

func (e *Engine) wake() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.changed.wake()
}

// listener hears what Pebble's own goroutines meet.
func (e *Engine) listener() *pebble.EventListener {
	return &pebble.EventListener{
		DataCorruption: func(i pebble.DataCorruptionInfo) {
			e.broke(fmt.Errorf("%s: %w", i.Path, i.Details))
		},
		BackgroundError: func(err error) {
			e.options.Log.Error("projections: Pebble tries again", "generation", e.generation, "error", err)
		},
	}
}

// pebbleLog is where Pebble's own words go. It says a lot that nobody needs.
type pebbleLog struct{ *Engine }

func (l pebbleLog) Infof(string, ...any) {}

func (l pebbleLog) Errorf(format string, args ...any) {
	l.options.Log.Error("projections: "+fmt.Sprintf(format, args...), "generation", l.generation)
}

// Fatalf ends the process: Pebble calls it where it can't go on, often with a
// lock held. The generation is marked as damaged, unless the disk was full:
// then what is on it is good.
func (l pebbleLog) Fatalf(format string, args ...any) {
	reason := fmt.Sprintf(format, args...)
	if !diskFull(args) {
		l.home.mark(l.generation, reason)
	}
	l.options.Log.Error("projections: Pebble can't go on, the process ends", "generation", l.generation, "reason", reason)
	exit := l.options.Exit
	if exit == nil {
		exit = os.Exit
	}
	exit(ExitStorage)
}

func diskFull(args []any) bool {
	for _, a := range args {
		if err, ok := a.(error); ok && errors.Is(err, syscall.ENOSPC) {
			return true
		}
	}
	return false
}
