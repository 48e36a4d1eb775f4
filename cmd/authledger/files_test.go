package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"authledger/cmd/internal/nodetest"
)

// readCommands are the commands that only read a ledger, without --data.
var readCommands = [][]string{
	{"verify"},
	{"replay"},
	{"rebuild"},
	{"why", "1"},
	{"policy", "show"},
	{"policy", "what-if", "--preset", "nist-800-63b"},
	{"show", "lockout", "alice"},
	{"show", "lockouts"},
	{"show", "devices", "alice"},
	{"show", "codes", "alice"},
	{"show", "sharings", "alice"},
	{"show", "withdrawals", "U1"},
	{"show", "troubleshoot", "alice"},
	{"show", "timeline", "alice"},
	{"show", "sources"},
	{"stats"},
}

// TestReadCommandsChangeNoFileOfTheLog compares every file that a server could write, with
// its time of change: a server that starts writes index.db at least.
func TestReadCommandsChangeNoFileOfTheLog(t *testing.T) {
	dir := newStoppedLedger(t)
	before := logFiles(t, dir)
	for _, c := range readCommands {
		if code, errs := runOn(t, dir, c); code != exitDone {
			t.Errorf("%v: got exit code %d, want 0: %s", c, code, errs)
		}
		if after := logFiles(t, dir); after != before {
			t.Fatalf("files of the log after %v: got\n%s\nwant\n%s", c, after, before)
		}
	}
}

// TestReadCommandsKeepAnUnreadableLog replaces a file of the log by something that can't
// be read. A NATS server would delete the stream. The commands report the file and change nothing,
// and succeed after the test has restored the file.
func TestReadCommandsKeepAnUnreadableLog(t *testing.T) {
	dir := newStoppedLedger(t)
	stream := filepath.Join(dir, "log", "jetstream", "$G", "streams", "LEDGER_main")
	for _, name := range []string{"msgs/1.blk", "meta.inf", "msgs"} {
		for _, index := range []bool{true, false} {
			path := filepath.Join(stream, name)
			if !index {
				mustDo(t, os.RemoveAll(filepath.Join(stream, "msgs", "index.db")))
			}
			mustDo(t, os.Rename(path, path+".moved"))
			mustDo(t, os.Symlink("absent", path))
			before := logFiles(t, dir)
			for _, c := range readCommands {
				code, errs := runOn(t, dir, c)
				if code == exitDone || !strings.Contains(errs, filepath.Base(path)) {
					t.Errorf("%s, %v: got exit code %d, want an error that names the file: %s", name, c, code, errs)
				}
			}
			if after := logFiles(t, dir); after != before {
				t.Fatalf("%s, files of the log: got\n%s\nwant\n%s", name, after, before)
			}
			mustDo(t, os.Remove(path))
			mustDo(t, os.Rename(path+".moved", path))
			if code, errs := runOn(t, dir, []string{"verify"}); code != exitDone {
				t.Errorf("verify with %s restored: got exit code %d, want 0: %s", name, code, errs)
			}
		}
	}
}

// TestReadCommandsDoNotCreateTheDirectory also runs the commands that read other files of
// the data directory.
func TestReadCommandsDoNotCreateTheDirectory(t *testing.T) {
	for _, c := range append(readCommands, []string{"rebuild", "--head"}, []string{"replay", "--follow"},
		[]string{"dlq", "ls"}, []string{"dlq", "show", "1"}, []string{"token", "ls"},
		[]string{"token", "revoke", "a"}, []string{"webhook", "ls"},
		[]string{"webhook", "deliveries", "a"}, []string{"webhook", "rm", "a"}, []string{"webhook", "rotate", "a"},
		[]string{"webhook", "redrive", "a", "--failed"}) {
		dir := filepath.Join(t.TempDir(), "absent")
		code, errs := runOn(t, dir, c)
		if code == exitDone {
			t.Errorf("%v: got exit code 0, want another: %s", c, errs)
		}
		if _, err := os.Stat(dir); err == nil {
			t.Errorf("%v: got a new directory %s, want none", c, dir)
		}
	}
}

// TestRebuildHeadRefusesALogWithoutItsTail puts an older copy of the log and of the
// projections beside the newer head, which alone proves that records are missing.
func TestRebuildHeadRefusesALogWithoutItsTail(t *testing.T) {
	dir := newStoppedLedger(t)
	older := filepath.Join(t.TempDir(), "older")
	mustDo(t, nodetest.CopyDirectory(older, dir))
	code, errs := runOn(t, dir, []string{"do", "login.report", "user=zoe", "outcome=succeeded"})
	if code != exitDone {
		t.Fatalf("do login.report: got exit code %d, want 0: %s", code, errs)
	}
	head, err := os.ReadFile(filepath.Join(dir, "head"))
	mustDo(t, err)
	mustDo(t, os.WriteFile(filepath.Join(older, "head"), head, 0o600))
	for _, c := range [][]string{{"verify"}, {"rebuild", "--head"}} {
		if code, errs := runOn(t, older, c); code != exitFault ||
			!strings.Contains(errs, "but the head holds record") {
			t.Errorf("%v: got exit code %d, want %d: %s", c, code, exitFault, errs)
		}
	}
	// Without a head, nothing proves that records are missing, so rebuild writes a new head.
	mustDo(t, os.Remove(filepath.Join(older, "head")))
	if code, errs := runOn(t, older, []string{"rebuild", "--head"}); code != exitDone {
		t.Errorf("rebuild without a head: got exit code %d, want 0: %s", code, errs)
	}
}

// TestReadCommandsKeepAnIncompleteRecord reads a log whose newest block ends with a part of
// a record, as after a crash within a write.
func TestReadCommandsKeepAnIncompleteRecord(t *testing.T) {
	dir := newStoppedLedger(t)
	path := filepath.Join(dir, "log", "jetstream", "$G", "streams", "LEDGER_main", "msgs", "1.blk")
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	mustDo(t, err)
	_, err = f.Write([]byte{200, 0, 0, 0, 9})
	mustDo(t, err)
	mustDo(t, f.Close())
	before := logFiles(t, dir)
	code, errs := runOn(t, dir, []string{"verify"})
	if code != exitDone || !strings.Contains(errs, "incomplete record") {
		t.Errorf("verify: got exit code %d, want 0 and a warning about the incomplete record: %s", code, errs)
	}
	if after := logFiles(t, dir); after != before {
		t.Errorf("files of the log after verify: got\n%s\nwant\n%s", after, before)
	}
}

// newStoppedLedger makes a ledger of one user in a directory that no process uses.
func newStoppedLedger(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "data")
	file := filepath.Join(t.TempDir(), "commands.jsonl")
	line := `{"specversion":"1.0","id":"1","source":"gw","type":"login.report","time":"2026-03-02T15:00:00Z",` +
		`"data":{"user":"alice","outcome":"failed","reason":"bad_code"}}`
	mustDo(t, os.WriteFile(file, []byte(line+"\n"+strings.Replace(line, `"id":"1"`, `"id":"2"`, 1)+"\n"), 0o600))
	if code, errs := runOn(t, dir, []string{"import", "--from", "cloudevents", file}); code != exitDone {
		t.Fatalf("import: got exit code %d, want 0: %s", code, errs)
	}
	return dir
}

func runOn(t testing.TB, dir string, args []string) (code int, errs string) {
	t.Helper()
	var out, all bytes.Buffer
	code = run(t.Context(), append([]string{"--data", dir}, args...), strings.NewReader(""), &out, &all,
		func(string) string { return "" })
	return code, all.String()
}

// logFiles describes every file below the log's directory, with its bytes.
func logFiles(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	mustDo(t, filepath.WalkDir(filepath.Join(dir, "log"), func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		b.WriteString(path + " " + info.Mode().String() + " " + info.ModTime().String())
		if info.Mode().IsRegular() {
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			b.WriteString(" " + hashOf(data))
		}
		b.WriteString("\n")
		return nil
	}))
	return b.String()
}

func hashOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

func mustDo(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
