package main

import (
	"bytes"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// exitCodeIs runs a command that must end with a code: exitcode 3 authledger …
// Its output goes to the files out and err.
func exitCodeIs(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exitcode N command…")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	c := exec.Command(args[1], args[2:]...)
	c.Dir = ts.Getenv("PWD")
	if c.Dir == "" {
		c.Dir = ts.MkAbs(".")
	}
	c.Env = []string{"HOME=" + ts.Getenv("HOME"), "AUTHLEDGER_DATA=" + ts.Getenv("AUTHLEDGER_DATA"), "PATH=" + ts.Getenv("PATH")}
	var out, errs bytes.Buffer
	c.Stdout, c.Stderr = &out, &errs
	err = c.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		ts.Check(err)
	}
	ts.Check(os.WriteFile(ts.MkAbs("out"), out.Bytes(), 0o600))
	ts.Check(os.WriteFile(ts.MkAbs("err"), errs.Bytes(), 0o600))
	if got := c.ProcessState.ExitCode(); got != want {
		ts.Fatalf("exit code %d, want %d\nout: %serr: %s", got, want, &out, &errs)
	}
}

// flipByte changes one byte of the one file that a pattern matches: flip
// PATTERN TEXT changes the first byte of the first TEXT in it.
func flipByte(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: flip PATTERN TEXT")
	}
	path, data := theFile(ts, args[0])
	at := bytes.Index(data, []byte(args[1]))
	if at < 0 {
		ts.Fatalf("%s does not hold %q", path, args[1])
	}
	data[at] ^= 1
	ts.Check(os.WriteFile(path, data, 0o600))
}

// chop cuts bytes off the end of the one file that a pattern matches.
func chop(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: chop PATTERN BYTES")
	}
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	path, data := theFile(ts, args[0])
	ts.Check(os.WriteFile(path, data[:max(len(data)-n, 0)], 0o600))
}

func theFile(ts *testscript.TestScript, pattern string) (path string, data []byte) {
	found, err := filepath.Glob(ts.MkAbs(pattern))
	ts.Check(err)
	if len(found) != 1 {
		ts.Fatalf("%s matches %d files, want 1", pattern, len(found))
	}
	data, err = os.ReadFile(found[0])
	ts.Check(err)
	return found[0], data
}

// bigLine puts a line of so many bytes before what a file holds.
func bigLine(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: bigline FILE BYTES")
	}
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	rest := ts.ReadFile(args[0])
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.Repeat("x", n)+"\n"+rest), 0o600))
}

// answerWithin bounds how long a node may take to start.
const answerWithin = 20 * time.Second

// waitFor waits until a URL answers with a status.
func waitFor(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: waitfor URL STATUS")
	}
	for begun := time.Now(); time.Since(begun) < answerWithin; time.Sleep(20 * time.Millisecond) {
		answer, err := http.Get(args[0])
		if err != nil {
			continue
		}
		answer.Body.Close()
		if strconv.Itoa(answer.StatusCode) == args[1] {
			return
		}
	}
	ts.Fatalf("%s does not answer with %s within %v", args[0], args[1], answerWithin)
}
