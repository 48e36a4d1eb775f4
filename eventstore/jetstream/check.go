package jetstream

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go/jetstream"

	"authledger/eventstore"
)

// Get implements [eventstore.Store].
func (s *Store) Get(ctx context.Context, stream uint64) (eventstore.Message, error) {
	m, err := s.get(ctx, stream)
	if err != nil {
		return eventstore.Message{}, fmt.Errorf("get message %d of %s: %w", stream, s.name, err)
	}
	return m, nil
}

func (s *Store) get(ctx context.Context, stream uint64) (eventstore.Message, error) {
	if stream == 0 {
		return eventstore.Message{}, errors.New("positions begin at 1")
	}
	if s.isClosed() {
		return eventstore.Message{}, errClosed
	}
	raw, err := s.stream.GetMsg(ctx, stream)
	switch {
	case errors.Is(err, jetstream.ErrMsgNotFound):
		last, err := s.Last(ctx)
		if err != nil {
			return eventstore.Message{}, err
		}
		s.line.readBack(stream)
		if stream <= last {
			return eventstore.Message{}, missing(stream, last)
		}
		return eventstore.Message{}, fmt.Errorf("the log ends at %d", last)
	case err != nil:
		return eventstore.Message{}, err
	case raw.Sequence != stream:
		return eventstore.Message{}, eventstore.Faultf(stream, "the server answers with message %d", raw.Sequence)
	}
	s.line.readBack(stream)
	return eventstore.Message{Stream: stream, Data: raw.Data}, nil
}

func missing(position, last uint64) *eventstore.Fault {
	return eventstore.Faultf(position, "the stream counts messages up to %d but can't give this one: its block is damaged; restore it from a copy of the log", last)
}

// Check implements [eventstore.Store].
func (s *Store) Check(ctx context.Context) error {
	if !s.opts.Unsynced && (s.opts.SyncAlways == nil || !s.opts.SyncAlways()) {
		return fmt.Errorf("check log %s: %w", s.name, eventstore.ErrNotDurable)
	}
	info, err := s.info(ctx)
	if err != nil {
		return fmt.Errorf("check log %s: %w", s.name, err)
	}
	if err := checkConfig(info, s.opts.Realm); err != nil {
		return fmt.Errorf("check log %s: %w", s.name, err)
	}
	if err := checkState(info.State); err != nil {
		return fmt.Errorf("check log %s: %w", s.name, err)
	}
	return nil
}

func checkConfig(info *jetstream.StreamInfo, realm string) error {
	live, want := canonical(info.Config), ConfigJSON(realm)
	if bytes.Equal(live, want) {
		return nil
	}
	return eventstore.Faultf(0, "the stream's configuration was changed: it is %s, the ledger's is %s", live, want)
}

func checkState(state jetstream.StreamState) error {
	switch {
	case state.LastSeq == 0 && state.Msgs == 0:
		return nil
	case state.FirstSeq != 1:
		return eventstore.Faultf(1, "the stream begins at %d", state.FirstSeq)
	case state.Lost != nil && len(state.Lost.Msgs) > 0:
		return eventstore.Faultf(state.Lost.Msgs[0], "the server reports %d messages as lost", len(state.Lost.Msgs))
	case state.NumDeleted != 0 || state.Msgs != state.LastSeq:
		return eventstore.Faultf(0, "the stream has %d messages and %d deleted ones for %d positions", state.Msgs, state.NumDeleted, state.LastSeq)
	}
	return nil
}
