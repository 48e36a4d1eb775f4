//go:build faults

package faults

import (
	"context"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"authledger/cmd/internal/node"
	"authledger/domain"
	"authledger/eventstore"
	"authledger/eventstore/jetstream"
	"authledger/eventstore/natsd"
)

// recordHeadBytes are the length, the position, the instant and the length of the subject
// with which a record of a block begins. The node may report a bit flipped there as another
// fault than a wrong checksum.
const recordHeadBytes = 22

// TestFaultReusedPositions flips one bit in the subject of a message at a quarter of the log's last
// file, and removes the index. The node must refuse to start its server, because nats-server would
// truncate the log there without a log line, and assign the positions again (reliability.md, fact
// 4). Then the test truncates the file itself, between two records, and assigns the positions again.
func TestFaultReusedPositions(t *testing.T) {
	b := buildBase(t, faultChance(t).Uint64())
	end := headOf(t, b.Dir)
	flipped, cut, reused := filepath.Join(fastDir(t), "flipped"), filepath.Join(fastDir(t), "cut"),
		filepath.Join(fastDir(t), "reused")
	must(t, copyDir(flipped, b.Dir))
	changeTail(t, flipped, func(data []byte) []byte {
		data[len(firstQuarter(data))+recordHeadBytes] ^= 1
		return data
	})
	wantFault(t, flipped, "wrong checksum")
	must(t, copyDir(cut, b.Dir))
	changeTail(t, cut, firstQuarter)
	must(t, copyDir(reused, cut))
	if left := rawLast(t, cut, func(*jetstream.Store) {}); left >= end.Stream {
		t.Fatalf("got %d of %d messages after the cut, want fewer", left, end.Stream)
	}
	rawLast(t, reused, func(s *jetstream.Store) { reusePositions(t, s, end.Stream) })
	wantFault(t, cut, "the tail of the log is lost")
	wantFault(t, reused, "used again")
	must(t, os.RemoveAll(filepath.Join(reused, node.ProjectionsDir)))
	wantFault(t, reused, "used again")
	announce("reused positions: start refused after a flipped bit, after a cut, and after the reuse with and " +
		"without rows")
}

func headOf(t *testing.T, dir string) domain.Position {
	t.Helper()
	h, err := eventstore.OpenHead(dir)
	must(t, err)
	defer h.Close() // only read from
	return h.At()
}

// changeTail changes the newest block of a log, and removes the index.
func changeTail(t *testing.T, dir string, change func([]byte) []byte) {
	t.Helper()
	must(t, removeIndex(dir))
	name, err := lastBlock(dir)
	must(t, err)
	path := filepath.Join(dir, name)
	data, err := os.ReadFile(path)
	must(t, err)
	must(t, os.WriteFile(path, change(data), 0o600))
}

// firstQuarter returns the records that begin in the first quarter of a block. A record
// begins with its length in bytes, whose highest bit marks headers.
func firstQuarter(block []byte) []byte {
	at := 0
	for at < len(block)/4 {
		at += int(binary.LittleEndian.Uint32(block[at:]) &^ (1 << 31))
	}
	return block[:at]
}

// rawLast opens the log without the checks of the ledger, and returns its last
// position.
func rawLast(t *testing.T, dir string, use func(*jetstream.Store)) uint64 {
	t.Helper()
	ctx := context.Background()
	server, err := natsd.Start(ctx, natsd.Config{Dir: filepath.Join(dir, node.LogDir), Log: faultNode(dir).Log})
	must(t, err)
	defer server.Close()
	store, err := jetstream.Open(ctx,
		jetstream.Options{Conns: server, Realm: realmDefault, SyncAlways: server.SyncAlways})
	must(t, err)
	defer store.Close() // only the server is needed
	use(store)
	last, err := store.Last(ctx)
	must(t, err)
	return last
}

// reusePositions appends valid commits up to the former end of the log.
func reusePositions(t *testing.T, s *jetstream.Store, end uint64) {
	t.Helper()
	ctx := context.Background()
	m, err := s.Get(ctx, 1)
	must(t, err)
	for last, err := s.Last(ctx); last < end; last++ {
		must(t, err)
		must(t, <-s.Append(ctx, m.Data, last))
	}
}

// wantFault opens a directory twice. Both starts must fail with a fault.
func wantFault(t *testing.T, dir, text string) {
	t.Helper()
	for range 2 {
		err := withFaultNode(dir, func(context.Context, *node.Node) error { return nil })
		var fault *eventstore.Fault
		if !errors.As(err, &fault) || fault.Stream == 0 || exitCode(err) != exitFault ||
			!strings.Contains(err.Error(), text) {
			t.Errorf("%s: got error %v, want a fault with a position and %q", filepath.Base(dir), err, text)
		}
	}
}
