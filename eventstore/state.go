package eventstore

import (
	"time"

	"authledger/domain"
)

// State is the log folded up to one position: what the sequencer decides on.
// The projections satisfy it. Reads are safe for concurrent use, also with
// Fold; they see every commit whose Fold has returned.
type State interface {
	domain.States

	// Position is the end of the newest commit folded.
	Position() domain.Position

	// Command finds the record that (source, id) names, for ever
	// (domain.md, "Idempotency").
	Command(source, id string) (seq uint64, content domain.Hash, found bool, err error)

	// Locate finds the stream position of the commit that holds a record at
	// or before Position.
	Locate(seq uint64) (stream uint64, err error)

	// Fold takes the commit that follows Position in, and refuses any other.
	// It keeps nothing of c, whose room is used again, and waits when writing
	// lags too far behind. An error leaves the state
	// unusable: the node stops.
	Fold(c *domain.Commit) error

	// Due returns deadlines at or before t, earliest first, at most max, of
	// entities whose newest record is no backfill. It sees every commit
	// whose Fold has returned.
	Due(t time.Time, max int) ([]domain.Deadline, error)
}
