package eventstore

import (
	"time"

	"authledger/domain"
)

// Exports for the tests in package eventstore_test. They cannot be in this package, because
// they use memory.Store, which imports it.

var SealCommit = sealCommit

const (
	RingRecords  = ringRecords
	QueueMax     = queueMax
	SecondMin    = secondMin
	HeadSlotSize = headSlotBytes
)

// SecondMin sets the number of waiting commands at which the ledger sends a second commit while one
// is in flight.
func (o Options) SecondMin(commands int) Options {
	o.secondMin = commands
	return o
}

// Fire records the deadlines at or before t, as the timer does at its tick.
func (l *Ledger) Fire(t time.Time) error { return l.fire(t) }

// CachedSlot returns the slot of an owner in the cache, 0 if the cache does not hold it.
func (l *Ledger) CachedSlot(owner string) uint32 { return l.sequencer.slots.get(owner) }

// CacheSlot adds the slot of an owner to the cache, as the sequencer does after it has read the slot.
func (l *Ledger) CacheSlot(owner string, slot uint32) { l.sequencer.cache(owner, slot) }

// DecodeHead returns the position that OpenHead reads from the bytes of a head file.
func DecodeHead(data []byte) (domain.Position, bool) {
	var h Head
	ok := h.decode(data)
	return h.at, ok
}

func HeadSlot(at domain.Position) []byte { return headSlot(at, at.Stream) }
