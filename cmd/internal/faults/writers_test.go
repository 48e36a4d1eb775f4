//go:build faults

package faults

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"authledger/cmd/internal/node"
	"authledger/domain"
	"authledger/eventstore"
	"authledger/eventstore/jetstream"
	"authledger/eventstore/wire"
	"authledger/projections"
	"authledger/projections/queries"
)

const (
	writersEach     = 4 // publishers of each ledger
	writersCommands = 250
	writersShared   = 5 // one command in writersShared is sent to both ledgers
)

// TestFaultWriters has two sequencers write one log, each with its own rows. Only the
// fence separates them.
func TestFaultWriters(t *testing.T) {
	chance := faultChance(t)
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	dir, begun, k := t.TempDir(), time.Now(), &shared{history: newHistory()}
	first, err := node.Open(ctx, faultNode(filepath.Join(dir, "first")))
	must(t, err)
	second := openSecond(ctx, t, first, filepath.Join(dir, "second"))
	var all sync.WaitGroup
	for i := range writersEach {
		seed := chance.Uint64()
		all.Go(func() { k.write(ctx, newGateway(seed, i, killUsers), first.Ledger, second.Ledger) })
		all.Go(func() { k.write(ctx, newGateway(seed, writersEach+i, killUsers), second.Ledger, first.Ledger) })
	}
	all.Wait()
	must(t, ctx.Err())
	must(t, second.Ledger.Close(ctx))
	must(t, errors.Join(k.errs...))
	if len(k.unanswered()) > 0 || len(k.broken) > 0 {
		t.Fatalf("got %d commands without a verdict and violations %v, want none", len(k.unanswered()), k.broken)
	}
	must(t, second.Rows.Close())
	must(t, errors.Join(second.Store.Close(), first.Close()))
	must(t, withFaultNode(first.Options.Dir, func(ctx context.Context, n *node.Node) error {
		records := n.Rows.Position().Seq
		announce("writers: 2 sequencers, %d commands, %d records, %v", len(k.sent), records,
			time.Since(begun).Round(time.Second))
		return errors.Join(k.checkNode(ctx, n), checkRebuilt(ctx, n.Directory))
	}))
}

// openSecond opens a second ledger on the log and keys of the first.
func openSecond(ctx context.Context, t *testing.T, first *node.Node, dir string) *node.Node {
	t.Helper()
	store, err := jetstream.Open(ctx,
		jetstream.Options{Conns: first.LogServer, Realm: realmDefault, SyncAlways: first.LogServer.SyncAlways})
	must(t, err)
	rows, err := projections.Open(dir, projections.Options{})
	must(t, err)
	must(t, eventstore.CreateHead(dir, domain.Position{}))
	options := first.LedgerOptions(rows)
	options.Dir, options.Store, options.Node = dir, store, "second"
	ledger, err := eventstore.Open(ctx, options)
	must(t, err)
	return &node.Node{Directory: &node.Directory{Store: store, Rows: rows}, Ledger: ledger,
		Queries: queries.New(rows, ledger)}
}

// shared collects the lines of many goroutines.
type shared struct {
	mu sync.Mutex
	*history
	errs []error
}

// write sends commands to one ledger, and some of them to the other at the same time.
func (k *shared) write(ctx context.Context, g *gateway, mine, other *eventstore.Ledger) {
	for n := range writersCommands {
		c := g.next(time.Now())
		k.take(childLine{wordSent, wire.AppendCommand(nil, &c)}, nil)
		var twice sync.WaitGroup
		if n%writersShared == 0 {
			twice.Go(func() { k.do(ctx, other, c) })
		}
		if v := k.do(ctx, mine, c); v != nil {
			g.storeAttempt(&c, v)
		}
		twice.Wait()
	}
}

func (k *shared) do(ctx context.Context, l *eventstore.Ledger, c domain.Command) *domain.Verdict {
	v, err := l.Do(ctx, c)
	if err == nil && v.Status == domain.Invalid {
		err = fmt.Errorf("%s/%s: got invalid %s: %s, want a recorded verdict", c.Source, c.ID, v.Reason, v.Detail)
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
	k.record(l)
}
