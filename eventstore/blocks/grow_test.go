package blocks_test

import (
	"bytes"
	"encoding/binary"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"authledger/eventstore"
	"authledger/eventstore/blocks"
	"authledger/eventstore/jetstream"
	"authledger/eventstore/natsd"
)

// TestGrownFollowsServer reads each message through a Store that was opened before the
// server stored it, over several blocks, also where the file is longer than Last.
func TestGrownFollowsServer(t *testing.T) {
	const count, ahead = 150, 5
	dir := t.TempDir()
	s := serve(t, dir, true)
	o := options(dir)
	r := mustOpen(t, o)
	large := bytes.Repeat([]byte("0123456789abcdef"), eventstore.MessageBytesMax/16)
	data := func(at uint64) []byte {
		return binary.LittleEndian.AppendUint64(bytes.Clone(large[:len(large)-8]), at)
	}
	for at := uint64(1); at <= count; at++ {
		add(t, s, at-1, data(at))
		if at <= ahead {
			continue
		}
		var err error
		if r, err = r.Grown(t.Context(), at-ahead); err != nil {
			t.Fatal(err)
		}
		for _, position := range []uint64{at - ahead, max(at/2, ahead) - ahead + 1} {
			if m, err := r.Get(t.Context(), position); err != nil || !bytes.Equal(m.Data, data(position)) {
				t.Fatalf("get message %d of %d: got %d bytes, %v, want its content", position, at, len(m.Data), err)
			}
		}
		if _, err := r.Get(t.Context(), at); err == nil {
			t.Fatalf("message %d before Grown to it: got it, want an error", at)
		}
	}
	whole, err := r.Grown(t.Context(), count)
	if err != nil {
		t.Fatal(err)
	}
	for _, from := range []uint64{1, 2, 60, count - 1, count} {
		next := from
		for m, err := range whole.Read(t.Context(), from) {
			if err != nil || m.Stream != next || !bytes.Equal(m.Data, data(next)) {
				t.Fatalf("read from %d: message %d, %v, want %d", from, m.Stream, err, next)
			}
			next++
		}
		if next != count+1 {
			t.Errorf("read from %d ends at %d, want %d", from, next-1, count)
		}
	}
}

// TestGrownIsSafeForConcurrentUse reads and grows at once.
func TestGrownIsSafeForConcurrentUse(t *testing.T) {
	dir := stopped(t)
	o := options(dir)
	o.Last = 1
	first := mustOpen(t, o)
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() { growTo(t, first, keep) })
	}
	group.Wait()
}

func growTo(t *testing.T, s *blocks.Store, last uint64) {
	for at := uint64(1); at <= last; at++ {
		var err error
		if s, err = s.Grown(t.Context(), at); err != nil {
			t.Error(err)
			return
		}
		if m, err := s.Get(t.Context(), at); err != nil || !bytes.Equal(m.Data, content(at)) {
			t.Errorf("get message %d: got %d bytes, %v, want its content", at, len(m.Data), err)
		}
	}
}

// TestGrown_FirstBlockIsTwo checks a log whose first block is block 2, as after a kill
// before the first message.
func TestGrown_FirstBlockIsTwo(t *testing.T) {
	dir := t.TempDir()
	for _, create := range []bool{true, false} {
		on, err := natsd.Start(t.Context(), natsd.Config{Dir: dir, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		s, err := jetstream.Open(t.Context(),
			jetstream.Options{Conns: on, Realm: realm, Create: create, SyncAlways: on.SyncAlways})
		if err != nil {
			t.Fatal(err)
		}
		if !create {
			r := mustOpen(t, options(dir))
			add(t, s, 0, []byte("first"))
			if r, err = r.Grown(t.Context(), 1); err != nil {
				t.Fatal(err)
			}
			if m, err := r.Get(t.Context(), 1); err != nil || string(m.Data) != "first" {
				t.Errorf("message 1: got %q, %v, want first", m.Data, err)
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		on.Close()
		msgs := filepath.Join(streamDir(dir), "msgs")
		if err := os.Remove(filepath.Join(msgs, "index.db")); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(filepath.Join(msgs, "2.blk")); !create && err != nil {
			t.Errorf("block 2 of the server: %v, want it to exist", err)
		}
	}
}
