//go:build faults

package faults

import (
	"context"
	"errors"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"authledger/cmd/internal/node"
)

const (
	killPublishers = 8
	killUsers      = 300
	killPauseMax   = 4 * time.Millisecond
	killReady      = 60 * time.Second
	killAfterMin   = 50 * time.Millisecond
	killAfterMax   = 800 * time.Millisecond
	killCheckEvery = 10 // kills after which the parent checks the directory itself
)

// TestFaultKill kills a node under load repeatedly on one directory. A quarter of the
// kills comes during the recovery from the kill before.
func TestFaultKill(t *testing.T) {
	t.Parallel() // runs with the other long tests
	chance := faultChance(t)
	dir := filepath.Join(t.TempDir(), "data")
	k, begun := newHistory(), time.Now()
	early := 0
	for kill := range *faultKills {
		early += killOnce(t, chance, k, loadChild{
			Dir: dir, Seed: chance.Uint64(), Publishers: killPublishers, Users: killUsers, PauseMax: killPauseMax,
			Check: kill%killCheckEvery != 0,
		})
		if kill%killCheckEvery == killCheckEvery-1 {
			must(t, withFaultNode(dir, k.checkNode))
		}
	}
	unanswered := len(k.unanswered())
	records := checkKilled(t, dir, k)
	announce("kill: %d kills (%d while recovering), %d acknowledged, %d records, %d sent again at the "+
		"end, 0 lost, %v",
		*faultKills, early, len(k.acked), records, unanswered, time.Since(begun).Round(time.Second))
}

// killOnce starts a child and kills it. It returns 1 if the child was still
// recovering.
func killOnce(t *testing.T, chance *rand.Rand, k *history, config loadChild) int {
	t.Helper()
	c := startChild(t, "load", config)
	must(t, c.resend(k.unanswered()))
	ready := chance.IntN(4) > 0
	if ready {
		if _, err := c.await(wordReady, killReady, k.record); err != nil {
			t.Fatal(err)
		}
	}
	timer := time.AfterFunc(killAfterMin+time.Duration(chance.Int64N(int64(killAfterMax-killAfterMin))), c.kill)
	defer timer.Stop()
	for l := range c.lines {
		ready = ready || l.word == wordReady
		k.record(l)
	}
	if code := c.exitCode(); code != -1 {
		t.Fatalf("end of the child: got exit code %d, want a kill: %s", code, c.errors())
	}
	if len(k.broken) > 0 {
		t.Fatalf("violations: got %q, want none", k.broken[0])
	}
	if ready {
		return 0
	}
	return 1
}

// checkKilled sends the remaining commands again, and checks the whole ledger.
func checkKilled(t *testing.T, dir string, k *history) uint64 {
	t.Helper()
	c := startChild(t, "load", loadChild{Dir: dir, Check: true})
	must(t, c.resend(k.unanswered()))
	if _, err := c.await(wordReady, killReady, k.record); err != nil {
		t.Fatal(err)
	}
	c.kill()
	k.drain(c)
	if left := k.unanswered(); len(left) > 0 || len(k.broken) > 0 {
		t.Fatalf("got %d commands without a verdict and violations %v, want none", len(left), k.broken)
	}
	records := uint64(0)
	must(t, withFaultNode(dir, func(ctx context.Context, n *node.Node) error {
		records = n.Rows.Position().Seq
		return errors.Join(k.checkNode(ctx, n), checkRebuilt(ctx, n.Directory))
	}))
	v, err := verifyDir(dir)
	must(t, err)
	if v.Records != records {
		t.Fatalf("verified records: got %d, want %d", v.Records, records)
	}
	return records
}

// TestFaultKillNotices shows that TestFaultKill can fail: a node that acknowledges
// too early loses a command.
func TestFaultKillNotices(t *testing.T) {
	chance := faultChance(t)
	const tries = 10
	for range tries {
		dir := filepath.Join(t.TempDir(), "data")
		k := newHistory()
		k.acceptsAnyVerdict = true
		killOnce(t, chance,
			k, loadChild{Dir: dir, Seed: chance.Uint64(), Publishers: killPublishers, Users: killUsers, Early: true})
		err := withFaultNode(dir, func(ctx context.Context, n *node.Node) error {
			return k.checkLog(n.Ledger.Records(ctx, 1, 0, false))
		})
		if errors.Is(err, errLost) {
			return
		}
		must(t, err)
	}
	t.Fatalf("%d nodes that acknowledge too early: got no loss from checkLog, want one", tries)
}
