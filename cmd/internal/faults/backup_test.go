//go:build faults

package faults

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"authledger/cmd/internal/node"
	"authledger/eventstore/backup"
)

const (
	backupKills  = 10
	backupDiskMB = 14 // more than the older copy of the base, less than that and the whole base
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

// runKilled runs the program, and kills it after a duration. It returns the exit code, -1 if it was killed.
func runKilled(t *testing.T, after time.Duration, args ...string) (code int, errs string) {
	t.Helper()
	c := startProgram(t, args...)
	timer := time.AfterFunc(after, c.kill)
	defer timer.Stop()
	<-c.ended
	return c.exitCode(), c.errors()
}

func runProgram(t *testing.T, want int, args ...string) {
	t.Helper()
	if code, errs := runKilled(t, time.Hour, args...); code != want {
		t.Fatalf("%v: got exit code %d, want %d: %s", args, code, want, errs)
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
	announce("backup: %d of %d backups under load killed, %d commits at the end", backupKilled, backupKills,
		len(whole))
}

// killBackups kills backups at ten instants that are spread over their duration.
func killBackups(t *testing.T, dir, to string) (killed int) {
	t.Helper()
	var former [][]byte
	begun := time.Now()
	runProgram(t, exitDone, backupArgs(dir, to+".timed")...)
	took := time.Since(begun)
	for i := range backupKills {
		if i%2 == 0 { // a whole backup from the first commit on
			must(t, os.RemoveAll(to))
			former = nil
		}
		code, errs := runKilled(t, took*time.Duration(i+1)/backupKills, backupArgs(dir, to)...)
		switch {
		case code == -1:
			killed++
		case code != exitDone:
			t.Fatalf("backup: got exit code %d, want 0 or a kill: %s", code, errs)
		}
		got, err := readBackup(to)
		if errors.Is(err, backup.ErrNone) && former == nil {
			continue
		}
		must(t, err)
		if !isPrefix(former, got) {
			t.Fatalf("backup after kill %d: got %d commits, want at least the former %d", i, len(got), len(former))
		}
		former = got
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
