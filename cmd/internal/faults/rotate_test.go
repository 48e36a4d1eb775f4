//go:build faults

package faults

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"authledger/cmd/internal/node"
	"authledger/cmd/internal/nodetest"
	"authledger/domain"
)

const (
	rotateCallsMax = 24 // calls of one kind at each of which the command is killed
	rotateKillsMin = 20
	rotateSlots    = 3 * 4096 // slots of the key ring, in chunks of 4,096

	pollEvery = 10 * time.Millisecond // interval of the checks whether a node serves its socket
)

// rotateFill records personal data of alice and of bob, erases that of alice, and makes chunks of keys.
func rotateFill(ctx context.Context, n *node.Node) error {
	if err := forgetFill(ctx, n); err != nil {
		return err
	}
	v, err := n.Ledger.Do(ctx, domain.Command{Source: "cli", ID: "forget", Stamped: true, Caller: "a",
		Data: &domain.PersonForget{User: "alice", Case: "C-1", By: "olga"}})
	if err == nil && v.Status != domain.Accepted {
		err = fmt.Errorf("erasure: got %s %s, want accepted", v.Status, v.Reason)
	}
	return errors.Join(err, n.Keys.Reserve(rotateSlots))
}

// runInjected runs the program, and kills it when one of its threads makes the n-th call of one kind. It
// reports whether it killed the program.
func runInjected(t *testing.T, calls string, n int, args ...string) (killed bool) {
	t.Helper()
	inject := fmt.Sprintf("inject=%s:signal=KILL:when=%d", calls, n)
	line := append([]string{"-D", "-f", "-qq", "-o", os.DevNull, "-e", "trace=" + calls, "-e", inject,
		program(t)}, args...)
	ctx, cancel := context.WithTimeout(t.Context(), injectWithin) // the program is built before
	defer cancel()
	c := exec.CommandContext(ctx, "strace", line...)
	c.Env = programEnv()
	out, err := c.CombinedOutput()
	must(t, ctx.Err())
	if err != nil && (c.ProcessState == nil || c.ProcessState.ExitCode() != -1) {
		t.Fatalf("%v: got %v, want success or a kill: %s", args, err, out)
	}
	return err != nil
}

// rotateCheck checks that only the data of bob is readable, before and after the end of a rotation.
func rotateCheck(ctx context.Context, n *node.Node) (err error) {
	for range 2 {
		for seq, want := range map[uint64]bool{1: false, 2: true} {
			r, readErr := n.Ledger.Record(ctx, seq)
			plain, _ := n.Ledger.Reveal(&r) // an unreadable key is a wrong result below
			if got := len(plain) > 0; readErr != nil || got != want {
				err = errors.Join(err, readErr, fmt.Errorf("record %d: got data readable %t, want %t", seq, got, want))
			}
		}
		err = errors.Join(err, n.Keys.AwaitRotation())
	}
	return err
}

// TestFaultKillRotate kills `keys rotate` at each of its writes. The next start opens the keys with the
// configured files, completes the rotation, and reads the data whose key is not destroyed.
func TestFaultKillRotate(t *testing.T) {
	wantStrace(t)
	dir := fastDir(t)
	base, copied := filepath.Join(dir, "base"), filepath.Join(dir, "copy")
	must(t, withFaultNode(base, rotateFill))
	old, err := os.ReadFile(filepath.Join(base, node.MasterKeyName))
	must(t, err)
	kills, rotated := 0, 0
	for _, calls := range []string{"linkat,link", "renameat,renameat2,rename", "fsync,fdatasync", "pwrite64",
		"unlinkat,unlink"} {
		for n := 1; n <= rotateCallsMax; n++ {
			must(t, nodetest.CopyDirectory(copied, base))
			killed := runInjected(t, calls, n, "keys", "rotate", "--data", copied)
			for range 2 {
				if err := withFaultNode(copied, rotateCheck); err != nil {
					t.Errorf("kill at call %d of %s: %v", n, calls, err)
				}
			}
			now, err := os.ReadFile(filepath.Join(copied, node.MasterKeyName))
			must(t, err)
			if string(now) != string(old) && killed {
				rotated++
			}
			_, err = verifyDir(copied)
			must(t, errors.Join(err, os.RemoveAll(copied)))
			if !killed {
				break
			}
			kills++
		}
	}
	announce("kill rotate: %d kills, %d after the keys were under the new master key", kills, rotated)
	if kills < rotateKillsMin || rotated == 0 || rotated == kills {
		t.Errorf("got %d kills, %d of them after the keys were under the new master key, want at least %d, "+
			"some before and some after", kills, rotated, rotateKillsMin)
	}
}

// TestFaultKillRotatingNode kills a node that serves its callers at the two links of a rotation: before
// and after the keys are under the next master key. The path selects the link, because strace counts the
// calls of each thread separately.
func TestFaultKillRotatingNode(t *testing.T) {
	wantStrace(t)
	for _, linked := range []string{".next", ".former"} {
		dir := filepath.Join(fastDir(t), "data")
		must(t, withFaultNode(dir, rotateFill))
		serve := exec.Command("strace", "-D", "-f", "-qq", "-o", os.DevNull, "-e", "trace=linkat,link",
			"-P", filepath.Join(dir, node.MasterKeyName+linked),
			"-e", "inject=linkat,link:signal=KILL:when=1", program(t), "serve",
			"--data", dir, "--listen", "127.0.0.1:0", "--nats-listen", "")
		serve.Env = programEnv()
		must(t, serve.Start())
		t.Cleanup(func() { serve.Process.Kill() }) // strace -D runs the node in this process
		for {
			if c, err := net.Dial("unix", node.SocketPath(dir)); err == nil {
				must(t, c.Close())
				break
			}
			must(t, t.Context().Err())
			time.Sleep(pollEvery)
		}
		out, err := exec.Command(program(t), "keys", "rotate", "--data", dir).CombinedOutput()
		if err == nil {
			t.Fatalf("kill at the link to %s: got %s, want a failed command", linked, out)
		}
		if err := serve.Wait(); err == nil || serve.ProcessState.ExitCode() != -1 {
			t.Errorf("kill at the link to %s: got %v of the node, want a kill", linked, serve.ProcessState)
		}
		for range 2 {
			must(t, withFaultNode(dir, rotateCheck))
		}
		_, err = os.Stat(filepath.Join(dir, node.MasterKeyName+".former"))
		if rotated := err == nil; rotated != (linked == ".former") {
			t.Errorf("kill at the link to %s: got the keys under the next master key %t, want %t", linked, rotated,
				!rotated)
		}
		_, err = verifyDir(dir)
		must(t, err)
	}
}
