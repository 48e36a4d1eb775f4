//go:build faults

package faults

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"authledger/cmd/internal/node"
)

const (
	fewFilesMin   = 10 // minimum for the Go runtime of a test
	fewFilesMax   = 39
	fewFilesStep  = 3
	fewFilesServe = 3 * time.Second // for a node that opens
)

// TestFaultFewFiles runs commands in processes that may open few files, without the check
// that refuses such a limit with exit code 1 (see few_files.txtar). Each succeeds, fails with
// exit code 1, or ends by a panic of Pebble's, which does not check every error. Nothing is
// quarantined, the log keeps its bytes, and the ledger works afterwards.
func TestFaultFewFiles(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	must(t, withFaultNode(dir, func(ctx context.Context, n *node.Node) error {
		g := newGateway(faultChance(t).Uint64(), 0, killUsers)
		for range 50 {
			if _, err := n.Ledger.Do(ctx, g.next(time.Now())); err != nil {
				return err
			}
		}
		return nil
	}))
	before := logOf(t, dir)
	outcomes := map[int]int{}
	for limit := fewFilesMin; limit <= fewFilesMax; limit += fewFilesStep {
		for _, args := range [][]string{
			{"verify", "--data", dir}, {"replay", "--data", dir}, {"serve", "--data", dir, "--listen", "127.0.0.1:0"},
			{"do", "login.report", "user=alice", "outcome=failed", "reason=bad_credentials", "--data", dir},
		} {
			code, output := runFewFiles(t, limit, args)
			outcomes[code]++
			if code != exitDone && code != exitFailed && !isPebblePanic(output) {
				t.Errorf("%s with %d files: got exit code %d, want 0 or 1: %s", args[0], limit, code, output)
			}
			if aside, err := filepath.Glob(filepath.Join(dir, node.ProjectionsDir, "damaged-*")); err != nil ||
				len(aside) > 0 {
				t.Fatalf("%s with %d files: got quarantined %v, %v, want none: %s", args[0], limit, aside, err, output)
			}
			now := logOf(t, dir)
			if !bytes.HasPrefix(now, before) {
				t.Fatalf("%s with %d files: got a log of %d bytes without the former %d, want them kept: %s", args[0],
					limit, len(now), len(before), output)
			}
			before = now
		}
	}
	_, err := verifyDir(dir)
	must(t, err)
	if outcomes[exitDone] == 0 || outcomes[exitFailed] < 10 {
		t.Errorf("got exit codes %v, want successes and at least 10 failures", outcomes)
	}
	announce("few files: limits %d to %d, runs by exit code %v, 0 quarantined, 0 bytes lost", fewFilesMin,
		fewFilesMax, outcomes)
}

// isPebblePanic reports whether a goroutine of Pebble ended the process.
func isPebblePanic(output string) bool {
	_, trace, panicked := strings.Cut(output, "panic: ")
	return panicked && strings.Contains(trace, "created by github.com/cockroachdb/pebble/")
}

// runFewFiles runs the program in a process that may open limit files.
func runFewFiles(t *testing.T, limit int, args []string) (code int, output string) {
	t.Helper()
	c := exec.Command("sh",
		append([]string{"-c", fmt.Sprintf(`ulimit -n %d && exec "$0" "$@"`, limit), program(t)}, args...)...)
	c.Env = programEnv()
	var errs bytes.Buffer
	c.Stderr = &errs
	must(t, c.Start())
	stopped := time.AfterFunc(fewFilesServe, func() { c.Process.Signal(syscall.SIGTERM) })
	defer stopped.Stop()
	killed := time.AfterFunc(failureWithin, func() { c.Process.Kill() })
	defer killed.Stop()
	_ = c.Wait() // the result is in ProcessState
	return c.ProcessState.ExitCode(), errs.String()
}

// logOf returns the first block of the log.
func logOf(t *testing.T, dir string) []byte {
	t.Helper()
	blocks, err := filepath.Glob(filepath.Join(dir, node.LogDir, "jetstream", "*", "streams", "*",
		"msgs", "1.blk"))
	must(t, err)
	if len(blocks) != 1 {
		t.Fatalf("got blocks %s, want one", strings.Join(blocks, ", "))
	}
	data, err := os.ReadFile(blocks[0])
	must(t, err)
	return data
}
