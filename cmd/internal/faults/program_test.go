//go:build faults

package faults

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"authledger/cmd/internal/node"
	"authledger/eventstore"
	"authledger/eventstore/durable"
)

// Exit codes of the program.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
	exitFault  = node.ExitFault
)

const realmDefault = "main"

// exitCode returns the exit code that the program has for an error of a node.
func exitCode(err error) int {
	var fault *eventstore.Fault
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &fault) && !durable.IsShortage(fault.Err):
		return exitFault
	}
	return exitFailed
}

var programDir string // deleted by TestMain

func TestMain(m *testing.M) {
	code := m.Run()
	if programDir != "" {
		os.RemoveAll(programDir)
	}
	os.Exit(code)
}

// buildProgram builds the program with the build tag faults, which removes the check of
// the limit of open files.
var buildProgram = sync.OnceValues(func() (path string, err error) {
	if programDir, err = os.MkdirTemp("", "authledger-faults-"); err != nil {
		return "", err
	}
	path = filepath.Join(programDir, "authledger")
	out, err := exec.Command("go", "build", "-tags", "faults", "-o", path,
		"authledger/cmd/authledger").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("go build: %w: %s", err, out)
	}
	return path, nil
})

// program returns the path of the program.
func program(t *testing.T) string {
	t.Helper()
	path, err := buildProgram()
	must(t, err)
	return path
}

// programEnv returns the environment without the variables of the program.
func programEnv() (env []string) {
	for _, entry := range os.Environ() {
		if !strings.HasPrefix(entry, "AUTHLEDGER_") {
			env = append(env, entry)
		}
	}
	return env
}

// startProgram starts the program with arguments. It ends with the test at the latest.
func startProgram(t *testing.T, args ...string) *child {
	t.Helper()
	c := &child{cmd: exec.Command(program(t), args...), lines: make(chan childLine), stderr: new(bytes.Buffer),
		ended: make(chan struct{})}
	c.cmd.Env = programEnv()
	c.cmd.Stderr = c.stderr
	must(t, c.cmd.Start())
	go func() {
		defer close(c.lines)
		defer close(c.ended)
		c.cmd.Wait() // the result is in ProcessState
	}()
	t.Cleanup(c.end)
	return c
}

// get returns the body of a response with status 200.
func get(ctx context.Context, address string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close() // only read from
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("GET %s: got status %s, want 200", address, response.Status)
	}
	return body, err
}
