//go:build faults

package faults

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"authledger/cmd/internal/node"
	"authledger/eventstore/backup"
)

const (
	backupKillsEach = 6 // kills at calls of one kind
	backupKillsMin  = 10
	backupDiskMB    = 14 // more than the older copy of the base, less than that and the whole base
)

// backupArgs are the arguments of a backup with the keys beside it.
func backupArgs(data, to string) []string {
	return []string{"backup", to, "--keys", to + ".keys", "--data", data}
}

// restoreArgs are the arguments of a restore with the master key of the directory key.
func restoreArgs(key, from, data string) []string {
	return []string{"restore", from, "--keys", from + ".keys", "--data", data,
		"--master-key", filepath.Join(key, node.MasterKeyName)}
}

// runProgram runs the program, and fails the test unless it ends with an exit code.
func runProgram(t *testing.T, want int, args ...string) {
	t.Helper()
	c := startProgram(t, args...)
	<-c.ended
	if code := c.exitCode(); code != want {
		t.Fatalf("%v: got exit code %d, want %d: %s", args, code, want, c.errors())
	}
}

// readBackup returns the commits of a backup.
func readBackup(dir string) (all [][]byte, err error) {
	b, err := backup.OpenDirectory(dir)
	if err != nil {
		return nil, err
	}
	for m, err := range b.Commits(context.Background()) {
		if err != nil {
			return nil, err
		}
		all = append(all, m.Data)
	}
	return all, nil
}

// isPrefix reports whether the second list begins with the first one.
func isPrefix(first, second [][]byte) bool {
	if len(first) > len(second) {
		return false
	}
	for i := range first {
		if !bytes.Equal(first[i], second[i]) {
			return false
		}
	}
	return true
}

// TestFaultBackupKilled kills backups of a node under load. After each kill the former backup is whole.
func TestFaultBackupKilled(t *testing.T) {
	wantStrace(t)
	chance := faultChance(t)
	root := t.TempDir()
	dir, to, k := filepath.Join(root, "data"), filepath.Join(root, "backup"), newHistory()
	must(t, fillBase(dir, newGateway(chance.Uint64(), 0, baseUsers), baseRecords))
	load := startChild(t, "load", loadChild{Dir: dir, Seed: chance.Uint64(), Publishers: killPublishers,
		Users: killUsers, PauseMax: killPauseMax})
	must(t, load.resend(nil))
	if _, err := load.await(wordReady, killReady, k.record); err != nil {
		t.Fatal(err)
	}
	drained := make(chan struct{})
	go func() { defer close(drained); k.drain(load) }()
	backupKilled := killBackups(t, dir, to)
	runProgram(t, exitDone, backupArgs(dir, to)...)
	load.kill()
	<-drained
	online, err := readBackup(to)
	must(t, err)

	runProgram(t, exitDone, backupArgs(dir, to)...)
	whole, err := readBackup(to)
	must(t, err)
	if !isPrefix(online, whole) || len(online) < 1 {
		t.Fatalf("backup under load: got %d commits that are not the first of %d", len(online), len(whole))
	}
	announce("backup: %d backups under load killed, %d commits at the end", backupKilled, len(whole))
}

// killBackups kills backups at their first writes of each kind. Every second one is a whole backup.
func killBackups(t *testing.T, dir, to string) (killed int) {
	t.Helper()
	var former [][]byte
	for _, calls := range []string{"fsync,fdatasync", "renameat,renameat2,rename", "write,pwrite64"} {
		for n := 1; n <= backupKillsEach; n++ {
			if n%2 == 1 {
				must(t, os.RemoveAll(to))
				former = nil
			}
			if runInjected(t, calls, n, backupArgs(dir, to)...) {
				killed++
			}
			got, err := readBackup(to)
			if former == nil && (errors.Is(err, backup.ErrNone) || errors.Is(err, fs.ErrNotExist)) {
				continue // the first backup was killed before its end, or before it created its directory
			}
			must(t, err)
			if !isPrefix(former, got) {
				t.Fatalf("backup after a kill at call %d of %s: got %d commits, want %d or more",
					n, calls, len(got), len(former))
			}
			former = got
		}
	}
	if killed < backupKillsMin {
		t.Errorf("got %d killed backups, want at least %d", killed, backupKillsMin)
	}
	return killed
}

// TestFaultBackupDiskFull fills the disk of a backup and of a restore. The former backup stays whole, and
// both succeed when there is space.
func TestFaultBackupDiskFull(t *testing.T) {
	wantRoot(t)
	b := buildBase(t, faultChance(t).Uint64())
	disk := newTmpfs(t, backupDiskMB)
	to, whole := disk.data(), filepath.Join(t.TempDir(), "whole")
	runProgram(t, exitDone, backupArgs(b.Older, to)...)
	former, err := readBackup(to)
	must(t, err)
	runProgram(t, exitFailed, backupArgs(b.Dir, to)...)
	got, err := readBackup(to)
	must(t, err)
	if len(got) != len(former) || !isPrefix(got, former) {
		t.Fatalf("backup on a full disk: got %d commits, want the former %d", len(got), len(former))
	}
	must(t, command("mount", "-o", fmt.Sprintf("remount,size=%dm", 4*backupDiskMB), disk.dir))
	runProgram(t, exitDone, backupArgs(b.Dir, to)...)
	must(t, copyDir(whole, to))
	must(t, command("cp", to+".keys", whole+".keys"))
	disk.unmount()

	small := newTmpfs(t, backupDiskMB)
	runProgram(t, exitFailed, restoreArgs(b.Dir, whole, small.data())...)
	runProgram(t, exitFault, "verify", "--data", small.data())
	must(t, command("mount", "-o", fmt.Sprintf("remount,size=%dm", 20*backupDiskMB), small.dir))
	runProgram(t, exitDone, restoreArgs(b.Dir, whole, small.data())...)
	small.unmount()
	announce("full disk: a backup and a restore failed with the former backup intact, and succeeded with space")
}
