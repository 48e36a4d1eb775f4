package queries

import (
	"context"
	"errors"
	"runtime"
	"sync/atomic"
	"time"
)

// waitingMax is the maximum number of queries that wait for a turn to fold records.
const waitingMax = 512

// ErrBusy reports a query about the past or for an explanation that was not answered,
// because too many others were waiting. The caller retries later.
var ErrBusy = errors.New("too many queries about the past are waiting")

// Limits of folds while commands are decided, so that the folds leave the processors to
// the commands.
const (
	foldPause = 15 * time.Millisecond  // pause after each fold; eight waiting queries take less than 200 ms
	busyFor   = 100 * time.Millisecond // duration after a commit in which commands count as being decided
)

// turns limits the number of folds that run at once: a query takes a turn, folds, and
// releases the turn. While isBusy reports true, the next query gets a released turn only after
// foldPause.
type turns struct {
	running chan struct{}
	waiting atomic.Int64
	isBusy  func() bool
}

// newTurns returns turns for half of the processors, at least one.
func newTurns(isBusy func() bool) *turns {
	return &turns{running: make(chan struct{}, max(1, runtime.GOMAXPROCS(0)/2)), isBusy: isBusy}
}

// take waits for a turn until ctx ends. The caller calls done after its fold.
func (t *turns) take(ctx context.Context) (done func(), err error) {
	if t.waiting.Add(1) > waitingMax {
		t.waiting.Add(-1)
		return nil, ErrBusy
	}
	defer t.waiting.Add(-1)
	select {
	case t.running <- struct{}{}:
		return t.release, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// release frees a turn, after foldPause if commands are being decided. It does not block.
func (t *turns) release() {
	if t.isBusy() {
		time.AfterFunc(foldPause, func() { <-t.running })
		return
	}
	<-t.running
}
