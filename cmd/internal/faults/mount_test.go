//go:build faults

package faults

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// mounted is a file system of the test.
type mounted struct {
	t     *testing.T
	image string // of an ext4, "" of a tmpfs
	dir   string // where it is mounted, "" if it is not
}

// wantRoot skips the test if file systems can't be mounted.
func wantRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		notRun(t, "it mounts file systems, which takes root")
	}
	for _, tool := range []string{"mount", "umount", "mkfs.ext4", "fsck.ext4", "cp"} {
		if _, err := exec.LookPath(tool); err != nil {
			notRun(t, err.Error())
		}
	}
}

func command(name string, args ...string) error {
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s %v: %w: %s", name, args, err, out)
	}
	return nil
}

// newImage creates an ext4 file system in a file, in memory if possible. Only the
// data that the file system has written to the file count.
func newImage(t *testing.T, bytes int64) *mounted {
	t.Helper()
	m := &mounted{t: t, image: filepath.Join(fastDir(t), "disk")}
	f, err := os.Create(m.image)
	must(t, err)
	must(t, f.Truncate(bytes))
	must(t, f.Close())
	must(t, command("mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=0,lazy_journal_init=0", m.image))
	m.mount("-o", "loop", m.image)
	return m
}

func newTmpfs(t *testing.T, mebibytes int) *mounted {
	t.Helper()
	m := &mounted{t: t}
	m.mount("-t", "tmpfs", "-o", fmt.Sprintf("size=%dm", mebibytes), "tmpfs")
	return m
}

func (m *mounted) mount(args ...string) {
	m.t.Helper()
	dir, err := os.MkdirTemp("", "authledger-mount-")
	must(m.t, err)
	m.t.Cleanup(func() { m.unmount(); os.Remove(dir) })
	if err := command("mount", append(args, dir)...); err != nil {
		notRun(m.t, err.Error())
	}
	m.dir = dir
}

// unmountWithin is the time limit of unmount. Another process of the machine, such as a
// search in the temporary directory, can use the file system for a moment.
const unmountWithin = 10 * time.Second

// unmount may be called more than once.
func (m *mounted) unmount() {
	m.t.Helper()
	if m.dir == "" {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), unmountWithin)
	defer cancel()
	var err error
	poll(ctx, func() bool {
		err = command("umount", m.dir)
		return err == nil
	})
	must(m.t, err)
	m.dir = ""
}

func (m *mounted) data() string { return filepath.Join(m.dir, "data") }

// imageNow returns a copy of the disk without the data that the file system has not
// written yet, as a power cut leaves it. No process may write to it. The copy is
// repeated if the file system itself wrote meanwhile.
func (m *mounted) imageNow() string {
	m.t.Helper()
	to := filepath.Join(fastDir(m.t), "disk")
	for {
		before := modified(m.t, m.image)
		must(m.t, command("cp", "--sparse=always", m.image, to))
		if modified(m.t, m.image).Equal(before) {
			return to
		}
	}
}

func modified(t *testing.T, path string) time.Time {
	t.Helper()
	info, err := os.Stat(path)
	must(t, err)
	return info.ModTime()
}

// mountImage mounts the disk after a power cut, as a machine does at its start.
func mountImage(t *testing.T, image string) *mounted {
	t.Helper()
	err := exec.Command("fsck.ext4", "-p", image).Run()
	if exit, ok := err.(*exec.ExitError); ok && exit.ExitCode() == 1 {
		err = nil // fsck repaired the file system from its journal
	}
	must(t, err)
	m := &mounted{t: t, image: image}
	m.mount("-o", "loop", image)
	return m
}

// stop stops the child and returns when all its threads are stopped. Earlier writes
// of the child are complete then, and its lines are in the pipe.
func (c *child) stop(t *testing.T) {
	t.Helper()
	must(t, c.cmd.Process.Signal(syscall.SIGSTOP))
	deadline := time.After(30 * time.Second)
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for !c.stopped() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatal("timed out: got a running child, want a stopped one")
		}
	}
}

func (c *child) stopped() bool {
	stats, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", c.cmd.Process.Pid))
	if err != nil || len(stats) == 0 {
		return false
	}
	for _, path := range stats {
		stat, err := os.ReadFile(path)
		if err != nil {
			return false
		}
		_, state, _ := bytes.Cut(stat, []byte(") "))
		if len(state) == 0 || state[0] != 'T' {
			return false
		}
	}
	return true
}
