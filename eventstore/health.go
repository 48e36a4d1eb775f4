package eventstore

import (
	"context"
	"fmt"
	"time"

	"authledger/domain"
)

// Health is the state of a ledger for its readiness check and its metrics.
type Health struct {
	Position domain.Position // of the newest record that is on disk and folded
	Queued   int             // commands that wait in the queues
	Scrubbed uint64          // last record that the present round of the log scrub has proved
	Rounds   uint64          // complete rounds of the log scrub, none of which found damage
	Compared uint64          // complete rounds of the row scrub, none of which found a difference
	Unsynced bool
	Problems []string // reasons why the ledger is not ready; empty if it is ready
	Storage  []string // the problems of the disk, also in Problems
	Failed   bool     // a fault has stopped the ledger, or its disk confirms no commit
}

// Scrub checks a part of a ledger while the ledger runs. Package audit implements it.
type Scrub interface {
	// Run checks until ctx ends. The ledger ends ctx when it stops taking commands, and
	// stops if Run returns an error.
	Run(ctx context.Context) error

	// AddHealth sets the fields of h that show the progress of the check. It MUST be safe
	// for concurrent use with Run.
	AddHealth(h *Health)
}

// Health returns the present state of the ledger. It is safe for concurrent use.
func (l *Ledger) Health() Health {
	h := Health{
		Position: l.state.Position(), Queued: l.sequencer.queued(), Unsynced: l.unsynced,
	}
	for _, s := range l.scrubs {
		s.AddHealth(&h)
	}
	add := func(format string, args ...any) { h.Problems = append(h.Problems, fmt.Sprintf(format, args...)) }
	l.addStorage(&h)
	if h.Problems = append(h.Problems, h.Storage...); l.Err() == nil && l.isStopping() {
		add("stopping")
	}
	if why := l.held.Load(); why != nil {
		add("%s", *why)
	}
	if l.unsynced {
		add("unsynced: a power failure may lose acknowledged records")
	}
	return h
}

// addStorage adds the problems of the disk, and sets Failed.
func (l *Ledger) addStorage(h *Health) {
	add := func(format string, args ...any) { h.Storage = append(h.Storage, fmt.Sprintf(format, args...)) }
	if err := l.Err(); err != nil {
		h.Failed = true
		add("%v", err)
	}
	if since := l.sequencer.unknownSince.Load(); since != nil {
		h.Failed = true
		add("the disk has not confirmed a commit since %s: if it was full, free some space and start again", since.UTC().Format(time.RFC3339))
	}
	if l.diskFull.Load() {
		add("the disk is nearly full: free some space")
	}
	if l.trouble == nil {
		return
	}
	if err := l.trouble(); err != nil {
		add("the projections can't be written: %v", err)
	}
}
