package httpapi

import (
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"

	"authledger/domain/access"
)

const formType = "application/x-www-form-urlencoded"

// curlLine returns the curl command in the detail of a problem.
func curlLine(t *testing.T, r reply) string {
	t.Helper()
	var p problemBody
	if err := json.Unmarshal([]byte(r.body), &p); err != nil {
		t.Fatal(err)
	}
	_, line, ok := strings.Cut(p.Detail, "for example: ")
	if !ok || !strings.HasPrefix(line, "curl ") {
		t.Fatalf("got detail %q, want one with a curl command", p.Detail)
	}
	return line
}

// The problem for the body of a form, or for no body, shows a command that works.
func TestCurlLineOfProblemWorks(t *testing.T) {
	s := newTestServer(t)
	for _, c := range []struct {
		name        string
		role        access.Role
		path, kind  string
		body        string
		status      int
		want, holds string
	}{
		{"form", access.Gateway, "/v1/commands/login.report", formType, `{"user":"hunter2"}`, 415,
			`"status":"accepted"`, "-H 'Content-Type: application/json'"},
		{"form with a charset", access.Gateway, "/v1/commands/login.report", formType + "; charset=utf-8",
			"hunter2", 415, `"status":"accepted"`, "got a form, which curl -d sends by default"},
		{"text", access.Gateway, "/v1/commands/code.issue", "text/plain", "hunter2", 415, `"seq":`,
			"-H 'Content-Type: application/json'"},
		{"unknown type", access.Gateway, "/v1/commands/hunter2", formType, "", 415, `"status":"accepted"`,
			"/v1/commands/login.report"},
		{"no body", access.Gateway, "/v1/commands/login.begin", "", "", 400, `"status":"accepted"`,
			"-H 'Content-Type: application/json'"},
		{"blank body", access.Gateway, "/v1/commands/login.begin", "application/json", " \n", 400,
			`"reason":"attempt_open"`, "-H 'Content-Type: application/json'"},
		{"event", access.Gateway, "/v1/commands", formType, `{"user":"hunter2"}`, 415, `"status":"accepted"`,
			"-H 'Content-Type: application/cloudevents+json'"},
		{"event of an officer", access.Officer, "/v1/commands", formType, "", 415, `"seq":`, "policy.adopt"},
		{"no event", access.Gateway, "/v1/commands", "application/cloudevents+json", "", 400, `"status":"accepted"`,
			"-H 'Content-Type: application/cloudevents+json'"},
	} {
		t.Run(c.name, func(t *testing.T) {
			headers := []string{"Idempotency-Key", "a"}
			if c.kind != "" {
				headers = append(headers, "Content-Type", c.kind)
			}
			r := s.request(c.role, "POST", c.path, c.body, headers...)
			r.want(t, c.status, c.holds)
			if strings.Contains(r.body, "hunter2") || strings.Contains(r.body, s.token[c.role]) {
				t.Errorf("got %s, want neither the request's text nor its token", r.body)
			}
			if got := runCurl(t, curlLine(t, r), s.token[c.role]); !strings.Contains(got, c.want) {
				t.Errorf("%s: got %s, want it to contain %s", curlLine(t, r), got, c.want)
			}
		})
	}
}

// runCurl runs a command in a shell with the variable TOKEN.
func runCurl(t *testing.T, line, token string) string {
	t.Helper()
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("NOT RUN: curl is not installed")
	}
	c := exec.CommandContext(t.Context(), "sh", "-c", line)
	c.Env = append(os.Environ(), "TOKEN="+token)
	out, err := c.Output()
	if err != nil {
		t.Errorf("%s: %v", line, err)
	}
	return string(out)
}

// A shell does not interpret the host of the request, and the token never crosses a network in
// clear text because of the example.
func TestCurlLineAddress(t *testing.T) {
	s := newTestServer(t)
	for _, c := range []struct{ host, want string }{
		{"127.0.0.1:8080", "http://127.0.0.1:8080/"},
		{"localhost", "http://localhost/"},
		{"ledger:8080", "http://ledger:8080/"},
		{"[::1]:8080", "http://[::1]:8080/"},
		{"ledger.example", "https://ledger.example/"},
		{"ledger.example:8443", "https://ledger.example:8443/"},
		{"$(reboot)", "http://127.0.0.1:8080/"},
		{"a'b", "http://127.0.0.1:8080/"},
		{"a;b", "http://127.0.0.1:8080/"},
	} {
		c0 := &call{caller: &access.Caller{Role: access.Gateway}, route: &commandRoutes[0]}
		r, err := http.NewRequest("POST", s.url+commandsPath, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Host = c.host
		if got := c0.curlExample(r); !strings.Contains(got, "curl "+c.want) {
			t.Errorf("host %s: got %s, want %s", c.host, got, c.want)
		}
	}
}
