package main

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"authledger/access"
	"authledger/adapters/client"
	"authledger/domain"
)

// docs/gateway, which docs/client.md shows, is built and asked as a browser would, and
// asks the ledger over HTTP and over NATS.
func TestExampleGateway(t *testing.T) {
	program := buildGateway(t)
	t.Run("over HTTP", func(t *testing.T) {
		s := serveHere(t)
		tryGateway(t, s.client(t, access.Gateway, nil), startGateway(t, program, "AUTHLEDGER_SERVER="+s.edge.url(), "AUTHLEDGER_TOKEN="+s.tokens[access.Gateway]))
	})
	t.Run("over NATS", func(t *testing.T) {
		s := serveOverNATS(t)
		ledger := "nats://" + s.natsAddress()
		tryGateway(t, s.client(t, "gateway", ledger), startGateway(t, program, "AUTHLEDGER_SERVER="+ledger, "AUTHLEDGER_NAME=gateway", "AUTHLEDGER_KEY="+s.keyOf(t, "gateway")))
	})
}

func buildGateway(t *testing.T) (program string) {
	t.Helper()
	program = filepath.Join(t.TempDir(), "gateway")
	if out, err := exec.Command("go", "build", "-o", program, "../../docs/gateway").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return program
}

// tryGateway asks the example; the client, of the same ledger, prepares what it needs.
func tryGateway(t *testing.T, gateway *client.Client, url string) {
	t.Helper()
	login := func(password string) int {
		request, err := http.NewRequestWithContext(t.Context(), "POST", url+"/login", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.SetBasicAuth("alice", password)
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		return answer.StatusCode
	}
	if got := login("right"); got != 200 {
		t.Errorf("the right password: %d", got)
	}
	if v, err := gateway.Do(t.Context(), "d", &domain.DeviceActivate{User: "alice", Device: "d-1", Class: "gold", Method: "portal"}); err != nil || !v.Accepted() {
		t.Fatal(v, err)
	}
	for id, want := range map[string]int{"w-1": 200, "": 403} {
		if got := withdraw(t, url, id); got != want {
			t.Errorf("withdrawal %q: %d, want %d", id, got, want)
		}
	}
	for range 10 {
		if got := login("wrong"); got != 403 {
			t.Errorf("a wrong password: %d", got)
		}
	}
	if got := login("right"); got != 403 {
		t.Errorf("the right password of a locked user: %d", got)
	}
	http.DefaultClient.CloseIdleConnections()
}

func withdraw(t *testing.T, gateway, id string) int {
	t.Helper()
	answer, err := http.PostForm(gateway+"/withdraw", url.Values{"id": {id}, "account": {"A-1"}, "user": {"alice"}, "device": {"d-1"}, "amount": {"100.00"}})
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	return answer.StatusCode
}

// startGateway starts the example, and returns where it listens.
func startGateway(t *testing.T, program string, settings ...string) string {
	t.Helper()
	c := exec.Command(program, "127.0.0.1:0")
	c.Env = append(append(os.Environ(), "DEMO_PASSWORD=right"), settings...)
	says, err := c.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Kill() // it may have ended
		_ = c.Wait()
	})
	lines := bufio.NewScanner(says)
	for lines.Scan() {
		if _, address, ok := strings.Cut(lines.Text(), "listening on "); ok {
			go func() { _, _ = io.Copy(io.Discard, says) }()
			return "http://" + address
		}
	}
	t.Fatal("the gateway ended")
	return ""
}

// docs/client.md shows the example as it is, which has less than 100 lines (issue 5).
func TestExampleIsShown(t *testing.T) {
	page, err := os.ReadFile("../../docs/client.md")
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.ReadFile("../../docs/gateway/main.go")
	if err != nil {
		t.Fatal(err)
	}
	lines := slices.Collect(bytes.Lines(program))
	if len(lines) >= 100 {
		t.Errorf("%d lines", len(lines))
	}
	login := program[bytes.Index(program, []byte("func (g *gateway) login")):bytes.Index(program, []byte("func right"))]
	if !bytes.Contains(page, bytes.TrimSpace(login)) {
		t.Error("docs/client.md does not show the login of docs/gateway/main.go as it is")
	}
}
