package queries

import (
	"context"
	"errors"
	"testing"
	"time"

	"authledger/domain"
	"authledger/projections/logtest"
)

// heldLog blocks each read until release is closed.
type heldLog struct {
	Log
	reading, release chan struct{}
}

func (l *heldLog) Record(ctx context.Context, seq uint64) (domain.Record, error) {
	select {
	case l.reading <- struct{}{}:
	default:
	}
	<-l.release
	return l.Log.Record(ctx, seq)
}

func TestFoldWaitsForTurn(t *testing.T) {
	q := openTraffic(t, 100)
	q.folds = &turns{running: make(chan struct{}, 1), isBusy: func() bool { return false }}
	log := &heldLog{q.log, make(chan struct{}, 1), make(chan struct{})}
	q.log = log
	seq := uint64(50)
	ask := func(ctx context.Context) error {
		_, err := q.Lockout(ctx, logtest.UserName(0), logtest.Epoch.AddDate(1, 0, 0), &seq)
		return err
	}
	first := make(chan error, 1)
	go func() { first <- ask(t.Context()) }()
	<-log.reading
	if _, err := q.Lockout(t.Context(), logtest.UserName(0), logtest.Epoch.AddDate(1, 0, 0), nil); err != nil {
		t.Fatalf("Lockout of the present beside a fold: %v", err)
	}
	impatient, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if err := ask(impatient); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("second fold beside the first: got %v, want a wait until the deadline", err)
	}
	q.folds.waiting.Store(waitingMax)
	if err := ask(t.Context()); !errors.Is(err, ErrBusy) {
		t.Fatalf("fold with a full queue: got %v, want ErrBusy", err)
	}
	q.folds.waiting.Store(0)
	close(log.release)
	if err := <-first; err != nil {
		t.Fatal(err)
	}
	if err := ask(t.Context()); err != nil {
		t.Fatalf("fold after the first one: %v", err)
	}
}

func TestTurnPausesWhileCommandsAreDecided(t *testing.T) {
	for _, busy := range []bool{false, true} {
		turns := &turns{running: make(chan struct{}, 1), isBusy: func() bool { return busy }}
		done, err := turns.take(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		begun := time.Now()
		done()
		next, err := turns.take(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if pause := time.Since(begun); busy && pause < foldPause {
			t.Errorf("pause with commands: got %v, want at least %v", pause, foldPause)
		}
		if !busy && len(turns.running) != 1 {
			t.Errorf("running turns without commands: got %d, want 1", len(turns.running))
		}
		next()
	}
}
