//go:build e2e

package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"authledger/cmd/internal/node"
)

// e2eNode is a process of `authledger serve` with its own data directory.
type e2eNode struct {
	program, data, url string
}

// buildProgram builds the program and returns its path.
func buildProgram(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "authledger")
	out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput()
	if err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return program
}

// startE2E starts a node that ends with the test.
func startE2E(t *testing.T) *e2eNode {
	t.Helper()
	address, err := node.UnusedAddress()
	if err != nil {
		t.Fatal(err)
	}
	n := &e2eNode{program: buildProgram(t), data: t.TempDir(), url: "http://" + address}
	var errs bytes.Buffer
	serve := exec.Command(n.program, "serve", "--data", n.data, "--listen", address)
	serve.Stderr = &errs
	startProcess(t, serve)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("log of the node:\n%s", &errs)
		}
	})
	waitUntil(t, "the node is ready", func() bool {
		_, err := get(t.Context(), n.url+"/readyz")
		return err == nil
	})
	return n
}

// startProcess starts a process, which receives SIGTERM at the end of the test.
func startProcess(t *testing.T, c *exec.Cmd) {
	t.Helper()
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Signal(syscall.SIGTERM) // it may have ended already
		_ = c.Wait()
	})
}

// token creates a token of the node, and returns its text.
func (n *e2eNode) token(t *testing.T, name string, role string) string {
	t.Helper()
	c := exec.Command(n.program, "token", "add", name, "--role", role, "--data", n.data)
	c.Stderr = os.Stderr
	out, err := c.Output()
	if err != nil {
		t.Fatalf("token add: %v", err)
	}
	return strings.TrimSpace(string(out))
}

// command sends the bare data of a command to the node.
func (n *e2eNode) command(ctx context.Context,
	token, kind, id, data string) (status int, body string, err error) {
	return n.ask(ctx, http.MethodPost, "/v1/commands/"+kind, data, token, id)
}

func (n *e2eNode) get(ctx context.Context, token, path string) (status int, body string, err error) {
	return n.ask(ctx, http.MethodGet, path, "", token, "")
}

func (n *e2eNode) ask(ctx context.Context,
	method, path, data, token, id string) (status int, body string, err error) {
	request, err := http.NewRequestWithContext(ctx, method, n.url+path, strings.NewReader(data))
	if err != nil {
		return 0, "", err
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Idempotency-Key", id)
	request.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, "", err
	}
	defer answer.Body.Close() // only read from
	text, err := io.ReadAll(answer.Body)
	return answer.StatusCode, string(text), err
}

// waitUntil waits until holds returns true. The text what describes the condition.
func waitUntil(t *testing.T, what string, holds func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), answerWithin)
	defer cancel()
	for !holds() {
		select {
		case <-ctx.Done():
			t.Fatalf("timed out after %v: %s", answerWithin, what)
		case <-time.After(20 * time.Millisecond):
		}
	}
}
