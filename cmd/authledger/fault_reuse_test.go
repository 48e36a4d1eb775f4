//go:build faults

package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"authledger/domain"
	"authledger/eventstore"
	"authledger/eventstore/jetstream"
	"authledger/eventstore/natsd"
)

// TestFaultReusedPositions flips one bit at a quarter of the log's last file,
// whose index was lost: nats-server then cuts the log there without a word, and
// uses the positions again (reliability.md, fact 4).
func TestFaultReusedPositions(t *testing.T) {
	b := buildBase(t, faultChance(t).Uint64())
	end := headOf(t, b.Dir)
	cut, reused := filepath.Join(fastDir(t), "cut"), filepath.Join(fastDir(t), "reused")
	must(t, copyDir(cut, b.Dir))
	cutTail(t, cut)
	must(t, copyDir(reused, cut))
	if left := rawLast(t, cut, func(*jetstream.Store) {}); left >= end.Stream {
		t.Fatalf("the flip left %d of %d messages: it proves nothing", left, end.Stream)
	}
	rawLast(t, reused, func(s *jetstream.Store) { reusePositions(t, s, end.Stream) })
	wantFault(t, cut, "its tail is lost")
	wantFault(t, reused, "used again")
	must(t, os.RemoveAll(filepath.Join(reused, projectionsDir)))
	wantFault(t, reused, "used again")
	announce("reused positions: refused when cut, when used again, and without rows that remember")
}

func headOf(t *testing.T, dir string) domain.Position {
	t.Helper()
	h, err := eventstore.OpenHead(dir)
	must(t, err)
	defer h.Close() // nothing was written
	return h.At()
}

func cutTail(t *testing.T, dir string) {
	t.Helper()
	must(t, removeIndex(dir))
	name, err := lastBlock(dir)
	must(t, err)
	path := filepath.Join(dir, name)
	data, err := os.ReadFile(path)
	must(t, err)
	data[len(data)/4] ^= 1
	must(t, os.WriteFile(path, data, 0o600))
}

// rawLast opens the log without any of the ledger's checks and returns where it
// ends.
func rawLast(t *testing.T, dir string, use func(*jetstream.Store)) uint64 {
	t.Helper()
	ctx := context.Background()
	server, err := natsd.Start(ctx, natsd.Config{Dir: filepath.Join(dir, logDir), Log: faultNode(dir).log})
	must(t, err)
	defer server.Close()
	store, err := jetstream.Open(ctx, jetstream.Options{Conns: server, Realm: realmDefault, SyncAlways: server.SyncAlways})
	must(t, err)
	defer store.Close() // the server is what matters
	use(store)
	last, err := store.Last(ctx)
	must(t, err)
	return last
}

// reusePositions fills the log up to where it once ended, with commits that are
// good in themselves.
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

// wantFault opens a directory that must be refused, twice.
func wantFault(t *testing.T, dir, text string) {
	t.Helper()
	for range 2 {
		err := withFaultNode(dir, func(context.Context, *node) error { return nil })
		var fault *eventstore.Fault
		if !errors.As(err, &fault) || fault.Stream == 0 || exitCode(err) != exitFault || !strings.Contains(err.Error(), text) {
			t.Errorf("%s: want a fault with a position and %q, got %v", filepath.Base(dir), text, err)
		}
	}
}
