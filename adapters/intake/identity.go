package intake

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"authledger/eventstore"
	"authledger/eventstore/durable"
)

// Names of the stores in the identity file. The embedded server and a server of another
// process have separate streams, and an operator may switch between them.
const (
	embeddedStore = "embedded"
	externalStore = "external"
)

// acceptLost is the last part of each error about lost messages.
const acceptLost = "restore the store of the NATS server; if its messages can't be restored, start `serve` once with --accept-lost-intake"

// streamIdentity identifies a stream and its newest message that the node saw.
type streamIdentity struct {
	Created time.Time `json:"created"`
	Last    uint64    `json:"last"`
}

// storeIdentity holds the identities of the streams of one store, by stream name.
type storeIdentity map[string]streamIdentity

// identities stores the identities of the intake's streams in a file of the data
// directory, so that the node detects a NATS store that was emptied, replaced or restored
// from an old backup. A nil *identities checks and stores nothing. It is safe for
// concurrent use.
type identities struct {
	path   string
	server string // embeddedStore or externalStore

	mu     sync.Mutex
	accept bool                     // store the streams as they are, once, without a comparison
	known  map[string]storeIdentity // by store
}

// openIdentities reads the file at path. The file need not exist.
func openIdentities(path, store string, accept bool) (*identities, error) {
	ids := &identities{path: path, server: store, accept: accept, known: make(map[string]storeIdentity)}
	text, err := durable.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return ids, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the identity of the intake: %w", err)
	}
	if err := json.Unmarshal(text, &ids.known); err != nil && !accept {
		return nil, &eventstore.Fault{Err: fmt.Errorf("read the identity of the intake in %s: %w: %s", path, err, acceptLost)}
	}
	if ids.known == nil {
		ids.known = make(map[string]storeIdentity)
	}
	return ids, nil
}

// check compares the streams of the server with the stored identities. It returns a
// *[eventstore.Fault] if a stream is missing, was created anew, or has lost messages at
// its end. It changes nothing on the server.
func (ids *identities) check(ctx context.Context, js jetstream.JetStream, streams ...string) error {
	if ids == nil {
		return nil
	}
	for _, name := range streams {
		// Read the stored identity before the state of the stream, because another
		// goroutine may store a later identity in the meantime.
		was, isKnown := ids.lookup(name)
		var now streamIdentity
		stream, err := js.Stream(ctx, name)
		switch {
		case err == nil:
			now = identityOf(stream.CachedInfo())
		case !errors.Is(err, jetstream.ErrStreamNotFound):
			return fmt.Errorf("open the stream %s: %w", name, err)
		}
		if !isKnown {
			continue
		}
		if err := lostSince(name, was, now); err != nil {
			return err
		}
	}
	return nil
}

// lookup returns the stored identity of a stream. It reports false for all streams while
// the operator accepts their loss.
func (ids *identities) lookup(name string) (was streamIdentity, isKnown bool) {
	ids.mu.Lock()
	defer ids.mu.Unlock()
	was, isKnown = ids.known[ids.server][name]
	return was, isKnown && !ids.accept
}

// compare returns a fault if a stream does not match its stored identity. The caller must
// ensure that no other goroutine stores a later state of the stream than now.
func (ids *identities) compare(name string, now streamIdentity) error {
	was, isKnown := ids.lookup(name)
	if !isKnown {
		return nil
	}
	return lostSince(name, was, now)
}

// lostSince returns a fault if a stream was created anew or has lost messages. The zero now
// stands for a missing stream.
func lostSince(name string, was, now streamIdentity) error {
	switch {
	case now.Created.IsZero():
		return lostStore("the stream %s is missing on the NATS server; its last known position is %d", name, was.Last)
	case !now.Created.Equal(was.Created):
		return lostStore("the stream %s of the NATS server was created at %s; the node knows a stream created at %s, with last position %d",
			name, now.Created.Format(time.RFC3339Nano), was.Created.Format(time.RFC3339Nano), was.Last)
	case now.Last < was.Last:
		return lostStore("the stream %s of the NATS server ends at position %d; its last known position is %d", name, now.Last, was.Last)
	}
	return nil
}

// mustExist reports whether the stream has a stored identity, so that the node must not
// create it.
func (ids *identities) mustExist(name string) bool {
	if ids == nil {
		return false
	}
	_, isKnown := ids.lookup(name)
	return isKnown
}

func lostStore(format string, args ...any) error {
	return &eventstore.Fault{Err: fmt.Errorf(format+": acknowledged messages are lost: "+acceptLost, args...)}
}

// store writes the identities of streams into the file, and ends the acceptance of a lost
// store. It returns after the file is on disk.
func (ids *identities) store(infos ...*jetstream.StreamInfo) error {
	if ids == nil {
		return nil
	}
	ids.mu.Lock()
	defer ids.mu.Unlock()
	changed := ids.accept
	ids.accept = false
	known := ids.known[ids.server]
	if known == nil {
		known = make(storeIdentity)
		ids.known[ids.server] = known
	}
	for _, info := range infos {
		now := identityOf(info)
		if known[info.Config.Name] != now {
			known[info.Config.Name], changed = now, true
		}
	}
	if !changed {
		return nil
	}
	text, err := json.MarshalIndent(ids.known, "", "  ")
	if err != nil {
		return fmt.Errorf("write the identity of the intake: %w", err)
	}
	if err := durable.Replace(ids.path, append(text, '\n')); err != nil {
		return fmt.Errorf("write the identity of the intake: %w", err)
	}
	return nil
}

func identityOf(info *jetstream.StreamInfo) streamIdentity {
	return streamIdentity{Created: info.Created.UTC(), Last: info.State.LastSeq}
}
