//go:build faults

package faults

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"authledger/cmd/internal/node"
	"authledger/cmd/internal/nodetest"
	"authledger/domain"
	"authledger/eventstore"
)

const (
	forgetWithin    = injectWithin
	forgetCallsMax  = 24 // calls of one kind at each of which the command is killed
	forgetKillsMin  = 12
	forgetSlotBytes = 128 // length of a slot of the key ring
)

// forgetKill is a run of a command that destroys a key. A SIGKILL ends it at the n-th call of one kind.
type forgetKill struct {
	command []string // arguments of `authledger do`
	calls   string   // a kind of system calls
	path    string   // the calls that concern this file of the directory; "" for all calls
	n       int
}

// forgetFill records personal data of alice and of bob.
func forgetFill(ctx context.Context, n *node.Node) error {
	for i, user := range []string{"alice", "bob"} {
		_, err := n.Ledger.Do(ctx, domain.Command{
			Source: "gateway/a", ID: fmt.Sprint("e-", i), Stamped: true, Caller: "a",
			Data: &domain.LoginReport{User: user, Outcome: domain.Succeeded, IP: "203.0.113.77"},
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func forgetRing(dir string) string { return filepath.Join(dir, node.KeysDir, "ring", "0000000") }

// forgetSlot returns the first slot, which the command destroys.
func forgetSlot(t *testing.T, dir string) []byte {
	t.Helper()
	chunk, err := os.ReadFile(forgetRing(dir))
	must(t, err)
	return chunk[:forgetSlotBytes]
}

// run runs the command, and reports whether it was killed and whether it answered.
func (k *forgetKill) run(t *testing.T, dir string) (killed, answered bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), forgetWithin)
	defer cancel()
	line := []string{"strace", "-D", "-f", "-qq", "-o", os.DevNull, "-e", "trace=" + k.calls,
		"-e", fmt.Sprintf("inject=%s:signal=KILL:when=%d", k.calls, k.n)}
	if k.path != "" {
		line = append(line, "-P", filepath.Join(dir, k.path))
	}
	line = append(append(line, program(t), "do"), k.command...)
	line = append(line, "--id", "forget", "--data", dir)
	c := exec.CommandContext(ctx, line[0], line[1:]...)
	c.Env = programEnv()
	out, err := c.Output()
	must(t, ctx.Err())
	if err != nil && c.ProcessState == nil {
		t.Fatal(err)
	}
	return err != nil, bytes.Contains(out, []byte("accepted"))
}

// check opens the directory after a kill. It reports whether the log has the erasure.
func (k *forgetKill) check(ctx context.Context, n *node.Node) (isRecorded bool, err error) {
	isRecorded = n.Rows.Position().Seq > 2
	readable := func(seq uint64) bool {
		r, readErr := n.Ledger.Record(ctx, seq)
		plain, openErr := n.Ledger.Reveal(&r)
		if openErr != nil && !errors.Is(openErr, eventstore.ErrErased) {
			readErr = errors.Join(readErr, openErr)
		}
		err = errors.Join(err, readErr)
		return len(plain) > 0
	}
	if got := readable(1); got == isRecorded {
		return isRecorded, fmt.Errorf("erasure recorded %t: got data of alice readable %t", isRecorded, got)
	}
	v, doErr := n.Ledger.Do(ctx, domain.Command{Source: "cli", ID: "later", Stamped: true, Caller: "a",
		Data: &domain.PersonForget{User: "alice", Case: "C-2", By: "olga"}})
	want := domain.Accepted
	if isRecorded {
		want = domain.Refused
	}
	if v.Status != want || readable(1) || !readable(2) {
		err = errors.Join(err, fmt.Errorf("erasure afterwards: got %s, want %s, and only bob readable", v.Status,
			want))
	}
	return isRecorded, errors.Join(err, doErr)
}

// TestFaultKillForget kills person.forget at each of its writes. Afterwards the personal data is
// unreadable if the log has the erasure, and readable otherwise. An answer is sent only after the key
// is overwritten (PERSON-1).
func TestFaultKillForget(t *testing.T) {
	forgetKills(t, []string{"person.forget", "user=alice", "case=C-1", "by=olga"},
		func(dir string) error { return withFaultNode(dir, forgetFill) },
		func(k *forgetKill, dir string) (isRecorded bool, err error) {
			err = withFaultNode(dir, func(ctx context.Context, n *node.Node) (err error) {
				isRecorded, err = k.check(ctx, n)
				return err
			})
			return isRecorded, err
		})
}

// forgetKills kills a command at each of its writes, in copies of a filled directory. The command destroys
// the key in the first slot. The function check opens the directory after a kill, and reports whether the
// log has the record that destroys the key.
func forgetKills(t *testing.T, command []string, fill func(dir string) error,
	check func(k *forgetKill, dir string) (isRecorded bool, err error),
) {
	t.Helper()
	wantStrace(t)
	dir := fastDir(t)
	base, copied := filepath.Join(dir, "base"), filepath.Join(dir, "copy")
	must(t, fill(base))
	key := forgetSlot(t, base)
	ring, err := filepath.Rel(base, forgetRing(base))
	must(t, err)
	block, err := filepath.Rel(base, injectBlock(base, 1))
	must(t, err)
	kills, recorded, between := 0, 0, 0
	for _, k := range []forgetKill{
		{calls: "pwrite64", path: ring}, {calls: "fsync,fdatasync", path: ring},
		{calls: "write,pwrite64", path: block}, {calls: "fsync,fdatasync", path: block},
		{calls: "fsync,fdatasync"}, {calls: "renameat,renameat2,rename"},
	} {
		k.command = command
		for k.n = 1; k.n <= forgetCallsMax; k.n++ {
			must(t, nodetest.CopyDirectory(copied, base))
			killed, answered := k.run(t, copied)
			isIntact := bytes.Equal(forgetSlot(t, copied), key)
			if answered && isIntact {
				t.Errorf("%+v: got an answer before the key was overwritten", k)
			}
			isRecorded, err := check(&k, copied)
			if err != nil {
				t.Errorf("%+v: %v", k, err)
			}
			if isRecorded && killed {
				recorded++
			}
			if isRecorded && isIntact {
				between++
			}
			if bytes.Equal(forgetSlot(t, copied), key) {
				t.Errorf("%+v: got the key after the next start, want it overwritten", k)
			}
			_, err = verifyDir(copied)
			must(t, errors.Join(err, os.RemoveAll(copied)))
			if !killed {
				break
			}
			kills++
		}
	}
	announce("kill %s: %d kills, %d after the record, %d of them before the key was overwritten",
		command[0], kills, recorded, between)
	if kills < forgetKillsMin || between == 0 || recorded == kills {
		t.Errorf("got %d kills, %d after the record, %d of them before the key was overwritten, "+
			"want at least %d, some before the record, and 1 between", kills, recorded, between, forgetKillsMin)
	}
}
