//go:build faults

package faults

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"authledger/cmd/internal/node"
	"authledger/eventstore"
)

const (
	powerDiskBytes  = 192 << 20
	powerCutsOfDisk = 5 // then a new disk, because a power cut loses most in a new ledger
	powerAfterMax   = 1200 * time.Millisecond
	powerTries      = 5 // attempts to lose a command without sync
)

// TestFaultPower cuts the power under load: the data that the file system has not
// written to the disk are lost. No acknowledged command may be lost.
func TestFaultPower(t *testing.T) {
	t.Parallel() // runs with the other long tests
	wantRoot(t)
	chance := faultChance(t)
	begun, acked := time.Now(), 0
	for left := *faultPowerCuts; left > 0; left -= powerCutsOfDisk {
		k, disk := newHistory(), newImage(t, powerDiskBytes)
		cuts := min(left, powerCutsOfDisk)
		for i := range cuts {
			disk = cutPower(t, chance, k, disk, false)
			// Sometimes the next start is another load, and the power is cut again.
			if i == cuts-1 || chance.IntN(2) == 0 {
				must(t, holdAfterCut(disk, k))
			}
		}
		disk.unmount()
		acked += len(k.acked)
	}
	announce("power: %d cuts, %d acknowledged, 0 lost, %v", *faultPowerCuts, acked,
		time.Since(begun).Round(time.Second))
}

// TestFaultPowerNotices shows that TestFaultPower can fail: a server that does not
// sync loses a command.
func TestFaultPowerNotices(t *testing.T) {
	wantRoot(t)
	chance := faultChance(t)
	for range powerTries {
		k := newHistory()
		disk := cutPower(t, chance, k, newImage(t, powerDiskBytes), true)
		err := holdAfterCut(disk, k)
		disk.unmount()
		var fault *eventstore.Fault
		if errors.Is(err, errLost) || errors.As(err, &fault) {
			announce("power, with sync off: loss was noticed: %.120v", err)
			return
		}
		must(t, err)
	}
	t.Fatalf("%d power cuts without sync: got no loss from checkLog, want one", powerTries)
}

// cutPower runs a load on the disk, and returns the disk after the power cut.
func cutPower(t *testing.T, chance *rand.Rand, k *history, disk *mounted, unsynced bool) *mounted {
	t.Helper()
	c := startChild(t, "load", loadChild{
		Dir: disk.data(), Seed: chance.Uint64(), Publishers: killPublishers, Users: killUsers, DiskFreeMin: 1,
		Unsynced: unsynced, Check: true,
	})
	must(t, c.resend(k.unanswered()))
	if unsynced || chance.IntN(4) > 0 { // otherwise the node may still be recovering
		if _, err := c.await(wordReady, killReady, k.record); err != nil {
			t.Fatal(err)
		}
	}
	recordFor(c, k, time.Duration(chance.Int64N(int64(powerAfterMax))))
	c.stop(t)
	image := disk.imageNow()
	c.kill()
	k.drain(c)
	if len(k.broken) > 0 {
		t.Fatalf("violations: got %q, want none", k.broken[0])
	}
	disk.unmount()
	must(t, os.Remove(disk.image))
	return mountImage(t, image)
}

// recordFor records the lines of a child for a duration.
func recordFor(c *child, k *history, d time.Duration) {
	deadline := time.After(d)
	for {
		l, ok := c.next(deadline)
		if !ok {
			return
		}
		k.record(l)
	}
}

func holdAfterCut(disk *mounted, k *history) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	o := faultNode(disk.data())
	o.Tune = func(o *eventstore.Options) { o.DiskFreeMin = 1 }
	n, err := node.Open(ctx, o)
	if err != nil {
		return err
	}
	return errors.Join(k.checkNode(ctx, n), checkRebuilt(ctx, n.Directory), n.Close())
}
