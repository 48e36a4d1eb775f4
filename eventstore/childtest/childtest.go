// Package childtest runs a test in a child process of the test binary, so that the test
// may change a setting of the whole process: a resource limit, the umask, the working
// directory, the garbage collector.
//
// # Decisions
//
//   - `go test` writes its own files (-test.testlogfile, -test.coverprofile) while tests
//     run. A lowered RLIMIT_FSIZE in the test process truncates these files at random, and
//     the goroutines of other tests run under the same setting. Restoring the setting
//     afterwards does not prevent this.
//   - The functions that change a limit fail the test outside a child process. A test of this
//     package reports each test of the module that changes such a setting outside of [Run].
package childtest

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"
)

// variable is the environment variable that holds the name of the test of a child process.
const variable = "CHILDTEST_NAME"

// killAfter bounds the child process. The parent test then fails with the child's output.
const killAfter = 5 * time.Minute

// Run runs body in a child process and fails t with the output of the child process if body
// fails there. The name of t must be unique; t must not be a subtest.
func Run(t *testing.T, body func(*testing.T)) {
	t.Helper()
	if isChild(t) {
		body(t)
		return
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.CommandContext(t.Context(), program, "-test.v", "-test.count=1",
		"-test.run=^"+regexp.QuoteMeta(t.Name())+"$", "-test.timeout="+killAfter.String())
	c.Env = append(os.Environ(), variable+"="+t.Name())
	out, err := c.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
		t.Errorf("child process of %s: got %v, want a passed test\n%s", t.Name(), err, out)
	}
}

func isChild(t *testing.T) bool {
	name, _, _ := strings.Cut(t.Name(), "/")
	return os.Getenv(variable) == name
}

// mustBeChild fails t if it runs in the process of the other tests.
func mustBeChild(t *testing.T) {
	t.Helper()
	if !isChild(t) {
		t.Fatal("this test changes a setting of the whole process: call it through childtest.Run")
	}
}
