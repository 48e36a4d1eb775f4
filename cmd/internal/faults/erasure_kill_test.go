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
)

const (
	erasureWithin    = injectWithin
	erasureCallsMax  = 24 // calls of one kind at each of which the command is killed
	erasureKillsMin  = 12
	erasureSlotBytes = 128 // length of a slot of the key ring
)

// erasureCalls are system calls of one kind. A SIGKILL ends the command at the n-th call.
type erasureCalls struct {
	calls string
	path  string // the calls that concern this file of the directory; "" for all calls
	n     int
}

// erasureKills are the kills of a command that destroys the key in the first slot of the ring.
type erasureKills struct {
	*testing.T
	command []string // arguments of `authledger do`
	base    string   // the directory before the command
	copied  string   // the copy of base in which the command runs
	key     []byte   // the first slot before the command

	// check opens the directory after a kill, and reports whether the log has the record that destroys the
	// key.
	check func(dir string) (isRecorded bool, err error)

	kills    int
	recorded int // kills after the record
	between  int // kills after the record and before the key was overwritten
}

// killErasure kills a command at each of its writes, in copies of a directory that the function fill fills.
func killErasure(t *testing.T, command []string, fill func(dir string) error,
	check func(dir string) (isRecorded bool, err error),
) {
	t.Helper()
	wantStrace(t)
	dir := fastDir(t)
	k := &erasureKills{T: t, command: command, check: check, base: filepath.Join(dir, "base"),
		copied: filepath.Join(dir, "copy")}
	must(t, fill(k.base))
	k.key = k.slot(k.base)
	ring, err := filepath.Rel(k.base, erasureRing(k.base))
	must(t, err)
	block, err := filepath.Rel(k.base, injectBlock(k.base, 1))
	must(t, err)
	for _, at := range []erasureCalls{
		{calls: "pwrite64", path: ring}, {calls: "fsync,fdatasync", path: ring},
		{calls: "write,pwrite64", path: block}, {calls: "fsync,fdatasync", path: block},
		{calls: "fsync,fdatasync"}, {calls: "renameat,renameat2,rename"},
	} {
		for at.n = 1; at.n <= erasureCallsMax && k.killAt(at); at.n++ {
			k.kills++
		}
	}
	announce("kill %s: %d kills, %d after the record, %d of them before the key was overwritten",
		command[0], k.kills, k.recorded, k.between)
	if k.kills < erasureKillsMin || k.between == 0 || k.recorded == k.kills {
		t.Errorf("got %d kills, %d after the record, %d of them before the key was overwritten, "+
			"want at least %d, some before the record, and 1 between", k.kills, k.recorded, k.between,
			erasureKillsMin)
	}
}

// killAt runs the command in a new copy of the directory, and checks the copy. It reports whether the
// command was killed.
func (k *erasureKills) killAt(at erasureCalls) bool {
	k.Helper()
	must(k.T, nodetest.CopyDirectory(k.copied, k.base))
	killed, answered := k.run(at)
	isIntact := bytes.Equal(k.slot(k.copied), k.key)
	if answered && isIntact {
		k.Errorf("%+v: got an answer before the key was overwritten", at)
	}
	isRecorded, err := k.check(k.copied)
	if err != nil {
		k.Errorf("%+v: %v", at, err)
	}
	if isRecorded && killed {
		k.recorded++
	}
	if isRecorded && isIntact {
		k.between++
	}
	if bytes.Equal(k.slot(k.copied), k.key) {
		k.Errorf("%+v: got the key after the next start, want it overwritten", at)
	}
	_, err = verifyDir(k.copied)
	must(k.T, errors.Join(err, os.RemoveAll(k.copied)))
	return killed
}

// run runs the command, and reports whether it was killed and whether it answered.
func (k *erasureKills) run(at erasureCalls) (killed, answered bool) {
	k.Helper()
	line := []string{"strace", "-D", "-f", "-qq", "-o", os.DevNull, "-e", "trace=" + at.calls,
		"-e", fmt.Sprintf("inject=%s:signal=KILL:when=%d", at.calls, at.n)}
	if at.path != "" {
		line = append(line, "-P", filepath.Join(k.copied, at.path))
	}
	line = append(append(line, program(k.T), "do"), k.command...)
	line = append(line, "--id", "erasure", "--data", k.copied)
	ctx, cancel := context.WithTimeout(k.Context(), erasureWithin) // the program is built before
	defer cancel()
	c := exec.CommandContext(ctx, line[0], line[1:]...)
	c.Env = programEnv()
	out, err := c.Output()
	must(k.T, ctx.Err())
	if err != nil && c.ProcessState == nil {
		k.Fatal(err)
	}
	return err != nil, bytes.Contains(out, []byte("accepted"))
}

func erasureRing(dir string) string { return filepath.Join(dir, node.KeysDir, "ring", "0000000") }

// slot returns the first slot of the ring in a directory.
func (k *erasureKills) slot(dir string) []byte {
	k.Helper()
	chunk, err := os.ReadFile(erasureRing(dir))
	must(k.T, err)
	return chunk[:erasureSlotBytes]
}
