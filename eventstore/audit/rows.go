package audit

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"authledger/domain"
	"authledger/eventstore"
	"authledger/eventstore/durable"
)

// ScrubRecords is the default rate of the row scrub, in records per second. At this rate the
// scrub uses a few percent of a core.
const ScrubRecords = 2000

// The row scrub writes all rows a second time. It therefore runs only while at least
// scrubDiskFactor times DiskFreeMin bytes are free.
const scrubDiskFactor = 4

// FreshState is an empty state beside the ledger's state. The row scrub folds the log into
// it and compares the rows of both.
type FreshState interface {
	eventstore.State

	// Pin keeps the rows of the ledger's state as they are now and returns their
	// position.
	Pin(ctx context.Context) (domain.Position, error)

	// Difference compares the rows with the pinned rows, which MUST be at the same position.
	// It returns the name of the first row that differs, "" if all rows are equal.
	Difference(ctx context.Context) (string, error)

	// Close removes the fresh rows.
	Close() error
}

// RowScrub folds the log into a fresh state, again and again, and compares its rows with
// those of the ledger. The exported fields MUST NOT change once the ledger is open.
type RowScrub struct {
	Dir         string // of the data directory, for its free space
	Manifest    eventstore.Manifest
	Store       eventstore.Reader
	State       eventstore.State
	Fresh       func() (FreshState, error)
	Log         *slog.Logger // nil for [slog.Default]
	Rate        int          // records per second; 0 for [ScrubRecords]
	DiskFreeMin uint64       // of the ledger, in bytes; 0 for [eventstore.DiskFreeMin]

	rounds atomic.Uint64 // rounds that found no difference
}

var errNoSpace = errors.New("too little free disk space for a second set of rows")

// Run scrubs until ctx ends. It returns a *Fault at the first difference.
func (s *RowScrub) Run(ctx context.Context) error {
	for {
		rest := scrubRetry
		whole, err := s.round(ctx)
		var fault *eventstore.Fault
		switch {
		case errors.As(err, &fault):
			return err
		case err != nil && ctx.Err() == nil:
			cmp.Or(s.Log, slog.Default()).Warn("the scrub could not compare the rows", "cause", err)
		case whole:
			s.rounds.Add(1)
			rest = scrubPause
		}
		if !pause(ctx, rest) {
			return nil
		}
	}
}

// AddHealth sets the number of rounds.
func (s *RowScrub) AddHealth(h *eventstore.Health) { h.Compared = s.rounds.Load() }

// round folds the whole log into a fresh state, decides each record again, and compares
// the rows. A row or a verdict that differs is a *Fault, because a decision may have read
// an altered row.
func (s *RowScrub) round(ctx context.Context) (whole bool, err error) {
	if err := s.checkSpace(); err != nil {
		return false, err
	}
	fresh, err := s.Fresh()
	if err != nil {
		return false, fmt.Errorf("begin a fresh set of rows: %w", err)
	}
	defer func() { err = errors.Join(err, fresh.Close()) }()
	pin := pinning{from: s.State.Position().Seq}
	for !pin.isReached(fresh.Position()) {
		if err := s.foldOn(ctx, fresh, &pin); err != nil {
			return false, err
		}
		if ctx.Err() != nil {
			return false, nil
		}
	}
	differs, err := fresh.Difference(ctx)
	switch {
	case ctx.Err() != nil:
		return false, nil
	case err != nil:
		return false, fmt.Errorf("compare the rows: %w", err)
	case differs != "":
		return false, &eventstore.Fault{Stream: pin.at.Stream, Seq: pin.at.Seq, Err: fmt.Errorf(
			"the log is sound, but the projections differ from it in %s: stop the node and run `authledger rebuild`", differs)}
	}
	return true, nil
}

// pinning is the state of one round: whether the rows of the ledger are pinned, and their
// position.
type pinning struct {
	from   uint64 // the rows are pinned once this record is folded
	pinned bool
	at     domain.Position // position of the pinned rows, at which they are compared
}

func (p *pinning) isReached(at domain.Position) bool { return p.pinned && at.Seq >= p.at.Seq }

// foldOn folds the commits that follow the fresh state, up to the pinned position.
func (s *RowScrub) foldOn(ctx context.Context, fresh FreshState, pin *pinning) error {
	end := fresh.Position()
	if err := pin.pin(ctx, fresh, end.Seq); err != nil || pin.isReached(end) {
		return err
	}
	rate := s.Rate
	if rate == 0 {
		rate = ScrubRecords
	}
	begun, folded := time.Now(), 0
	for c, err := range eventstore.Commits(ctx, s.Manifest, s.Store, end) {
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		if err := verifyCommit(fresh, &c); err != nil {
			return err
		}
		if err := fresh.Fold(&c); err != nil {
			return fmt.Errorf("fold records %d to %d: %w", c.First, c.Last(), err)
		}
		if err := pin.pin(ctx, fresh, c.Last()); err != nil || pin.isReached(c.End()) {
			return err
		}
		if err := s.checkSpace(); err != nil {
			return err
		}
		folded += len(c.Records)
		ahead := time.Duration(float64(folded)/float64(rate)*float64(time.Second)) - time.Since(begun)
		if ahead > 0 && !pause(ctx, ahead) {
			return nil
		}
	}
	return nil
}

// pin pins the rows of the ledger once the fresh state, which is folded up to record seq, has
// reached the position that the ledger had at the start of the round.
func (p *pinning) pin(ctx context.Context, fresh FreshState, seq uint64) (err error) {
	if p.pinned || seq < p.from {
		return nil
	}
	if p.at, err = fresh.Pin(ctx); err != nil {
		return fmt.Errorf("pin the rows: %w", err)
	}
	p.pinned = true
	return nil
}

func (s *RowScrub) checkSpace() error {
	needed := s.DiskFreeMin
	if needed == 0 {
		needed = eventstore.DiskFreeMin
	}
	free, err := durable.Free(s.Dir)
	if err == nil && free < scrubDiskFactor*needed {
		err = errNoSpace
	}
	return err
}
