//go:build faults

package faults

import (
	"os"
	"path/filepath"
	"testing"

	"authledger/cmd/internal/node"
)

const (
	restoreKillsEach = 4 // kills at calls of one kind
	restoreKillsMin  = 10
	restoreRecords   = 3000
)

// TestFaultRestoreKilled kills restores of one backup into one directory at their first changes of each
// kind. After each kill every command refuses the directory, unless the restore was complete. At the end
// the same command restores the log of the backup.
func TestFaultRestoreKilled(t *testing.T) {
	wantStrace(t)
	root := t.TempDir()
	dir, to := filepath.Join(root, "data"), filepath.Join(root, "backup")
	data := filepath.Join(root, "restored")
	must(t, fillBase(dir, newGateway(faultChance(t).Uint64(), 0, baseUsers), restoreRecords))
	runProgram(t, exitDone, backupArgs(dir, to)...)
	want, err := readBackup(to)
	must(t, err)

	killed, refused := 0, 0
	for _, calls := range []string{"mkdirat,mkdir", "fsync,fdatasync", "renameat,renameat2,rename",
		"unlinkat,unlink"} {
		for n := 1; n <= restoreKillsEach; n++ {
			if !runInjected(t, calls, n, restoreArgs(dir, to, data)...) {
				must(t, os.RemoveAll(data))
				continue
			}
			killed++
			if isComplete(t, dir, data) {
				must(t, os.RemoveAll(data))
				continue
			}
			refused++
		}
	}
	runProgram(t, exitDone, restoreArgs(dir, to, data)...)
	runProgram(t, exitDone, backupArgs(data, to+".again")...)
	got, err := readBackup(to + ".again")
	must(t, err)
	if len(got) != len(want) || !isPrefix(got, want) {
		t.Fatalf("restored log: got %d commits, want the %d of the backup", len(got), len(want))
	}
	announce("restore: %d restores killed, %d directories refused, %d commits at the end", killed, refused,
		len(got))
	if killed < restoreKillsMin || refused == 0 {
		t.Errorf("got %d killed restores and %d refused directories, want at least %d and 1", killed, refused,
			restoreKillsMin)
	}
}

// isComplete reports whether the program verifies a directory whose restore was killed. It fails the
// test unless the program refuses or verifies the directory.
func isComplete(t *testing.T, key, data string) bool {
	t.Helper()
	c := startProgram(t, "verify", "--data", data, "--master-key", filepath.Join(key, node.MasterKeyName))
	<-c.ended
	code := c.exitCode()
	if code != exitDone && code != exitFailed && code != exitFault {
		t.Fatalf("verify after a kill: got exit code %d, want 0, 1 or 3: %s", code, c.errors())
	}
	return code == exitDone
}
