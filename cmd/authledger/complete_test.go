package main

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestCompletionScripts_Syntax checks each completion script with the shell that reads it. It
// installs no shell: a shell that is not on the PATH is a test that is NOT RUN.
func TestCompletionScripts_Syntax(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish"} {
		t.Run(shell, func(t *testing.T) {
			script, _ := helped(t, "completion "+shell, exitDone)
			if !strings.Contains(script, "__complete") {
				t.Errorf("got %d bytes without a call of __complete, want a completion script", len(script))
			}
			if _, err := exec.LookPath(shell); err != nil {
				t.Skipf("NOT RUN: no %s", shell)
			}
			path := filepath.Join(t.TempDir(), "script")
			mustDo(t, os.WriteFile(path, []byte(script), 0o600))
			if out, err := exec.CommandContext(t.Context(), shell, "-n", path).CombinedOutput(); err != nil {
				t.Errorf("%s -n: %v\n%s", shell, err, out)
			}
		})
	}
}

// TestLookUp_TimedOut checks that a look-up loads the settings before it returns, so that no goroutine
// changes them afterwards. The look-up ends before any answer.
func TestLookUp_TimedOut(t *testing.T) {
	released := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-released }))
	t.Cleanup(server.Close)
	t.Cleanup(func() { close(released) })
	ended, cancel := context.WithCancel(t.Context())
	cancel()

	p := newProgram(nil, io.Discard, io.Discard, func(variable string) string {
		return map[string]string{"AUTHLEDGER_SERVER": server.URL}[variable]
	})
	c, _, err := newRootCommand(p).Find([]string{"show", "lockout"})
	mustDo(t, err)
	c.SetContext(ended)
	names, _ := p.completeUsers(c, nil, "")
	if len(names) > 0 || p.set.Server != server.URL {
		t.Errorf("got names %v and server %q, want no names and server %q", names, p.set.Server, server.URL)
	}
	p.set.Server, p.target = "", target{} // the race detector reports a goroutine that still uses them
}
