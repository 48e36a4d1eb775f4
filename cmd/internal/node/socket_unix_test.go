//go:build unix

package node

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"authledger/adapters/tokens"
)

// startLocal starts a server with a socket in a data directory.
func startLocal(t *testing.T, dir string) (stop func()) {
	t.Helper()
	e, err := StartServer(ServerOptions{Listen: "127.0.0.1:0", Tokens: tokens.NewTable(time.Now),
		Log: slog.New(slog.DiscardHandler), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	release := e.ListenLocal(dir)
	return func() {
		if err := errors.Join(e.Shutdown(), release()); err != nil {
			t.Error(err)
		}
		select {
		case err := <-e.Failed:
			t.Errorf("a listener failed: %v", err)
		default:
		}
	}
}

// getLocal sends a request to the socket of a data directory.
func getLocal(dir, path string) (status int, body string, err error) {
	to := http.Client{Transport: &http.Transport{DisableKeepAlives: true,
		DialContext: func(context.Context, string, string) (net.Conn, error) { return DialLocal(dir) }}}
	answer, err := to.Get("http://localhost" + path)
	if err != nil {
		return 0, "", err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	return answer.StatusCode, string(text), err
}

// The node answers at the socket without a token, only the owner can reach the socket, and the
// socket is gone after the shutdown. A path that is too long for a socket works on Linux.
func TestListenLocal(t *testing.T) {
	for name, below := range map[string]string{"short path": "data",
		"long path": strings.Repeat("directory/", 30)} {
		t.Run(name, func(t *testing.T) {
			if name == "long path" && runtime.GOOS != "linux" {
				t.Skip("NOT RUN: only Linux has /proc/self/fd")
			}
			dir := filepath.Join(t.TempDir(), below)
			if err := os.MkdirAll(dir, 0o755); err != nil {
				t.Fatal(err)
			}
			stop := startLocal(t, dir)
			status, body, err := getLocal(dir, "/v1/lockouts")
			if err != nil || status != 503 || !strings.Contains(body, "opening the ledger") {
				t.Errorf("got %d %s, %v, want 503 of a node that opens its ledger, not 401", status, body, err)
			}
			for path, want := range map[string]fs.FileMode{filepath.Join(dir, RunDir): fs.ModeDir | 0o700,
				SocketPath(dir): fs.ModeSocket | 0o600} {
				if info, err := os.Stat(path); err != nil || info.Mode() != want {
					t.Errorf("%s: got mode %v, %v, want %v", path, info.Mode(), err, want)
				}
			}
			stop()
			if _, err := os.Stat(SocketPath(dir)); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("after the shutdown: got error %v, want no socket", err)
			}
			if _, _, err := getLocal(dir, "/readyz"); err == nil {
				t.Error("after the shutdown: got an answer, want none")
			}
		})
	}
}

// A node replaces the socket of a node that was killed, and removes the permissions that another
// program gave to the directory of the socket.
func TestListenLocal_ReplacesStaleSocket(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, RunDir), 0o777); err != nil {
		t.Fatal(err)
	}
	stale, err := net.ListenUnix("unix", &net.UnixAddr{Name: SocketPath(dir), Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	stale.SetUnlinkOnClose(false)
	if err := stale.Close(); err != nil {
		t.Fatal(err)
	}
	if _, _, err := getLocal(dir, "/readyz"); err == nil {
		t.Fatal("got an answer at a stale socket, want none")
	}
	defer startLocal(t, dir)()
	if status, _, err := getLocal(dir, "/healthz"); err != nil || status != 200 {
		t.Errorf("got %d, %v, want 200", status, err)
	}
	if info, err := os.Stat(filepath.Join(dir, RunDir)); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("got mode %v, %v, want 0700", info.Mode(), err)
	}
}

// A node whose socket can't be opened serves its other listeners, and its log names the cause.
func TestListenLocal_Fails(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, RunDir), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	e, err := StartServer(ServerOptions{Listen: "127.0.0.1:0", Log: slog.New(slog.NewTextHandler(&log, nil)),
		Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	release := e.ListenLocal(dir)
	answer, err := http.Get(e.URL() + "/healthz")
	if err != nil || answer.StatusCode != 200 {
		t.Errorf("got %v, %v, want 200", answer, err)
	} else {
		answer.Body.Close()
	}
	if err := errors.Join(e.Shutdown(), release()); err != nil {
		t.Error(err)
	}
	got := log.String()
	if !strings.Contains(got, "is not a directory: remove it") || !strings.Contains(got, "use --server") {
		t.Errorf("got the log %q, want the cause and the other way", got)
	}
}

// The name of a local caller is that of the connected user.
func TestPeerName(t *testing.T) {
	dir := t.TempDir()
	l, err := listenLocal(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	client, err := DialLocal(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	served, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer served.Close()
	if uid, known := peerUID(served); runtime.GOOS == "linux" && (!known || uid != os.Getuid()) {
		t.Errorf("got user %d, known %t, want %d", uid, known, os.Getuid())
	}
	if got := peerName(served); got != UserName(os.Getuid()) || got == "" {
		t.Errorf("got the name %q, want %q", got, UserName(os.Getuid()))
	}
	if got := UserName(2_000_000_000); got != "2000000000" {
		t.Errorf("user without a name: got %q, want the number", got)
	}
}

// Clients that connect and send nothing, or send a request slowly, leave connections to others.
func TestListenLocal_SlowClientsDoNotBlock(t *testing.T) {
	for name, sent := range map[string]string{"nothing": "", "part of a header": "GET / HTTP/1.1\r\nHo"} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			defer startLocal(t, dir)()
			for i := range localConnectionsMax {
				c, err := DialLocal(dir)
				if err != nil {
					t.Fatalf("connection %d: %v", i, err)
				}
				defer c.Close()
				if _, err := io.WriteString(c, sent); err != nil {
					t.Fatalf("connection %d: %v", i, err)
				}
			}
			if status, _, err := getLocal(dir, "/healthz"); err != nil || status != 200 {
				t.Errorf("got %d, %v, want 200", status, err)
			}
		})
	}
}
