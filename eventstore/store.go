package eventstore

import (
	"context"
	"errors"
	"fmt"
	"iter"
)

// MessageBytesMax bounds one message of a [Store]: a commit of at most
// [CommitBytesMax] bytes, or of a single record of at most [RecordBytesMax],
// with its header.
const MessageBytesMax = 160 << 10

// ErrFenced reports that another message already stands where this one was to
// stand. The store may hold these very bytes there, from an earlier attempt:
// read position expect+1 and compare before deciding anything anew.
var ErrFenced = errors.New("eventstore: the log has moved past the expected position")

// ErrNotDurable reports a server that answers before its disk has the bytes.
var ErrNotDurable = errors.New("eventstore: the server does not sync before it answers")

// Message is one commit as stored: its bytes, which nobody may change, and its
// position in the stream, counted from 1 without gaps.
type Message struct {
	Stream uint64
	Data   []byte
}

// A Fault is a log that can't be proved intact. The node stops at it: the
// position says where to look, the error what was found and what to do.
type Fault struct {
	Stream uint64 // first bad position in the stream, 0 if the whole stream is meant
	Seq    uint64 // first bad record, 0 if unknown
	Err    error
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

// Faultf makes a [Fault] at a stream position.
func Faultf(stream uint64, format string, args ...any) *Fault {
	return &Fault{Stream: stream, Err: fmt.Errorf(format, args...)}
}

// Store is one realm's totally ordered, append-only log of opaque messages.
// It is safe for concurrent use. Every implementation passes storetest.
type Store interface {
	// Append sends data to become message expect+1 and returns at once. The
	// channel receives exactly one value and is never closed before it:
	//
	//   nil        the message is at expect+1, and on disk
	//   ErrFenced  it is not stored by this call: expect+1 is taken, or was by
	//              something else than what was sent before it
	//   any other  unknown: it may be stored now, or later, or never. Send the
	//              identical bytes again under the same expectation.
	//
	// Calls made in order by one goroutine are judged in that order, so a
	// second Append with expect+1 may follow before the first has answered; it
	// is only ever stored behind the first. After an ErrFenced at a position
	// every Append behind it is ErrFenced, until that position or a later one
	// is read with Get: hear all outcomes, read back, then go on. A Store is one
	// line of appends; two writers of a log use two Stores. When ctx ends first, the outcome is unknown. data must not be changed
	// until the outcome is there.
	Append(ctx context.Context, data []byte, expect uint64) <-chan error

	// Read yields the messages from position from (at least 1) to the last
	// one at the time of the call, in order. A position that is missing or
	// unreadable ends it with a *Fault that names it.
	Read(ctx context.Context, from uint64) iter.Seq2[Message, error]

	// Tail is Read that goes on with what is appended later, until ctx ends,
	// which it reports as ctx's error.
	Tail(ctx context.Context, from uint64) iter.Seq2[Message, error]

	// Get returns one message. A position at or before the last that can't be
	// read is a *Fault.
	Get(ctx context.Context, stream uint64) (Message, error)

	// Last returns the position of the last message, 0 for an empty log.
	Last(ctx context.Context) (uint64, error)

	// Check compares what the store says of itself with what a ledger needs:
	// the configuration it was created with, no deleted message, first
	// position 1, as many messages as positions. It reads no message. A
	// difference is a *Fault; a server that doesn't sync is ErrNotDurable.
	Check(ctx context.Context) error

	// Close lets go of the store. Appends under way end as unknown.
	Close() error
}
