package audit

import (
	"context"
	"fmt"
	"time"

	"authledger/domain"
	"authledger/eventstore"
)

// besideShare is the maximum share of the time in which a task beside the traffic of a node
// works. It keeps the growth of the latency of commands below a tenth.
const besideShare = 0.2

// besideSlice is the minimum duration for which such a task works between two pauses.
const besideSlice = 5 * time.Millisecond

// Beside verifies a log while its ledger appends to the log, and leaves the processors to the
// ledger: see [Pace].
type Beside struct {
	Manifest eventstore.Manifest
	State    eventstore.State // of the running ledger
	Head     domain.Position  // a commit that the log MUST hold

	// Files opens the files of the log, up to a stream position that the store has acknowledged.
	Files func(ctx context.Context, last uint64) (eventstore.Reader, error)

	Verified func(*domain.Commit) error // called for each verified commit; may be nil
	Progress func(stream, last uint64)  // called for each verified commit; may be nil
}

// Verify proves the log as [Verify] does, up to a position that is at least the newest one at
// the call, and compares the rows of the ledger there with fresh, key by key. Fresh MUST be
// empty. A difference is a *[eventstore.Fault].
func (b *Beside) Verify(ctx context.Context, fresh FreshState) (Verified, error) {
	var v Verified
	pin := pinning{from: b.State.Position().Seq}
	for !pin.isReached(fresh.Position()) {
		if err := b.foldOn(ctx, fresh, &pin, &v); err != nil {
			return v, err
		}
		if err := ctx.Err(); err != nil {
			return v, err
		}
	}
	differs, err := fresh.Difference(ctx)
	if err != nil {
		return v, fmt.Errorf("compare the rows: %w", err)
	}
	if differs != "" {
		return v, &eventstore.Fault{Stream: v.End.Stream, Seq: v.End.Seq, Err: fmt.Errorf(
			"the log is intact, but the projections differ from it: %s: rebuild them with `authledger rebuild`", differs)}
	}
	return v, nil
}

// foldOn verifies the commits that follow the fresh state, up to the pinned position or up to the
// end of the log.
func (b *Beside) foldOn(ctx context.Context, fresh FreshState, pin *pinning, v *Verified) (err error) {
	if err := pin.pin(ctx, fresh, fresh.Position().Seq); err != nil || pin.isReached(fresh.Position()) {
		return err
	}
	last := b.State.Position().Stream
	files, err := b.Files(ctx, last)
	if err != nil {
		return err
	}
	defer func() { err = closeAfter(files, err) }()
	if err := eventstore.CheckHolds(ctx, files, "head", b.Head); err != nil {
		return err
	}
	var pace Pace
	for c, err := range eventstore.Commits(ctx, b.Manifest, files, fresh.Position()) {
		if err != nil {
			return err
		}
		if err := b.fold(fresh, &c); err != nil {
			return err
		}
		v.Commits, v.Records, v.End = v.Commits+1, v.Records+uint64(len(c.Records)), c.End()
		if b.Progress != nil {
			b.Progress(c.Stream, last)
		}
		pace.Wait(ctx)
		if err := pin.pin(ctx, fresh, c.Last()); err != nil || pin.isReached(c.End()) {
			return err
		}
	}
	return nil
}

func (b *Beside) fold(fresh FreshState, c *domain.Commit) error {
	if err := verifyCommit(fresh, c); err != nil {
		return err
	}
	if err := fresh.Fold(c); err != nil {
		return fmt.Errorf("fold records %d to %d: %w", c.First, c.Last(), err)
	}
	if b.Verified == nil {
		return nil
	}
	return b.Verified(c)
}

// closeAfter closes the files of the log. An error of closing files that were only read counts
// only if there is no other error.
func closeAfter(files eventstore.Reader, err error) error {
	if closed := files.Close(); err == nil {
		return closed
	}
	return err
}

// Pace limits a task that reads the log beside the traffic of a running node, so that the traffic
// goes first. The zero Pace is ready to use by one goroutine.
type Pace struct{ begun time.Time }

// Wait pauses four times as long as the task has worked since the last pause, once it has worked
// for [besideSlice]. The task calls Wait after each commit. Wait returns when ctx ends.
func (p *Pace) Wait(ctx context.Context) {
	worked := time.Since(p.begun)
	switch {
	case p.begun.IsZero():
		p.begun = time.Now()
	case worked >= besideSlice:
		pause(ctx, time.Duration(float64(worked)*(1/besideShare-1)))
		p.begun = time.Now()
	}
}
