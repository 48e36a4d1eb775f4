//go:build e2e

package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"authledger/cmd/internal/node"
)

// loginPage checks the passwords of requests that the gate allows, and reports each outcome to the
// node.
type loginPage struct {
	t       *testing.T
	node    *e2eNode
	token   string
	checked atomic.Int64 // passwords
}

func (p *loginPage) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.checked.Add(1)
	user, password, _ := r.BasicAuth()
	attempt := r.Header.Get("X-Login-Attempt")
	outcome := `"succeeded"`
	if password != "right" {
		outcome = `"failed","reason":"bad_credentials"`
	}
	status, body, err := p.node.command(r.Context(), p.token, "login.finish", "finish-"+attempt,
		fmt.Sprintf(`{"user":%q,"attempt":%q,"outcome":%s}`, user, attempt, outcome))
	if err != nil || status != http.StatusOK {
		p.t.Errorf("login.finish of %s: got status %d, %v, want 200: %s", user, status, err, body)
	}
	if password != "right" || !strings.Contains(body, `"status":"accepted"`) {
		http.Error(w, "wrong password", http.StatusUnauthorized)
		return
	}
	fmt.Fprintln(w, "welcome")
}

// TestNGINX runs nginx in front of a login page, with the configuration of docs/gateways.md. After
// the tenth wrong password no password of the user reaches the page, also with concurrent requests
// (LOGIN-2, LOCK-1, LOCK-3, LOCK-6).
func TestNGINX(t *testing.T) {
	node := startE2E(t)
	page := &loginPage{t: t, node: node, token: node.token(t, "page", "gateway")}
	behind := httptest.NewServer(page)
	defer behind.Close()
	proxy := startNGINX(t, node, behind.URL)

	challengedThroughProxy(t, proxy)
	if page.checked.Load() != 0 {
		t.Errorf("%d requests without credentials reached the page, want 0", page.checked.Load())
	}
	if status, _ := logInThroughProxy(t, proxy, "bob", "right"); status != http.StatusOK ||
		page.checked.Load() != 1 {
		t.Fatalf("right password: got status %d and %d checked passwords, want 200 and 1", status,
			page.checked.Load())
	}
	page.checked.Store(0)
	const guesses, rounds = 64, 4
	refused := guessThroughProxy(t, proxy, guesses, rounds)
	if got := page.checked.Load(); got != 10 {
		t.Errorf("%d wrong passwords reached the page, want 10", got)
	}
	if refused != guesses*rounds-10 {
		t.Errorf("got %d of %d guesses refused, want all but 10", refused, guesses*rounds)
	}
	status, header := logInThroughProxy(t, proxy, "alice", "right")
	if status != http.StatusForbidden || header.Get("Retry-After") != "" || header.Get("X-Login-Reason") != "" {
		t.Errorf("right password of a locked user: got status %d, headers %v, want 403 without details",
			status, header)
	}
	if status, _ := logInThroughProxy(t, proxy, "Alice!", "right"); status != http.StatusForbidden {
		t.Errorf("invalid user name: got status %d, want 403", status)
	}
	if page.checked.Load() != 10 {
		t.Errorf("guesses of a locked user: got %d checked passwords, want 10", page.checked.Load())
	}
	t.Logf("%d guesses at once, %d times: 10 reached the page, %d refused", guesses, rounds, refused)
}

// challengedThroughProxy sends requests without credentials, as a browser does first,
// and fails unless each answer makes the browser prompt.
func challengedThroughProxy(t *testing.T, proxy string) {
	t.Helper()
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodDelete} {
		request, err := http.NewRequestWithContext(t.Context(), method, proxy+"/login", nil)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close() // only read from
		challenge := answer.Header.Get("WWW-Authenticate")
		if answer.StatusCode != http.StatusUnauthorized || !strings.HasPrefix(challenge, "Basic ") {
			t.Errorf("%s without credentials: got %d, WWW-Authenticate %q, want 401 with a Basic challenge", method,
				answer.StatusCode, challenge)
		}
	}
}

// guessThroughProxy tries wrong passwords, many at once, until every round is answered, and
// counts what the gate refused.
func guessThroughProxy(t *testing.T, proxy string, guesses, rounds int) (refused int64) {
	var count atomic.Int64
	for range rounds {
		var group sync.WaitGroup
		for i := range guesses {
			group.Go(func() {
				status, _ := logInThroughProxy(t, proxy, "alice", fmt.Sprint("wrong", i))
				if status == http.StatusForbidden {
					count.Add(1)
				}
			})
		}
		group.Wait()
	}
	return count.Load()
}

func logInThroughProxy(t *testing.T, proxy, user, password string) (int, http.Header) {
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, proxy+"/login", nil)
	if err != nil {
		t.Error(err)
		return 0, nil
	}
	request.SetBasicAuth(user, password)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Error(err)
		return 0, nil
	}
	defer answer.Body.Close() // only read from
	_, _ = io.Copy(io.Discard, answer.Body)
	return answer.StatusCode, answer.Header
}

// startNGINX starts nginx with the configuration of docs/gateways.md.
func startNGINX(t *testing.T, ledger *e2eNode, page string) (proxy string) {
	t.Helper()
	text, err := os.ReadFile("../../docs/gateways.md")
	if err != nil {
		t.Fatal(err)
	}
	_, conf, ok := strings.Cut(string(text), "```nginx\n")
	conf, _, closed := strings.Cut(conf, "```")
	if !ok || !closed {
		t.Fatal("docs/gateways.md: got no block of kind nginx, want one")
	}
	listen, err := node.UnusedAddress()
	if err != nil {
		t.Fatal(err)
	}
	for from, to := range map[string]string{
		"127.0.0.1:8080": strings.TrimPrefix(ledger.url, "http://"), "127.0.0.1:8000": listen,
		"127.0.0.1:8001": strings.TrimPrefix(page, "http://"), "TOKEN": ledger.token(t, "gate", "gateway"),
	} {
		if !strings.Contains(conf, from) {
			t.Fatalf("nginx block of docs/gateways.md: got no %s, want one to replace", from)
		}
		conf = strings.ReplaceAll(conf, from, to)
	}
	dir := t.TempDir()
	whole := fmt.Sprintf("pid %[1]s/pid;\nerror_log %[1]s/error.log warn;\nevents {}\nhttp {\naccess_log off;\n",
		dir)
	for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		whole += fmt.Sprintf("%s_temp_path %s/%s;\n", kind, dir, kind)
	}
	path := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(path, []byte(whole+conf+"}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	nginx := exec.Command("nginx", "-c", path, "-e", filepath.Join(dir, "error.log"), "-g", "daemon off;")
	nginx.Stderr = os.Stderr
	startProcess(t, nginx)
	waitUntil(t, "nginx answers", func() bool {
		answer, err := http.Get("http://" + listen + "/")
		if err == nil {
			answer.Body.Close()
		}
		return err == nil
	})
	return "http://" + listen
}
