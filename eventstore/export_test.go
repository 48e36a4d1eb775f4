package eventstore

import (
	"time"

	"authledger/domain"
)

// What tests outside the package need of the inside: memory.Store imports this
// package, so they can't be within it.

var SealCommit = sealCommit

const (
	FeedMax      = feedMax
	QueueMax     = queueMax
	HeadSlotSize = headSlotBytes
)

// Fire records what is due at or before t, as the timer does at its tick.
func (l *Ledger) Fire(t time.Time) error { return l.fire(t) }

// Scrub reads the whole log once.
func (l *Ledger) Scrub() (bool, error) { return l.scrubOnce(l.ctx) }

// ReadHead is what OpenHead makes of a file's bytes.
func ReadHead(data []byte) (domain.Position, bool) {
	var h Head
	ok := h.believe(data)
	return h.at, ok
}

func HeadSlot(at domain.Position) []byte { return headSlot(at) }
