//go:build unix

package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"authledger/cmd/internal/node"
)

// pipeWait is the time within which a command must refuse a named pipe. A command that
// opens the pipe waits for ever.
const pipeWait = time.Minute

// TestNamedPipesAreRefused replaces each file of a data directory outside of the log by a
// named pipe, for the commands that open it.
func TestNamedPipesAreRefused(t *testing.T) {
	dir := newStoppedLedger(t)
	for _, c := range [][]string{
		{"token", "add", "portal", "--role", "gateway"},
		{"webhook", "add", "desk", "https://desk.example/hooks"},
	} {
		if code, errs := runOn(t, dir, c); code != exitDone {
			t.Fatalf("%v: got exit code %d, want 0: %s", c, code, errs)
		}
	}
	decide := []string{"do", "login.report", "user=alice", "outcome=succeeded"}
	asFile := filepath.Join(t.TempDir(), "file")
	for _, path := range filesOutsideTheLog(t, dir) {
		mustDo(t, os.Rename(path, asFile))
		mustDo(t, unix.Mkfifo(path, 0o600))
		commands := [][]string{{"verify"}, {"show", "lockouts"}, decide}
		for _, c := range commands {
			wantPipeRefused(t, dir, path, c)
		}
		mustDo(t, os.Remove(path))
		mustDo(t, os.Rename(asFile, path))
	}
	if code, errs := runOn(t, dir, []string{"verify"}); code != exitDone {
		t.Errorf("verify with all files restored: got exit code %d, want 0: %s", code, errs)
	}
}

func wantPipeRefused(t *testing.T, dir, path string, command []string) {
	t.Helper()
	type end struct {
		code int
		errs string
	}
	ended := make(chan end, 1)
	go func() {
		code, errs := runOn(t, dir, command)
		ended <- end{code, errs}
	}()
	select {
	case e := <-ended:
		if e.code != exitFailed || !strings.Contains(e.errs, path) {
			t.Errorf("%v with a pipe for %s: got exit code %d, want %d and the name of the file: %s", command, path,
				e.code, exitFailed, e.errs)
		}
	case <-time.After(pipeWait):
		t.Fatalf("timed out: %v waits for a writer of the pipe %s, want a refusal", command, path)
	}
}

// filesOutsideTheLog lists the files that commands open, without locks and the log.
func filesOutsideTheLog(t *testing.T, dir string) []string {
	t.Helper()
	var all []string
	mustDo(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && d.Name() == node.LogDir:
			return fs.SkipDir
		case d.Type().IsRegular() && !strings.HasSuffix(strings.ToLower(d.Name()), "lock"):
			all = append(all, path)
		}
		return nil
	}))
	return all
}
