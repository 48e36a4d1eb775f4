package jetstream

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"authledger/eventstore"
)

// Error codes of the server for a message that it did not store because the last message of the
// stream has another position or another id than the append expects.
const (
	codeWrongLastSequence         jetstream.ErrorCode = 10071
	codeWrongLastSequenceInFlight jetstream.ErrorCode = 10164
	codeWrongLastID               jetstream.ErrorCode = 10070
)

// Append implements [eventstore.Store]. After a lost fence at a position, every later
// Append of this Store returns ErrFenced until Get has read that position or a later one.
// The caller stops appending, reads back, catches up and continues.
//
// An append beyond the end of the log is not a lost fence, because its position is free.
// Its outcome is unknown if its predecessor may still be stored. It is a *eventstore.Fault
// if the log has lost a message that the server had acknowledged.
func (s *Store) Append(ctx context.Context, data []byte, expect uint64) <-chan error {
	// Answers may arrive in another order than the server sent them. A rejection is
	// therefore compared with the positions acknowledged before this append.
	p, err := s.acks.add(ctx, expect, s.acked.Load())
	if err != nil {
		outcome := make(chan error, 1)
		outcome <- s.acks.appendError(expect, err)
		return outcome
	}
	if err := s.publish(ctx, data, p); err != nil {
		s.acks.end(p.reply, err)
	}
	return p.outcome
}

func (s *Store) publish(ctx context.Context, data []byte, p *pending) error {
	if len(data) > eventstore.MessageBytesMax {
		return fmt.Errorf("%d bytes are more than %d", len(data), eventstore.MessageBytesMax)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	id := s.fence.id(p.expect+1, data)
	sent, err := s.fence.send(p.expect+1, id, func(after string) error {
		headers := nats.Header{
			jetstream.ExpectedLastSeqHeader: {strconv.FormatUint(p.expect, 10)},
			jetstream.MsgIDHeader:           {id},
		}
		if after != "" {
			headers[jetstream.ExpectedLastMsgIDHeader] = []string{after}
		}
		return s.conn.PublishMsg(&nats.Msg{Subject: s.subject, Reply: p.reply, Header: headers, Data: data})
	})
	if !sent {
		return fmt.Errorf("an earlier append was fenced: %w", eventstore.ErrFenced)
	}
	return err
}

// accept checks that an acknowledgement names the stream and the position of the append.
func (s *Store) accept(stored *jetstream.PubAck, expect uint64) error {
	switch {
	case stored.Stream != s.name || stored.Sequence != expect+1:
		return eventstore.Faultf(expect+1, "the server stored the message at position %d of %s", stored.Sequence, stored.Stream)
	case stored.Duplicate:
		// A cluster checks the message id before the fence, and a single server checks
		// the fence first. Both cases return ErrFenced.
		s.fence.lost(expect + 1)
		return fmt.Errorf("an earlier copy is stored: %w", eventstore.ErrFenced)
	}
	for {
		acked := s.acked.Load()
		if acked > expect || s.acked.CompareAndSwap(acked, expect+1) {
			return nil
		}
	}
}

// rejected returns the outcome of an append that the server rejected.
func (s *Store) rejected(code *jetstream.APIError, expect, acked uint64) error {
	switch code.ErrorCode {
	case codeWrongLastID:
		// Another writer's message has the position of the predecessor.
		s.fence.lost(expect)
		return fmt.Errorf("%s: %w", code.Description, eventstore.ErrFenced)
	case codeWrongLastSequence:
		last, known := lastIn(code.Description)
		switch {
		case known && last < acked:
			return eventstore.Faultf(last+1, "the log ends at %d, but the server had acknowledged %d", last, acked)
		case known && last < expect:
			return fmt.Errorf("the log ends at %d, before the message that this one follows", last)
		}
		fallthrough
	case codeWrongLastSequenceInFlight:
		s.fence.lost(expect + 1)
		return fmt.Errorf("%s: %w", code.Description, eventstore.ErrFenced)
	}
	return code
}

func lastIn(description string) (last uint64, known bool) {
	_, number, found := strings.Cut(description, "last sequence: ")
	if !found {
		return 0, false
	}
	_, err := fmt.Sscan(number, &last)
	return last, err == nil
}
