package guard_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"authledger/eventstore"
	"authledger/eventstore/jetstream"
	"authledger/eventstore/natsd"
)

// damaged returns a directory with a damaged record in block 1, which is not the newest,
// and a current index.db. The block was last written at an instant.
func damaged(t *testing.T, third int, at int, written time.Time) (dir, block string, bytes []byte) {
	t.Helper()
	dir = filled(t)
	block = filepath.Join(dir, stream, "msgs", "1.blk")
	flip(t, block, recordAt(t, block, third)+at)
	must(t, os.Chtimes(block, written, written))
	bytes, err := os.ReadFile(block)
	must(t, err)
	return dir, block, bytes
}

// TestRead_DamagedOlderBlock damages a block that the server does not read at its start.
// A read through the server would truncate the block.
func TestRead_DamagedOlderBlock(t *testing.T) {
	const third = 2 // record of block 1
	for name, at := range map[string]int{"length": 2, "message": 100} {
		t.Run(name, func(t *testing.T) {
			dir, block, before := damaged(t, third, at, time.Now().Add(-time.Hour))
			time.Sleep(windowPassed) // the server loads the message ids of the latest messages
			server, store, err := start(t, dir, true)
			must(t, err, server.Release(natsd.LogAccount))
			for _, err := range store.Read(t.Context(), 1) {
				wantFaultOrNil(t, err, third+1)
			}
			_, err = store.Get(t.Context(), third+1)
			if fault := (*eventstore.Fault)(nil); !errors.As(err, &fault) || fault.Stream != third+1 {
				t.Errorf("got error %v, want a fault at position %d", err, third+1)
			}
			must(t, store.Close(), server.Stop())
			wantBytes(t, block, before)
		})
	}
}

// windowPassed is longer than the duplicate window of the log's stream.
const windowPassed = 300 * time.Millisecond

// TestBegin_DamageInDuplicateWindow damages a recently written older block, which a
// starting server reads for its message ids and would truncate.
func TestBegin_DamageInDuplicateWindow(t *testing.T) {
	dir, block, before := damaged(t, 2, 2, time.Now())
	_, _, err := start(t, dir, true)
	if fault := (*eventstore.Fault)(nil); !errors.As(err, &fault) || fault.Stream != 3 {
		t.Errorf("got error %v, want a fault at position 3", err)
	}
	wantBytes(t, block, before)
}

func wantBytes(t *testing.T, path string, want []byte) {
	t.Helper()
	got, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s has %d bytes (%v), want the %d from before", path, len(got), err, len(want))
	}
}

func wantFaultOrNil(t *testing.T, err error, position uint64) {
	t.Helper()
	if fault := (*eventstore.Fault)(nil); err != nil && (!errors.As(err, &fault) || fault.Stream != position) {
		t.Errorf("got error %v, want a fault at position %d", err, position)
	}
}

// recordAt returns the offset of record n of a block, counted from 0.
func recordAt(t *testing.T, block string, n int) (at int) {
	t.Helper()
	data, err := os.ReadFile(block)
	must(t, err)
	for range n {
		at += int(binary.LittleEndian.Uint32(data[at:]) &^ (1 << 31))
	}
	return at
}

// TestOpen_StreamNotRecovered has a server that did not find the files of the stream, as
// after a failed read of their directory.
func TestOpen_StreamNotRecovered(t *testing.T) {
	dir, files := t.TempDir(), filled(t)
	server, err := natsd.Start(t.Context(), natsd.Config{Dir: dir, Log: slog.New(slog.DiscardHandler)})
	must(t, err)
	t.Cleanup(server.Close)
	must(t, os.CopyFS(filepath.Join(dir, stream), os.DirFS(filepath.Join(files, stream))))
	_, err = jetstream.Open(t.Context(),
		jetstream.Options{Conns: server, Realm: realm, Dir: filepath.Join(dir, stream),
			SyncAlways: server.SyncAlways})
	if err == nil || errors.As(err, new(*eventstore.Fault)) {
		t.Errorf("got error %v, want one that is no fault", err)
	}
	flip(t, filepath.Join(dir, stream, "meta.inf"), 3)
	_, err = jetstream.Open(t.Context(),
		jetstream.Options{Conns: server, Realm: realm, Dir: filepath.Join(dir, stream),
			SyncAlways: server.SyncAlways})
	if !errors.As(err, new(*eventstore.Fault)) {
		t.Errorf("got error %v with a damaged meta.inf, want a fault", err)
	}
}
