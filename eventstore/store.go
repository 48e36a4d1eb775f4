package eventstore

import (
	"context"
	"errors"
	"fmt"
	"iter"
)

// MessageBytesMax is the maximum size of one message of a [Store], in bytes: a commit of at
// most [CommitBytesMax], or one record of at most [RecordBytesMax], with the header.
const MessageBytesMax = 160 << 10

// ErrFenced reports that the expected position already holds a message. The message may be
// the identical bytes of an earlier attempt: the caller MUST read position expect+1 and
// compare before it decides a command again.
var ErrFenced = errors.New("eventstore: the expected position of the log is taken")

// ErrNotDurable reports a server that acknowledges messages before they are on disk.
var ErrNotDurable = errors.New("eventstore: the server does not sync messages before it acknowledges them")

// Message is a stored commit: its bytes, which MUST NOT be changed, and its position in the
// stream. Positions begin at 1 and have no gaps.
type Message struct {
	Stream uint64
	Data   []byte
}

// A Fault reports a log that cannot be proved intact. The node stops at a Fault.
type Fault struct {
	Stream uint64 // first bad position in the stream; 0 for the whole stream
	Seq    uint64 // first bad record; 0 if unknown
	Err    error  // the finding, and the next step of the operator
}

func (f *Fault) Error() string {
	switch {
	case f.Seq > 0:
		return fmt.Sprintf("fault at record %d (stream position %d): %v", f.Seq, f.Stream, f.Err)
	case f.Stream > 0:
		return fmt.Sprintf("fault at stream position %d: %v", f.Stream, f.Err)
	}
	return fmt.Sprintf("fault: %v", f.Err)
}

func (f *Fault) Unwrap() error { return f.Err }

// Faultf returns a [Fault] at a stream position.
func Faultf(stream uint64, format string, args ...any) *Fault {
	return &Fault{Stream: stream, Err: fmt.Errorf(format, args...)}
}

// Reader reads the log of one realm. Implementations MUST be safe for concurrent use.
type Reader interface {
	// Read yields the messages from position from (at least 1) to the last position at the
	// time of the call, in order. It ends with a *Fault at a missing or unreadable
	// position.
	Read(ctx context.Context, from uint64) iter.Seq2[Message, error]

	// Get returns one message. It returns a *Fault if a position at or before the last one
	// cannot be read.
	Get(ctx context.Context, stream uint64) (Message, error)

	// Last returns the position of the last message, 0 for an empty log.
	Last(ctx context.Context) (uint64, error)

	// Check compares the state of the store with the requirements of a ledger: the stream
	// has the configuration of its creation and no deleted message, it begins at position 1,
	// and it has as many messages as positions. Check reads no message. It returns a *Fault
	// for a difference, and ErrNotDurable for a server that does not sync.
	Check(ctx context.Context) error

	// Close frees the resources of the reader. Every later call fails. Appends of a [Store]
	// without an outcome end with an unknown outcome.
	Close() error
}

// Store is the totally ordered, append-only log of one realm. Its messages are opaque.
// Implementations MUST be safe for concurrent use and MUST pass package storetest.
type Store interface {
	Reader

	// Append sends data to become message expect+1 and returns at once. The channel
	// receives exactly one value and is not closed before that value:
	//
	//   nil        the message is at expect+1, and on disk
	//   ErrFenced  this call did not store the message: position expect+1 holds another
	//              message, or an earlier Append of this Store was fenced
	//   any other  unknown: the message may be stored now, later or never. The caller
	//              sends the identical bytes again with the same expect.
	//
	// The store handles the calls of one goroutine in order. A second Append with expect+1
	// MAY follow before the first has an outcome; it is stored only after the first. After
	// an ErrFenced at a position, every Append after that position is ErrFenced until Get
	// has read that position or a later one. The caller therefore waits for all outcomes,
	// reads back, and then continues.
	//
	// A Store is one sequence of appends: two writers of a log MUST use two Stores. When
	// ctx ends first, the outcome is unknown. The caller MUST NOT change data before it has
	// received the outcome.
	Append(ctx context.Context, data []byte, expect uint64) <-chan error

	// Tail yields what Read yields, and continues with later messages until ctx ends. It then
	// yields the error of ctx and ends.
	Tail(ctx context.Context, from uint64) iter.Seq2[Message, error]
}
