package jetstream

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go/jetstream"

	"authledger/eventstore"
)

// Get implements [eventstore.Store].
func (s *Store) Get(ctx context.Context, stream uint64) (eventstore.Message, error) {
	if s.files != nil {
		return s.getFile(ctx, stream)
	}
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
		s.fence.readBack(stream)
		if stream <= last {
			return eventstore.Message{}, missing(stream, last)
		}
		return eventstore.Message{}, fmt.Errorf("the log ends at %d", last)
	case err != nil:
		return eventstore.Message{}, err
	case raw.Sequence != stream:
		return eventstore.Message{}, eventstore.Faultf(stream, "the server returned message %d", raw.Sequence)
	}
	s.fence.readBack(stream)
	return eventstore.Message{Stream: stream, Data: raw.Data}, nil
}

func missing(position, last uint64) *eventstore.Fault {
	return eventstore.Faultf(position, "the stream has messages up to %d but cannot return this one: its block is damaged; restore it from a copy of the log", last)
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
	if err := checkConfig(info.Config, s.opts.Realm); err != nil {
		return fmt.Errorf("check log %s: %w", s.name, err)
	}
	if err := checkState(info.State); err != nil {
		return fmt.Errorf("check log %s: %w", s.name, err)
	}
	return nil
}

// CheckDescription compares a stream's configuration as the server stores it, JSON in the
// file meta.inf, with the configuration of a realm's stream. It returns a *eventstore.Fault for a difference.
func CheckDescription(described []byte, realm string) error {
	var stored jetstream.StreamConfig
	if err := json.Unmarshal(described, &stored); err != nil {
		return eventstore.Faultf(0, "the stream's stored configuration is not JSON: %w", err)
	}
	return checkConfig(stored, realm)
}

func checkConfig(config jetstream.StreamConfig, realm string) error {
	live, want := canonical(config), ConfigJSON(realm)
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
