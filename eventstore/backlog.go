package eventstore

import "time"

// Backlog measures the work that an intake keeps for the ledger: the messages and the dead
// letters of a realm. An intake measures it, and the metrics show it. All fields but Blocked
// are zero without a connection to the intake.
type Backlog struct {
	Connected       bool
	Blocked         bool          // the node reads no intake messages, and records no deadlines
	Messages        uint64        // in the intake, some of which may already have a verdict
	OldestAge       time.Duration // time since the oldest of these messages was stored
	DeadLetters     uint64
	DeadLetterBytes uint64
}
