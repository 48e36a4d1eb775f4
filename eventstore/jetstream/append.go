package jetstream

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"authledger/eventstore"
)

// The server's codes for "not stored because of what stands last".
const (
	codeWrongLastSequence         jetstream.ErrorCode = 10071
	codeWrongLastSequenceInFlight jetstream.ErrorCode = 10164
	codeWrongLastID               jetstream.ErrorCode = 10070
)

// Append implements [eventstore.Store]. After a lost fence at a position this
// Store loses every Append behind it, until that position or a later one is
// read with Get. So: stop appending, read back with Get, catch up, go on.
//
// A message sent ahead of the log's end is not a lost fence, for nothing stands
// in its place: it is unknown if its predecessor may still come, and a
// *eventstore.Fault if the log has lost a message that it once vouched for.
func (s *Store) Append(ctx context.Context, data []byte, expect uint64) <-chan error {
	outcome := make(chan error, 1)
	// Answers may overtake each other on their way to here, so a refusal can
	// only be held against what the server had vouched for when we asked.
	vouched := s.acked.Load()
	ack, err := s.publish(ctx, data, expect)
	if err != nil {
		outcome <- fmt.Errorf("append message %d to %s: %w", expect+1, s.name, err)
		return outcome
	}
	go func() {
		if err := s.await(ctx, ack, expect, vouched); err != nil {
			outcome <- fmt.Errorf("append message %d to %s: %w", expect+1, s.name, err)
			return
		}
		outcome <- nil
	}()
	return outcome
}

func (s *Store) publish(ctx context.Context, data []byte, expect uint64) (ack jetstream.PubAckFuture, err error) {
	if len(data) > eventstore.MessageBytesMax {
		return nil, fmt.Errorf("%d bytes are more than %d", len(data), eventstore.MessageBytesMax)
	}
	if s.isClosed() {
		return nil, errClosed
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	id := s.line.id(expect+1, data)
	sent, err := s.line.send(expect+1, id, func(after string) (err error) {
		opts := []jetstream.PublishOpt{
			jetstream.WithRetryAttempts(0),
			jetstream.WithExpectLastSequence(expect),
			jetstream.WithMsgID(id),
		}
		if after != "" {
			opts = append(opts, jetstream.WithExpectLastMsgID(after))
		}
		ack, err = s.js.PublishMsgAsync(&nats.Msg{Subject: s.subject, Data: data}, opts...)
		return err
	})
	if !sent {
		return nil, fmt.Errorf("behind one that was fenced: %w", eventstore.ErrFenced)
	}
	return ack, err
}

func (s *Store) await(ctx context.Context, ack jetstream.PubAckFuture, expect, vouched uint64) error {
	select {
	case stored := <-ack.Ok():
		return s.accept(stored, expect)
	case err := <-ack.Err():
		return s.refused(err, expect, vouched)
	case <-ctx.Done():
		return ctx.Err()
	case <-s.closed:
		return errClosed
	}
}

// accept believes an answer only if it names our stream and our position.
func (s *Store) accept(stored *jetstream.PubAck, expect uint64) error {
	switch {
	case stored.Stream != s.name || stored.Sequence != expect+1:
		return eventstore.Faultf(expect+1, "the server stored it at %d of %s", stored.Sequence, stored.Stream)
	case stored.Duplicate:
		// A cluster knows the copy by its id before it judges the fence; one
		// server judges the fence first. Both are told as the latter.
		s.line.lost(expect + 1)
		return fmt.Errorf("an earlier copy is there: %w", eventstore.ErrFenced)
	}
	for {
		acked := s.acked.Load()
		if acked > expect || s.acked.CompareAndSwap(acked, expect+1) {
			return nil
		}
	}
}

func (s *Store) refused(err error, expect, vouched uint64) error {
	var code *jetstream.APIError
	if !errors.As(err, &code) {
		return err
	}
	switch code.ErrorCode {
	case codeWrongLastID:
		// The stranger stands in our predecessor's place.
		s.line.lost(expect)
		return fmt.Errorf("%s: %w", code.Description, eventstore.ErrFenced)
	case codeWrongLastSequence:
		last, known := lastIn(code.Description)
		switch {
		case known && last < vouched:
			return eventstore.Faultf(last+1, "the log ends at %d after it had vouched for %d", last, vouched)
		case known && last < expect:
			return fmt.Errorf("the log ends at %d, before the message that this one follows", last)
		}
		fallthrough
	case codeWrongLastSequenceInFlight:
		s.line.lost(expect + 1)
		return fmt.Errorf("%s: %w", code.Description, eventstore.ErrFenced)
	}
	return err
}

func lastIn(description string) (last uint64, known bool) {
	_, number, found := strings.Cut(description, "last sequence: ")
	if !found {
		return 0, false
	}
	_, err := fmt.Sscan(number, &last)
	return last, err == nil
}
