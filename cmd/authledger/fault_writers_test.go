//go:build faults

package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"authledger/domain"
	"authledger/eventstore"
	"authledger/eventstore/jetstream"
	"authledger/eventstore/wire"
	"authledger/projections"
)

const (
	writersEach     = 4 // publishers of each of the two
	writersCommands = 250
	writersShared   = 5 // every so manieth command is given to both
)

// TestFaultWriters has two sequencers write one log, each with rows of its own:
// the fence alone keeps them apart.
func TestFaultWriters(t *testing.T) {
	chance := faultChance(t)
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	dir, begun, k := t.TempDir(), time.Now(), &shared{told: newTold()}
	first, err := openNode(ctx, faultNode(filepath.Join(dir, "first")))
	must(t, err)
	second := openSecond(ctx, t, first, filepath.Join(dir, "second"))
	var all sync.WaitGroup
	for i := range writersEach {
		seed := chance.Uint64()
		all.Go(func() { k.write(ctx, newGateway(seed, i, killUsers), first.ledger, second.ledger) })
		all.Go(func() { k.write(ctx, newGateway(seed, writersEach+i, killUsers), second.ledger, first.ledger) })
	}
	all.Wait()
	must(t, ctx.Err())
	must(t, second.ledger.Close(ctx))
	must(t, errors.Join(k.errs...))
	if len(k.unanswered()) > 0 || len(k.broken) > 0 {
		t.Fatalf("%d commands without a verdict, %v", len(k.unanswered()), k.broken)
	}
	must(t, second.rows.Close())
	must(t, errors.Join(second.store.Close(), first.close()))
	must(t, withFaultNode(first.options.dir, func(ctx context.Context, n *node) error {
		records := n.rows.Position().Seq
		announce("writers: 2 sequencers, %d commands, %d records, %v", len(k.sent), records, time.Since(begun).Round(time.Second))
		return errors.Join(k.holdNode(ctx, n), checkRebuilt(ctx, n.disk))
	}))
}

// openSecond opens a second ledger on the first one's log and keys.
func openSecond(ctx context.Context, t *testing.T, first *node, dir string) *node {
	t.Helper()
	store, err := jetstream.Open(ctx, jetstream.Options{Conns: first.server, Realm: realmDefault, SyncAlways: first.server.SyncAlways})
	must(t, err)
	rows, err := projections.Open(dir, projections.Options{})
	must(t, err)
	must(t, eventstore.CreateHead(dir, domain.Position{}))
	options := first.ledgerOptions(rows)
	options.Dir, options.Store, options.Node = dir, store, "second"
	ledger, err := eventstore.Open(ctx, options)
	must(t, err)
	return &node{disk: &disk{store: store, rows: rows}, ledger: ledger}
}

// shared is told by many goroutines.
type shared struct {
	mu sync.Mutex
	*told
	errs []error
}

// write gives commands to one ledger, and some to the other at the same time.
func (k *shared) write(ctx context.Context, g *gateway, mine, other *eventstore.Ledger) {
	for n := range writersCommands {
		c := g.next(time.Now())
		k.take(childLine{wordSent, wire.AppendCommand(nil, &c)}, nil)
		var twice sync.WaitGroup
		if n%writersShared == 0 {
			twice.Go(func() { k.do(ctx, other, c) })
		}
		if v := k.do(ctx, mine, c); v != nil {
			g.learn(&c, v)
		}
		twice.Wait()
	}
}

func (k *shared) do(ctx context.Context, l *eventstore.Ledger, c domain.Command) *domain.Verdict {
	v, err := l.Do(ctx, c)
	if err == nil && v.Status == domain.Invalid {
		err = fmt.Errorf("%s/%s: %s: %s", c.Source, c.ID, v.Reason, v.Detail)
	}
	v.Duplicate = false
	k.take(childLine{wordAcked, wire.AppendVerdict(nil, &v)}, err)
	return &v
}

func (k *shared) take(l childLine, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if err != nil {
		k.errs = append(k.errs, err)
		return
	}
	k.hear(l)
}
