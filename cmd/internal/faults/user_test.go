//go:build faults

package faults

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// anotherUser is a user without privileges.
const anotherUser = 65534

// TestFaultAnotherUser runs commands on the directory of root as a user without
// privileges: on private files as the ledger makes them, on files that every user may
// read, and on files that every user may write. Each command exits 1, and changes nothing.
func TestFaultAnotherUser(t *testing.T) {
	wantRoot(t)
	root := fastDir(t)
	built, program := program(t), filepath.Join(root, "authledger")
	text, err := os.ReadFile(built)
	must(t, errors.Join(err, os.WriteFile(program, text, 0o755), os.Chmod(root, 0o755)))
	base := filepath.Join(root, "base")
	must(t, withFaultNode(base, fillNotes))
	cases := 0
	for _, more := range []fs.FileMode{0, 0o055, 0o077} {
		for _, command := range []string{"serve", "verify", "replay", "do", "dlq"} {
			dir := filepath.Join(root, "case")
			must(t, errors.Join(os.RemoveAll(dir), copyDir(dir, base), addModes(dir, more)))
			before, err := logBytes(dir)
			must(t, err)
			code, output := runAs(program, command, dir, "/nonexistent")
			after, err := logBytes(dir)
			must(t, err)
			if code != exitFailed ||
				!strings.Contains(output, "permission denied") && !strings.Contains(output, "others can read") {
				t.Errorf("%s, additional modes %o: got exit code %d, want %d: %s", command, more, code, exitFailed,
					output)
			}
			must(t, errors.Join(lostBytes(before, after), copyDir(dir+".again", dir),
				checkLaterCommand(built, dir+".again"),
				os.RemoveAll(dir+".again")))
			cases++
		}
	}
	code, output := runAs(program, "verify", base, base)
	if code != exitFailed || !strings.Contains(output, "read the configuration") {
		t.Errorf("a private home directory: got exit code %d, want %d: %s", code, exitFailed, output)
	}
	announce("another user: %d cases, exit code 1, 0 bytes lost", cases)
}

// addModes adds permissions to everything in a directory; the right to execute is added
// to directories only.
func addModes(dir string, more fs.FileMode) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		add := more
		if !d.IsDir() {
			add &^= 0o111
		}
		return os.Chmod(path, info.Mode().Perm()|add)
	})
}

func runAs(program, command, dir, home string) (code int, output string) {
	ctx, cancel := context.WithTimeout(context.Background(), injectWithin)
	defer cancel()
	arguments := injectArguments(command, dir)
	if command == "dlq" {
		arguments = []string{"dlq", "ls", "--data", dir}
	}
	c := exec.CommandContext(ctx, program, arguments...)
	c.Env = append(programEnv(), "HOME="+home)
	c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: anotherUser, Gid: anotherUser}}
	out, err := c.CombinedOutput()
	if c.ProcessState == nil {
		return -1, fmt.Sprint(err)
	}
	return c.ProcessState.ExitCode(), string(out)
}
