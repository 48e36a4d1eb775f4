package domain

import (
	"crypto/sha256"
	"time"
)

// Rules is the version of the rules in this code. A change that alters any verdict MUST raise
// Rules and keep the former code path, because verification decides old records by the rules
// of their time. Each commit names the version that decided its records.
//
// Version 2 decides a live login.begin and login.finish at the instant at which
// the node received it, closes open attempts at a release, and accepts
// a withdrawn currency until the end of the month of its withdrawal.
const Rules = 2

// Hash is a SHA-256.
type Hash [sha256.Size]byte

// Record is one decision at one position of the log. It is stored atomically.
type Record struct {
	Seq      uint64 // position in the ledger, from 1 without gaps
	Entities []Entity
	Command  Command // Data has no personal members
	Content  Hash    // of the command's content
	Time     time.Time
	Late     bool
	Policy   string // version label of the policy in force
	Status   Status
	Reason   Reason
	Detail   string
	Result   Data // nil if the command has none
	Events   []Event
	Personal *Sealed // nil if the command had no personal members
}

// caused is implemented by events that only certain commands can cause, because their evolve
// methods read the command.
type caused interface{ causedBy(CommandData) bool }

// Coherent reports whether the command of r can cause the events of r. This code never
// writes an incoherent record. Readers MUST NOT fold an incoherent record.
func (r *Record) Coherent() bool {
	for _, e := range r.Events {
		if event, ok := e.Data.(caused); ok && !event.causedBy(r.Command.Data) {
			return false
		}
	}
	return true
}

// AsDecided returns the command of r as an input of [Decide]. For an unattributed record it
// takes the position of the bad name from the event, because the name is not stored.
func (r *Record) AsDecided() Command {
	c := r.Command
	if u := r.Unattributed(); u != nil {
		c.Bucket, c.BadName = r.Entities[0], u.BadName()
	}
	return c
}

// KeyOwner returns the subject whose key seals the personal members of r.
func (r *Record) KeyOwner() string { return KeyOwner(&r.Command, r.Unattributed() != nil) }

// KeyOwner returns the subject whose key seals the personal members of c: the month of an
// unattributed attempt, otherwise the subject of c.
func KeyOwner(c *Command, unattributed bool) string {
	if unattributed {
		return monthOwner(c.Time)
	}
	return c.Subject()
}

// Sealed holds the personal members of a command, encrypted.
type Sealed struct {
	Slot       uint32 // of the key in the key ring, from 1; 0 for a key of an older program
	KID        string // id of a key of an older program; otherwise empty
	Nonce      []byte
	Ciphertext []byte
}

// Commit is a batch of records: one message of the log.
type Commit struct {
	First   uint64 // seq of the first record
	Stream  uint64 // position of the message in the stream
	Prev    Hash   // of the bytes of the previous commit
	Hash    Hash   // of the bytes of this commit
	Rules   int
	Time    time.Time // never decreases from commit to commit
	Node    string
	Records []Record
}

// Last returns the position of the last record of c.
func (c *Commit) Last() uint64 { return c.First + uint64(len(c.Records)) - 1 }

// Position identifies the end of a commit in the log. All records up to Seq are before it. The
// zero Position is before the first commit.
type Position struct {
	Seq    uint64 // last record
	Stream uint64 // stream position of the commit that ends with that record
	Hash   Hash   // of the bytes of that commit
}

// End returns the position after c.
func (c *Commit) End() Position { return Position{Seq: c.Last(), Stream: c.Stream, Hash: c.Hash} }
