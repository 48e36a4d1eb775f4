//go:build faults

package main

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"authledger/eventstore"
)

const (
	powerDiskBytes  = 192 << 20
	powerCutsOfDisk = 5 // then a new disk: a young ledger has most to lose
	powerAfterMax   = 1200 * time.Millisecond
	powerTries      = 5 // of losing something without sync
)

// TestFaultPower cuts the power under load: what the file system of a loop
// device has not handed down is gone. Nothing acknowledged may be.
func TestFaultPower(t *testing.T) {
	t.Parallel() // with the other long ones, once the rest is through
	wantRoot(t)
	chance := faultChance(t)
	begun, acked := time.Now(), 0
	for left := *faultPowerCuts; left > 0; left -= powerCutsOfDisk {
		k, disk := newTold(), newImage(t, powerDiskBytes)
		cuts := min(left, powerCutsOfDisk)
		for i := range cuts {
			disk = cutPower(t, chance, k, disk, false)
			// Now and then the next start is that of the load itself, and the
			// power goes again.
			if i == cuts-1 || chance.IntN(2) == 0 {
				must(t, holdAfterCut(disk, k))
			}
		}
		disk.unmount()
		acked += len(k.acked)
	}
	announce("power: %d cuts, %d acknowledged, 0 lost, %v", *faultPowerCuts, acked, time.Since(begun).Round(time.Second))
}

// TestFaultPowerNotices proves that the test above can fail: a server that
// doesn't sync loses something.
func TestFaultPowerNotices(t *testing.T) {
	wantRoot(t)
	chance := faultChance(t)
	for range powerTries {
		k := newTold()
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
	t.Fatalf("%d power cuts without sync lost nothing: the test is broken", powerTries)
}

// cutPower runs a load on the disk, and returns what is left of the disk.
func cutPower(t *testing.T, chance *rand.Rand, k *told, disk *mounted, unsynced bool) *mounted {
	t.Helper()
	c := startChild(t, "load", loadChild{
		Dir: disk.data(), Seed: chance.Uint64(), Publishers: killPublishers, Users: killUsers, DiskFreeMin: 1, Unsynced: unsynced, Check: true,
	})
	must(t, c.sendAgain(k.unanswered()))
	if unsynced || chance.IntN(4) > 0 { // else it may still be recovering, or being made
		if _, err := c.await(wordReady, killReady, k.hear); err != nil {
			t.Fatal(err)
		}
	}
	hearFor(c, k, time.Duration(chance.Int64N(int64(powerAfterMax))))
	c.stop(t)
	image := disk.imageNow()
	c.kill()
	k.drain(c)
	if len(k.broken) > 0 {
		t.Fatal(k.broken[0])
	}
	disk.unmount()
	must(t, os.Remove(disk.image))
	return mountImage(t, image)
}

// hearFor listens for a while.
func hearFor(c *child, k *told, d time.Duration) {
	deadline := time.After(d)
	for {
		l, ok := c.next(deadline)
		if !ok {
			return
		}
		k.hear(l)
	}
}

func holdAfterCut(disk *mounted, k *told) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	n, err := openFault(ctx, faultNode(disk.data()), func(o *eventstore.Options) { o.DiskFreeMin = 1 })
	if err != nil {
		return err
	}
	return errors.Join(k.holdNode(ctx, n), checkRebuilt(ctx, n.disk), n.close())
}
