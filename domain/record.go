package domain

import (
	"crypto/sha256"
	"time"
)

// Rules is the version of the rules in this code. A change that alters any
// verdict raises it and keeps the old branch, so that old history is decided
// again as it was decided.
const Rules = 1

// Hash is a SHA-256.
type Hash [sha256.Size]byte

// Record is one decision as the log keeps it, atomic, at one position.
type Record struct {
	Seq      uint64 // of the ledger, dense from 1
	Entities []Entity
	Command  Command // its Data without the personal members
	Content  Hash    // of the command's content
	Time     time.Time
	Late     bool
	Policy   string // version label of the policy that decided
	Status   Status
	Reason   Reason
	Detail   string
	Result   Data // nil if the command has none
	Events   []Event
	Personal *Sealed // nil if the command had no personal members
}

// caused is an event that only one type of command brings about, and whose fold
// reads that command.
type caused interface{ causedBy(CommandData) bool }

// Coherent reports whether r's events can stand under its command. A record that
// is not is none that this code wrote, and is not to be folded.
func (r *Record) Coherent() bool {
	for _, e := range r.Events {
		if event, ok := e.Data.(caused); ok && !event.causedBy(r.Command.Data) {
			return false
		}
	}
	return true
}

// AsDecided is r's command as it was decided, to decide it again. What was never
// kept of a bad name is taken from its event.
func (r *Record) AsDecided() Command {
	c := r.Command
	if u := r.Unattributed(); u != nil {
		c.Bucket, c.BadName = r.Entities[0], u.BadName()
	}
	return c
}

// Sealed is what was personal in a command, encrypted under the key named KID.
type Sealed struct {
	KID        string
	Nonce      []byte
	Ciphertext []byte
}

// Commit is the records decided together: one message of the log.
type Commit struct {
	First   uint64 // seq of the first record
	Stream  uint64 // position of the message in the stream
	Prev    Hash   // of the previous commit's bytes
	Hash    Hash   // of this commit's bytes
	Rules   int
	Time    time.Time // never decreasing
	Node    string
	Records []Record
}

// Last is the seq of the commit's last record.
func (c *Commit) Last() uint64 { return c.First + uint64(len(c.Records)) - 1 }

// Position is a place between two commits: everything up to and including Seq.
// The zero Position is before the first.
type Position struct {
	Seq    uint64 // last record
	Stream uint64 // stream position of the commit that ends with it
	Hash   Hash   // of that commit's bytes
}

// End is the position after c.
func (c *Commit) End() Position { return Position{Seq: c.Last(), Stream: c.Stream, Hash: c.Hash} }
