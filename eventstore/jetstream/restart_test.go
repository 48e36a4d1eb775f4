package jetstream_test

import (
	"errors"
	"fmt"
	"net"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"authledger/eventstore"
	"authledger/eventstore/jetstream"
	"authledger/eventstore/natsd"
)

// retryPause is the interval at which a test repeats an append of unknown outcome while the
// client reconnects.
const retryPause = 10 * time.Millisecond

// replaceable is a server that is stopped and started under an open store.
type replaceable struct {
	current atomic.Pointer[natsd.Server]
}

func (r *replaceable) InProcessConn() (net.Conn, error) { return r.current.Load().InProcessConn() }

// restartable opens a store with keep messages. restart stops its server, calls between, and
// starts another server on the same files.
func restartable(t *testing.T) (s *jetstream.Store, restart func(between func(dir string))) {
	t.Helper()
	dir, servers := t.TempDir(), &replaceable{}
	servers.current.Store(server(t, natsd.Config{Dir: dir}))
	s, err := jetstream.Open(t.Context(), jetstream.Options{Conns: servers, Realm: realm, Create: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	for at := range uint64(keep) {
		if err := <-s.Append(t.Context(), body(at+1), at); err != nil {
			t.Fatal(err)
		}
	}
	return s, func(between func(dir string)) {
		servers.current.Load().Close()
		between(dir)
		servers.current.Store(server(t, natsd.Config{Dir: dir}))
	}
}

// persist sends the identical bytes again while their outcome is unknown.
func persist(t *testing.T, s *jetstream.Store, data []byte, expect uint64) error {
	t.Helper()
	pause := time.NewTicker(retryPause)
	defer pause.Stop()
	for {
		err := <-s.Append(t.Context(), data, expect)
		if err == nil || errors.Is(err, eventstore.ErrFenced) || isFault(err) {
			return err
		}
		select {
		case <-pause.C:
		case <-t.Context().Done():
			t.Fatal(err)
		}
	}
}

func TestAppend_AfterServerRestart(t *testing.T) {
	s, restart := restartable(t)
	restart(func(string) {})
	for at := uint64(keep); at < keep+3; at++ {
		if err := persist(t, s, body(at+1), at); err != nil {
			t.Fatalf("append %d after a restart: %v", at+1, err)
		}
	}
	if last, err := read(s.Read(t.Context(), 1)); last != keep+3 || err != nil {
		t.Errorf("read up to %d, %v, want %d", last, err, keep+3)
	}
}

// TestStart_DamageWithoutIndex checks that a server does not start on a damaged log
// without index. The server would cut the log at the damage and use its positions again.
func TestStart_DamageWithoutIndex(t *testing.T) {
	dir := t.TempDir()
	s := server(t, natsd.Config{Dir: dir})
	log := open(t, s, jetstream.Options{Realm: realm, Create: true})
	for at := range uint64(keep) {
		if err := <-log.Append(t.Context(), body(at+1), at); err != nil {
			t.Fatal(err)
		}
	}
	s.Close()
	flip(t, find(t, dir, ".blk"), fmt.Appendf(nil, "<message %d>", 17))
	if err := os.Remove(find(t, dir, "index.db")); err != nil {
		t.Fatal(err)
	}
	started, err := natsd.Start(t.Context(), natsd.Config{Dir: dir})
	if err == nil {
		started.Close()
	}
	wantFaultAt(t, "Start", err, 17)
}
