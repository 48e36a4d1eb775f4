//go:build faults

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"authledger/domain"
	"authledger/eventstore"
)

const (
	nearlyFullMiB = 340 // little more than what a ledger wants free
	fillerMiB     = 120
	fullMiB       = 96
	fullRounds    = 3
	fullWithin    = 30 * time.Second // until a full disk is noticed
	fullListen    = 2 * time.Second  // for acknowledgements that must not come
)

// TestFaultDiskNearlyFull: a ledger stops accepting while there is still space
// for what it must write, and goes on when there is more.
func TestFaultDiskNearlyFull(t *testing.T) {
	wantRoot(t)
	disk := newTmpfs(t, nearlyFullMiB)
	g := newGateway(faultChance(t).Uint64(), 0, killUsers)
	filler := filepath.Join(disk.dir, "filler")
	accepted := 0
	must(t, withFaultNode(disk.data(), func(ctx context.Context, n *node) error {
		accepted += acceptedUntil(ctx, n, g, nil)
		if err := os.WriteFile(filler, make([]byte, fillerMiB<<20), 0o600); err != nil {
			return err
		}
		accepted += acceptedUntil(ctx, n, g, eventstore.ErrDiskFull)
		if err := wantNearlyFull(n); err != nil {
			return err
		}
		if err := os.Remove(filler); err != nil {
			return err
		}
		accepted += acceptedUntil(ctx, n, g, nil)
		return ctx.Err()
	}))
	v, err := verifyDir(disk.data())
	must(t, err)
	if v.Records != uint64(accepted) {
		t.Errorf("%d were acknowledged, %d are there", accepted, v.Records)
	}
	disk.unmount()
	announce("nearly full disk: refused with %d MiB free, all %d acknowledged are there", nearlyFullMiB-fillerMiB, accepted)
}

// acceptedUntil gives commands until the error is the one that is wanted, and
// counts those that were acknowledged.
func acceptedUntil(ctx context.Context, n *node, g *gateway, want error) (accepted int) {
	poll(ctx, func() bool {
		v, err := n.ledger.Do(ctx, g.next(time.Now()))
		if err == nil && v.Status != domain.Invalid {
			accepted++
		}
		return errors.Is(err, want)
	})
	return accepted
}

func wantNearlyFull(n *node) error {
	problems := strings.Join(n.ledger.Health().Problems, "; ")
	if !strings.Contains(problems, "nearly full") {
		return fmt.Errorf("health says %q of a disk that is nearly full", problems)
	}
	if next := nextStep(eventstore.ErrDiskFull); next == "" {
		return errors.New("nothing is said of what to do")
	}
	return nil
}

// TestFaultDiskFull fills the disk under load, behind the back of the check for
// space. Nothing is acknowledged that is not on it.
func TestFaultDiskFull(t *testing.T) {
	wantRoot(t)
	chance := faultChance(t)
	disk, k := newTmpfs(t, fullMiB), newTold()
	var how []string
	for range fullRounds {
		how = append(how, fillUp(t, disk, k, chance.Uint64()))
		must(t, holdAfterCut(disk, k))
	}
	c := startChild(t, "load", loadChild{Dir: disk.data(), DiskFreeMin: 1, Check: true})
	must(t, c.sendAgain(k.unanswered()))
	if _, err := c.await(wordReady, killReady, k.hear); err != nil {
		t.Fatal(err)
	}
	c.end()
	if left := len(k.unanswered()); left > 0 || len(k.broken) > 0 {
		t.Fatalf("%d commands have no verdict after space has returned, %v", left, k.broken)
	}
	must(t, holdAfterCut(disk, k))
	_, err := verifyDir(disk.data())
	must(t, err)
	disk.unmount()
	announce("full disk: %d times, %d acknowledged, 0 lost, each command once; noticed by %v", fullRounds, len(k.acked), how)
}

// fillUp loads a node, takes all space away, and gives it back when the node is
// dead. It returns how the node noticed.
func fillUp(t *testing.T, disk *mounted, k *told, seed uint64) string {
	t.Helper()
	c := startChild(t, "load", loadChild{
		Dir: disk.data(), Seed: seed, Publishers: killPublishers, Users: killUsers, DiskFreeMin: 1, Check: true,
	})
	must(t, c.sendAgain(k.unanswered()))
	if _, err := c.await(wordReady, killReady, k.hear); err != nil {
		t.Fatal(err)
	}
	hearFor(c, k, 300*time.Millisecond)
	filler := filepath.Join(disk.dir, "filler")
	f, err := os.Create(filler)
	must(t, err)
	how := noticed(t, c, k, f)
	acked := len(k.acked)
	hearFor(c, k, fullListen)
	if len(k.acked) > acked {
		t.Errorf("%d verdicts came after the node had noticed (%s)", len(k.acked)-acked, how)
	}
	c.kill()
	k.drain(c)
	must(t, f.Close())
	must(t, os.Remove(filler))
	return how
}

// noticed fills the disk, and again what the node frees, until the node says so
// or ends.
func noticed(t *testing.T, c *child, k *told, f *os.File) string {
	t.Helper()
	deadline := time.After(fullWithin)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		must(t, fill(f))
		select {
		case l, ok := <-c.lines:
			if !ok {
				return diedFull(t, c)
			}
			k.hear(l)
			if l.word == wordHealth && strings.Contains(string(l.rest), "has not confirmed") {
				return "health"
			}
		case <-tick.C:
		case <-deadline:
			t.Fatalf("the disk is full, and the node has not noticed in %v: %v", fullWithin, k.alarms)
		}
	}
}

// diedFull judges how a node ended on a full disk: its rows may have been what
// could not go on.
func diedFull(t *testing.T, c *child) string {
	t.Helper()
	code := c.exitCode()
	if said := c.errors(); code == exitDone || code == -1 || !strings.Contains(said, "no space left") && code != exitStorage {
		t.Errorf("on a full disk the node ended with exit code %d: %s", code, said)
	}
	return fmt.Sprintf("exit code %d", code)
}

// fill writes until there is no space left.
func fill(f *os.File) error {
	for size := 1 << 20; size > 0; {
		n, err := f.Write(make([]byte, size))
		switch {
		case errors.Is(err, syscall.ENOSPC):
			size = min(size/2, max(n, size/2))
		case err != nil:
			return err
		}
	}
	return nil
}
