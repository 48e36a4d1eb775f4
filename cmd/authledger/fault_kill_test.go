//go:build faults

package main

import (
	"context"
	"errors"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"
)

const (
	killPublishers = 8
	killUsers      = 300
	killPauseMax   = 4 * time.Millisecond
	killReady      = 60 * time.Second
	killAfterMin   = 50 * time.Millisecond
	killAfterMax   = 800 * time.Millisecond
	killLookEvery  = 10 // kills, after which the parent looks for itself
)

// TestFaultKill kills a node under load, again and again on one directory. A
// quarter of the kills comes while it still recovers from the one before.
func TestFaultKill(t *testing.T) {
	t.Parallel() // with the other long ones, once the rest is through
	chance := faultChance(t)
	dir := filepath.Join(t.TempDir(), "data")
	k, begun := newTold(), time.Now()
	early := 0
	for kill := range *faultKills {
		early += killOnce(t, chance, k, loadChild{
			Dir: dir, Seed: chance.Uint64(), Publishers: killPublishers, Users: killUsers, PauseMax: killPauseMax, Check: kill%killLookEvery != 0,
		})
		if kill%killLookEvery == killLookEvery-1 {
			must(t, withFaultNode(dir, k.holdNode))
		}
	}
	unanswered := len(k.unanswered())
	records := killedEnd(t, dir, k)
	announce("kill: %d kills (%d while recovering), %d acknowledged, %d records, %d sent again at the end, 0 lost, %v",
		*faultKills, early, len(k.acked), records, unanswered, time.Since(begun).Round(time.Second))
}

// killOnce starts a child and kills it. It reports 1 if it was still recovering.
func killOnce(t *testing.T, chance *rand.Rand, k *told, config loadChild) int {
	t.Helper()
	c := startChild(t, "load", config)
	must(t, c.sendAgain(k.unanswered()))
	ready := chance.IntN(4) > 0
	if ready {
		if _, err := c.await(wordReady, killReady, k.hear); err != nil {
			t.Fatal(err)
		}
	}
	timer := time.AfterFunc(killAfterMin+time.Duration(chance.Int64N(int64(killAfterMax-killAfterMin))), c.kill)
	defer timer.Stop()
	for l := range c.lines {
		ready = ready || l.word == wordReady
		k.hear(l)
	}
	if code := c.exitCode(); code != -1 {
		t.Fatalf("the child ended by itself, exit code %d: %s", code, c.errors())
	}
	if len(k.broken) > 0 {
		t.Fatal(k.broken[0])
	}
	if ready {
		return 0
	}
	return 1
}

// killedEnd answers what is left, and proves everything there is to prove.
func killedEnd(t *testing.T, dir string, k *told) uint64 {
	t.Helper()
	c := startChild(t, "load", loadChild{Dir: dir, Check: true})
	must(t, c.sendAgain(k.unanswered()))
	if _, err := c.await(wordReady, killReady, k.hear); err != nil {
		t.Fatal(err)
	}
	c.kill()
	k.drain(c)
	if left := k.unanswered(); len(left) > 0 || len(k.broken) > 0 {
		t.Fatalf("%d commands never got a verdict, %v", len(left), k.broken)
	}
	records := uint64(0)
	must(t, withFaultNode(dir, func(ctx context.Context, n *node) error {
		records = n.rows.Position().Seq
		return errors.Join(k.holdNode(ctx, n), checkRebuilt(ctx, n.disk))
	}))
	v, err := verifyDir(dir)
	must(t, err)
	if v.Records != records {
		t.Fatalf("%d records are there, %d are verified", records, v.Records)
	}
	return records
}

// TestFaultKillNotices proves that the test above can fail: a node that
// acknowledges before it knows loses something.
func TestFaultKillNotices(t *testing.T) {
	chance := faultChance(t)
	const tries = 10
	for range tries {
		dir := filepath.Join(t.TempDir(), "data")
		k := newTold()
		k.loose = true
		killOnce(t, chance, k, loadChild{Dir: dir, Seed: chance.Uint64(), Publishers: killPublishers, Users: killUsers, Early: true})
		err := withFaultNode(dir, func(ctx context.Context, n *node) error {
			return k.hold(n.ledger.Records(ctx, 1, 0, false))
		})
		if errors.Is(err, errLost) {
			return
		}
		must(t, err)
	}
	t.Fatalf("%d nodes that acknowledge too early went unnoticed", tries)
}
