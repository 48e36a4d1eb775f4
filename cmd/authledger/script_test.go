package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// exitCodeIs runs a command that must end with a code: exitcode 3 authledger …
func exitCodeIs(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exitcode N command…")
	}
	code := "0"
	var exit *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &exit) {
		code = strconv.Itoa(exit.ExitCode())
	} else {
		ts.Check(err)
	}
	if code != args[0] {
		ts.Fatalf("exit code %s, want %s", code, args[0])
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

// bigLine inserts a line of BYTES bytes at the beginning of FILE.
func bigLine(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: bigline FILE BYTES")
	}
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	rest := ts.ReadFile(args[0])
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.Repeat("x", n)+"\n"+rest), 0o600))
}

// answerWithin is the maximum duration of the start of a node.
const answerWithin = time.Minute

// waitFor waits until the response of a URL contains a text.
func waitFor(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: waitfor URL TEXT")
	}
	for begun := time.Now(); time.Since(begun) < answerWithin; time.Sleep(20 * time.Millisecond) {
		if body, _ := get(context.Background(), args[0]); bytes.Contains(body, []byte(args[1])) {
			return
		}
	}
	ts.Fatalf("%s does not answer %q within %v", args[0], args[1], answerWithin)
}

// briefVerdicts writes a line for each verdict of FILE into the file brief: the status, the reason,
// and the line and the member from the detail.
func briefVerdicts(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: verdicts FILE")
	}
	var brief strings.Builder
	for line := range strings.Lines(ts.ReadFile(args[0])) {
		var v struct{ Status, Reason, Detail string }
		ts.Check(json.Unmarshal([]byte(line), &v))
		parts := strings.SplitN(v.Detail, ": ", 3)
		where := parts[:min(len(parts), 2)]
		if len(where) == 2 && strings.ContainsAny(where[1], " []") { // the second part is a cause, not a member
			where = where[:1]
		}
		fmt.Fprintln(&brief, strings.TrimSpace(v.Status+" "+v.Reason+" "+strings.Join(where, ": ")))
	}
	ts.Check(os.WriteFile(ts.MkAbs("brief"), []byte(brief.String()), 0o600))
}

// answersStatus checks the status of the response of a URL: status CODE URL [FILE]. FILE contains
// the token of the request.
func answersStatus(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status CODE URL [FILE]")
	}
	request, err := http.NewRequest(http.MethodGet, args[1], nil)
	ts.Check(err)
	if len(args) > 2 {
		request.Header.Set("Authorization", "Bearer "+strings.TrimSpace(ts.ReadFile(args[2])))
	}
	answer, err := http.DefaultClient.Do(request)
	ts.Check(err)
	defer answer.Body.Close() // not read
	if got := strconv.Itoa(answer.StatusCode); got != args[0] {
		ts.Fatalf("%s answers %s, want %s", args[1], got, args[0])
	}
}

// readEnv sets an environment variable to the contents of a file: readenv NAME FILE.
func readEnv(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: readenv NAME FILE")
	}
	ts.Setenv(args[0], strings.TrimSpace(ts.ReadFile(args[1])))
}

// fileMode checks the mode of a file: mode 600 FILE.
func fileMode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: mode OCTAL FILE")
	}
	info, err := os.Stat(ts.MkAbs(args[1]))
	ts.Check(err)
	if got := strconv.FormatUint(uint64(info.Mode().Perm()), 8); got != args[0] && runtime.GOOS != "windows" {
		ts.Fatalf("%s has mode %s, want %s", args[1], got, args[0])
	}
}

// unpack copies the data directory testdata/NAME/ledger.tar.gz: unpack NAME DIR.
func unpack(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: unpack NAME DIR")
	}
	ts.Check(unpackLedger(args[0], ts.MkAbs(args[1])))
}

// until runs a command repeatedly until it succeeds and its output contains a
// text: until TEXT COMMAND…
func until(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: until TEXT command…")
	}
	for begun := time.Now(); time.Since(begun) < answerWithin; time.Sleep(20 * time.Millisecond) {
		if ts.Exec(args[1], args[2:]...) == nil && strings.Contains(ts.ReadFile("stdout"), args[0]) {
			return
		}
	}
	ts.Fatalf("%v does not print %q within %v", args[1:], args[0], answerWithin)
}
