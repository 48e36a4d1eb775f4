//go:build faults

package faults

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"authledger/cmd/internal/node"
	"authledger/eventstore"
	"authledger/eventstore/durable"
)

const (
	shutdownLimit    = 20 * time.Second // --shutdown-timeout of the nodes
	shutdownSlack    = 15 * time.Second // additional time on a loaded machine
	failureListen    = 3 * time.Second  // duration of the commands after the failure
	failureWithin    = 60 * time.Second // time limit for a node that ends by itself
	logBytesMax      = 64 << 10         // limit of the log output of a node
	shutdownCommands = 20               // before the failure
	shutdownDiskMiB  = 400
)

// TestFaultShutdownOnFullDisk fills the disk of a node: commands get 503, /healthz and /readyz
// report the disk, /readyz answers that the node is not ready, and the node
// continues once there is space or ends with exit code 1. A node that gets
// SIGTERM on the full disk ends in time.
func TestFaultShutdownOnFullDisk(t *testing.T) {
	wantRoot(t)
	disk := newTmpfs(t, shutdownDiskMiB)
	g := newGatewayNode(t, disk.data())
	g.sendMany(shutdownCommands)
	filler := filepath.Join(disk.dir, "filler")
	fillDisk(t, filler)
	g.sendFor(failureListen)
	if g.codes[http.StatusServiceUnavailable] == 0 {
		t.Errorf("statuses on a full disk: got %v, want at least one 503", g.codes)
	}
	for _, path := range []string{"/healthz", "/readyz"} {
		body, err := get(t.Context(), g.url+path)
		if g.child.exitCode() != -1 {
			break
		}
		isReady := path == "/readyz" && !bytes.Contains(body, []byte(`"ready":false`))
		if isReady || !bytes.Contains(body, []byte("disk")) {
			t.Errorf("%s on a full disk: got %s, %v, want a problem of the disk", path, body, err)
		}
	}
	must(t, os.Remove(filler))
	how := "continued"
	ctx, cancel := context.WithTimeout(t.Context(), failureWithin)
	defer cancel()
	poll(ctx, func() bool { return g.child.exitCode() != -1 || g.sendNext() == http.StatusOK })
	if g.child.exitCode() != -1 {
		how = "ended"
		g.wantEnd(exitFailed, failureWithin)
		g.start()
	}
	g.sendMany(shutdownCommands)
	fillDisk(t, filler)
	g.terminate()
	took := g.wantEnd(exitFailed, shutdownLimit+shutdownSlack)
	must(t, os.Remove(filler))
	g.wantAll()
	disk.unmount()
	announce("full disk: the node %s, then stopped in %v; %d of %d commands acknowledged, 0 lost", how,
		took.Round(time.Millisecond), len(g.acked), g.sent)
}

func fillDisk(t *testing.T, filler string) {
	t.Helper()
	f, err := os.Create(filler)
	must(t, err)
	free, err := durable.Free(filepath.Dir(filler))
	must(t, err)
	// all at once, because the node checks twice a second
	must(t, syscall.Fallocate(int(f.Fd()), 0, 0, int64(free)))
	must(t, fill(f))
	must(t, f.Close())
}

// TestFaultShutdownOnReadOnlyDisk makes the file system of a node read-only, as the kernel
// does after an error of the disk: the node ends by itself with exit code 1.
func TestFaultShutdownOnReadOnlyDisk(t *testing.T) {
	wantRoot(t)
	disk := newImage(t, shutdownDiskMiB<<20)
	g := newGatewayNode(t, disk.data())
	g.sendMany(shutdownCommands)
	must(t, command("mount", "-o", "remount,abort", disk.dir))
	g.sendFor(failureWithin)
	took := g.wantEnd(exitFailed, shutdownLimit+shutdownSlack)
	disk.unmount()
	disk = mountImage(t, disk.image)
	g.dir = disk.data()
	g.wantAll()
	disk.unmount()
	announce("read-only disk: the node ended %v after its last answer; %d of %d commands acknowledged, 0 lost",
		took.Round(time.Millisecond), len(g.acked), g.sent)
}

// TestFaultShutdownOfReplacedDirectory replaces the data directory by an empty directory. The
// node must end by itself with the exit code of a fault.
func TestFaultShutdownOfReplacedDirectory(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	g := newGatewayNode(t, dir)
	g.sendMany(shutdownCommands)
	must(t, os.Rename(dir, dir+".old"))
	must(t, os.Mkdir(dir, 0o700))
	before := len(g.acked)
	g.may = http.StatusUnauthorized // the empty directory has no tokens
	g.sendFor(failureWithin)
	took := g.wantEnd(exitFault, shutdownLimit+shutdownSlack)
	if n := len(g.acked) - before; n > 0 {
		t.Errorf("got %d acknowledged commands after the directory was replaced, want 0", n)
	}
	must(t, os.RemoveAll(dir))
	must(t, os.Rename(dir+".old", dir))
	g.wantAll()
	announce("replaced directory: the node ended %v after its last answer, exit code %d; 0 acknowledged "+
		"commands lost", took.Round(time.Millisecond), exitFault)
}

// TestFaultShutdownOfLogWithoutSpace fills the disk of a node that does not check the free
// space. The first failed write of the log must end the ledger with an error that states the
// next step and is not a fault.
func TestFaultShutdownOfLogWithoutSpace(t *testing.T) {
	wantRoot(t)
	disk := newTmpfs(t, fullMiB)
	o := faultNode(disk.data())
	o.Tune = func(o *eventstore.Options) { o.DiskFreeMin = 1 }
	n, err := node.Open(t.Context(), o)
	must(t, err)
	g := newGateway(faultChance(t).Uint64(), 0, killUsers)
	accepted := 0
	for range shutdownCommands {
		_, err := n.Ledger.Do(t.Context(), g.next(time.Now()))
		must(t, err)
		accepted++
	}
	filler := filepath.Join(disk.dir, "filler")
	begun := time.Now()
	ctx, cancel := context.WithTimeout(t.Context(), failureWithin)
	defer cancel()
	for n.Ledger.Err() == nil && ctx.Err() == nil {
		begun = time.Now()
		fillDisk(t, filler)
		accepted += acceptedUntil(ctx, n, g, eventstore.ErrDiskFull, eventstore.ErrStopped)
		must(t, os.Remove(filler)) // the ledger may have detected the full disk before a write failed
		if n.Ledger.Err() == nil {
			accepted += acceptedUntil(ctx, n, g, nil, eventstore.ErrStopped)
		}
	}
	took := time.Since(begun)
	fillDisk(t, filler)
	err = n.Close()
	if ctx.Err() != nil || exitCode(err) != exitFailed || !strings.Contains(fmt.Sprint(err), "free space") {
		t.Errorf("after %v: %v, exit code %d, want an error with exit code %d that says what to do", took, err,
			exitCode(err), exitFailed)
	}
	must(t, os.Remove(filler))
	v, err := verifyDir(disk.data())
	must(t, err)
	if v.Records < uint64(accepted) {
		t.Errorf("records: got %d, want at least the %d acknowledged commands", v.Records, accepted)
	}
	disk.unmount()
	announce("log without space: the ledger stopped in %v, %d acknowledged, 0 lost",
		took.Round(time.Millisecond), accepted)
}
