//go:build faults

package faults

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"authledger/cmd/internal/node"
	"authledger/domain"
	"authledger/eventstore"
)

const (
	nearlyFullMiB = 340 // slightly more than the free space that a ledger requires
	fillerMiB     = 120
	fullMiB       = 192 // more than the commands of all rounds need on a fast machine
	fullRounds    = 3
	fullWithin    = 2 * time.Minute // time limit for the detection of a full disk
	refusesFor    = 5 * time.Second // duration of refusals after which the node counts as refusing
	fullListen    = 2 * time.Second // duration in which no acknowledgement may arrive
)

// TestFaultDiskNearlyFull checks that a ledger stops accepting commands while it still has
// space for its own writes, and accepts commands again when the disk has more space.
func TestFaultDiskNearlyFull(t *testing.T) {
	wantRoot(t)
	disk := newTmpfs(t, nearlyFullMiB)
	g := newGateway(faultChance(t).Uint64(), 0, killUsers)
	filler := filepath.Join(disk.dir, "filler")
	accepted := 0
	must(t, withFaultNode(disk.data(), func(ctx context.Context, n *node.Node) error {
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
		t.Errorf("records of the log: got %d, want the %d acknowledged commands", v.Records, accepted)
	}
	disk.unmount()
	announce("nearly full disk: refused with %d MiB free, all %d acknowledged are there",
		nearlyFullMiB-fillerMiB, accepted)
}

// acceptedUntil sends commands until one of the wanted errors, and returns the number
// of acknowledged commands.
func acceptedUntil(ctx context.Context, n *node.Node, g *gateway, want ...error) (accepted int) {
	poll(ctx, func() bool {
		v, err := n.Ledger.Do(ctx, g.next(time.Now()))
		if err == nil && v.Status != domain.Invalid {
			accepted++
		}
		return slices.ContainsFunc(want, func(w error) bool { return errors.Is(err, w) })
	})
	return accepted
}

func wantNearlyFull(n *node.Node) error {
	problems := strings.Join(n.Ledger.Health().Problems, "; ")
	if !strings.Contains(problems, "nearly full") {
		return fmt.Errorf("health of a nearly full disk: got problems %q, want \"nearly full\"", problems)
	}
	return nil
}

// TestFaultDiskFull fills the disk under load, without the check of free space. The node
// must acknowledge no command that is not on disk.
func TestFaultDiskFull(t *testing.T) {
	wantRoot(t)
	chance := faultChance(t)
	disk, k := newTmpfs(t, fullMiB), newHistory()
	var how []string
	for range fullRounds {
		how = append(how, fillUp(t, disk, k, chance.Uint64()))
		must(t, holdAfterCut(disk, k))
	}
	c := startChild(t, "load", loadChild{Dir: disk.data(), DiskFreeMin: 1, Check: true})
	must(t, c.resend(k.unanswered()))
	if _, err := c.await(wordReady, killReady, k.record); err != nil {
		t.Fatal(err)
	}
	c.end()
	if left := len(k.unanswered()); left > 0 || len(k.broken) > 0 {
		t.Fatalf("after the test freed space: got %d commands without a verdict and violations %v, want none", left,
			k.broken)
	}
	must(t, holdAfterCut(disk, k))
	_, err := verifyDir(disk.data())
	must(t, err)
	disk.unmount()
	announce("full disk: %d times, %d acknowledged, 0 lost, each command once; noticed by %v", fullRounds,
		len(k.acked), how)
}

// fillUp runs a node under load, fills the disk, and frees the space after the node
// was killed. It returns how the node detected the full disk.
func fillUp(t *testing.T, disk *mounted, k *history, seed uint64) string {
	t.Helper()
	c := startChild(t, "load", loadChild{
		Dir: disk.data(), Seed: seed, Publishers: killPublishers, Users: killUsers, DiskFreeMin: 1, Check: true,
	})
	must(t, c.resend(k.unanswered()))
	if _, err := c.await(wordReady, killReady, k.record); err != nil {
		t.Fatal(err)
	}
	recordFor(c, k, 300*time.Millisecond)
	filler := filepath.Join(disk.dir, "filler")
	f, err := os.Create(filler)
	must(t, err)
	how := noticed(t, c, k, f)
	acked := len(k.acked)
	recordFor(c, k, fullListen)
	if len(k.acked) > acked {
		t.Errorf("after the node detected the full disk (%s): got %d verdicts, want 0", how, len(k.acked)-acked)
	}
	c.kill()
	k.drain(c)
	must(t, f.Close())
	must(t, os.Remove(filler))
	return how
}

// noticed fills the disk, also the space that the node frees, until the node reports
// the full disk or ends.
func noticed(t *testing.T, c *child, k *history, f *os.File) string {
	t.Helper()
	deadline := time.After(fullWithin)
	var refusing <-chan time.Time
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		must(t, fill(f))
		select {
		case l, ok := <-c.lines:
			if !ok {
				return diedFull(t, c)
			}
			k.record(l)
			switch text := string(l.rest); {
			case l.word != wordHealth:
			case strings.Contains(text, "has not confirmed"), strings.Contains(text, "stores no more messages"):
				return "health"
			case strings.Contains(text, "nearly full") && refusing == nil:
				refusing = time.After(refusesFor) // no write has failed yet
			}
		case <-tick.C:
		case <-refusing:
			return "refusing commands"
		case <-deadline:
			_ = c.cmd.Process.Signal(syscall.SIGQUIT) // prints the goroutines
			<-c.ended
			t.Logf("the child's log: %s", c.errors())
			t.Fatalf("timed out after %v: got problems %v, want a full disk", fullWithin, k.alarms)
		}
	}
}

// diedFull checks how a node ended on a full disk. The rows or the log may have
// failed first.
func diedFull(t *testing.T, c *child) string {
	t.Helper()
	code := c.exitCode()
	output := c.errors()
	if code == exitDone || code == exitFault || code == -1 ||
		!strings.Contains(output, "no space left") && code != exitStorage {
		t.Errorf("end of the node on a full disk: got exit code %d, want %d or a message about the disk: %s", code,
			exitStorage, output)
	}
	return fmt.Sprintf("exit code %d", code)
}

// fill writes until no space is left.
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
