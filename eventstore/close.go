package eventstore

import (
	"context"
	"errors"
	"fmt"
)

// Close rejects new commands, answers the queued commands until ctx ends, writes the head
// and stops the ledger. If a fault has stopped the ledger earlier, Close returns that fault.
func (l *Ledger) Close(ctx context.Context) error {
	l.stop()
	select {
	case <-l.ended:
	case <-ctx.Done():
		l.failOn(fmt.Errorf("close the ledger: %w", ctx.Err()))
	}
	<-l.ended
	l.cancel()
	l.group.Wait()
	err := errors.Join(l.Err(), l.head.Write(l.state.Position(), l.keys.Durable()))
	return errors.Join(err, l.head.Close())
}

// failOn stops the ledger at the first error, so that it serves no data that cannot be
// proved intact. It ignores the context errors of an orderly stop.
func (l *Ledger) failOn(err error) {
	if err == nil || (l.ctx.Err() != nil && errors.Is(err, context.Canceled)) {
		return
	}
	l.once.Do(func() {
		l.cause = err
		l.log.Error("the ledger stops", "cause", err)
		close(l.failed)
		l.stop()
	})
}

// Failed returns a channel that is closed when a fault has stopped the ledger.
func (l *Ledger) Failed() <-chan struct{} { return l.failed }

// Err returns the fault that stopped the ledger, nil if none did.
func (l *Ledger) Err() error {
	select {
	case <-l.failed:
		return l.cause
	default:
		return nil
	}
}

func (l *Ledger) isStopping() bool { return l.accepting.Err() != nil }

func (l *Ledger) stoppedBy() error {
	if err := l.Err(); err != nil {
		return fmt.Errorf("%w: %w", ErrStopped, err)
	}
	return ErrStopped
}
