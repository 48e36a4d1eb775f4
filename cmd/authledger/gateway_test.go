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

	"authledger/adapters/client"
	"authledger/domain"
	"authledger/domain/access"
)

// TestExampleGateway builds docs/gateway, the example of docs/client.md, and sends it the requests of
// a browser. The example uses the ledger over HTTP and over NATS.
func TestExampleGateway(t *testing.T) {
	program := buildGateway(t)
	t.Run("over HTTP", func(t *testing.T) {
		s := serveHere(t)
		tryGateway(t, s.client(t, access.Gateway, nil),
			startGateway(t, program, "AUTHLEDGER_SERVER="+s.edge.URL(), "AUTHLEDGER_TOKEN="+s.tokens[access.Gateway]))
	})
	t.Run("over NATS", func(t *testing.T) {
		s := serveOverNATS(t)
		ledger := "nats://" + s.NATSAddress()
		tryGateway(t, s.client(t, "gateway", ledger),
			startGateway(t, program, "AUTHLEDGER_SERVER="+ledger, "AUTHLEDGER_NAME=gateway",
				"AUTHLEDGER_KEY="+s.keyOf(t, "gateway")))
	})
}

func buildGateway(t *testing.T) (program string) {
	t.Helper()
	program = filepath.Join(t.TempDir(), "gateway")
	build := exec.Command("go", "build", "-ldflags", "-s -w", "-o", program, "../../docs/gateway")
	out, err := build.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return program
}

// isTerminated reports whether SIGTERM ended the example, which does not handle
// signals. A node must end with exit code 0.
func isTerminated(p *exec.Cmd) bool {
	return filepath.Base(p.Path) == "gateway" && p.ProcessState.String() == "signal: terminated"
}

// tryGateway sends requests to the example, after a client has prepared its user and device.
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
	v, err := gateway.Do(t.Context(), "d",
		&domain.DeviceActivate{User: "alice", Device: "d-1", Class: "gold", Method: "portal"})
	if err != nil || !v.Accepted() {
		t.Fatal(v, err)
	}
	for device, of := range map[string]struct{ user, class string }{"c-1": {"bob", "security_code_card"},
		"c-2": {"carol", "security_code_card"}, "g-2": {"carol", "gold"}} {
		if v, err := gateway.Do(t.Context(), device,
			&domain.DeviceActivate{User: of.user, Device: device, Class: of.class, Method: "portal"}); err != nil ||
			!v.Accepted() {
			t.Fatal(v, err)
		}
	}
	for _, c := range []struct {
		id, user, device, amount string
		status                   int
		body                     string
	}{
		{"w-1", "alice", "d-1", "100.00", 200, "approved"},
		{"", "alice", "d-1", "100.00", 403, "bad_field"},
		{"w-2", "alice", "d-9", "100.00", 403, "device_not_active"},
		{"w-3", "bob", "c-1", "300000", 403, "daily_limit"},
		{"w-4", "carol", "c-2", "300000", 403, "daily_limit, try g-2"},
	} {
		if status, body := withdraw(t, url, c.id, c.user, c.device, c.amount); status != c.status ||
			body != c.body {
			t.Errorf("withdrawal %q of %s from %s: got %d %q, want %d %q", c.id, c.amount, c.device, status, body,
				c.status, c.body)
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

func withdraw(t *testing.T, gateway, id, user, device, amount string) (status int, body string) {
	t.Helper()
	answer, err := http.PostForm(gateway+"/withdraw",
		url.Values{"id": {id}, "account": {"A-1"}, "user": {user}, "device": {device}, "amount": {amount}})
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close() // only read from
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, strings.TrimSpace(string(text))
}

// startGateway starts the example, and returns its URL.
func startGateway(t *testing.T, program string, settings ...string) string {
	t.Helper()
	c := exec.Command(program, "127.0.0.1:0")
	c.Env = append(append(os.Environ(), "DEMO_PASSWORD=right"), settings...)
	body, err := c.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Kill() // it may have ended already
		_ = c.Wait()
	})
	lines := bufio.NewScanner(body)
	for lines.Scan() {
		if _, address, ok := strings.Cut(lines.Text(), "listening on "); ok {
			go func() { _, _ = io.Copy(io.Discard, body) }()
			return "http://" + address
		}
	}
	t.Fatal("the gateway ended before it printed its address")
	return ""
}

// TestExampleGateway_MatchesPage checks that docs/client.md contains the login function of the example
// unchanged, and that the example has fewer than 100 lines (issue 5).
func TestExampleGateway_MatchesPage(t *testing.T) {
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
	login := program[bytes.Index(program, []byte("func (g *gateway) login")):bytes.Index(program,
		[]byte("func right"))]
	if !bytes.Contains(page, bytes.TrimSpace(login)) {
		t.Error("docs/client.md does not show the login of docs/gateway/main.go as it is")
	}
}
