//go:build e2e

package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"authledger/adapters/tokens"
	"authledger/cmd/internal/node"
)

// atRoot runs a command in the root of the project, and returns its output. The command must succeed.
func atRoot(t *testing.T, environment []string, name string, args ...string) string {
	t.Helper()
	c := exec.Command(name, args...)
	c.Dir, c.Env = "../..", append(os.Environ(), environment...)
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// TestCompose builds the image and starts it with docker-compose.yml. It sends commands, kills the
// container and starts it again: no command may be lost or recorded twice.
func TestCompose(t *testing.T) {
	address, err := node.UnusedAddress()
	if err != nil {
		t.Fatal(err)
	}
	project := fmt.Sprint("authledger-e2e-", os.Getpid())
	env := []string{"IMAGE=" + project + ":test", "PORT=" + address[strings.LastIndex(address, ":")+1:],
		"COMPOSE_PROJECT_NAME=" + project, "DOCKER_BUILDKIT=0"}
	atRoot(t, env, "sh", "deploy/build.sh")
	t.Cleanup(func() { atRoot(t, nil, "docker", "image", "rm", "--force", project+":test") })
	t.Cleanup(func() { atRoot(t, env, "docker-compose", "down", "--volumes", "--timeout", "10") })
	atRoot(t, env, "docker-compose", "up", "--detach", "node")
	container := strings.TrimSpace(atRoot(t, env, "docker-compose", "ps", "--quiet", "node"))
	healthy(t, container)
	token := lastLine(atRoot(t, env, "docker", "exec", container, "/authledger", "token", "add", "portal",
		"--role", "gateway"))
	node := &e2eNode{url: "http://" + address}
	report := func(id string) string {
		status, body, err := node.command(t.Context(), token, "login.report", id,
			`{"user":"alice","outcome":"failed","reason":"bad_credentials"}`)
		if err != nil || status != 200 {
			t.Fatalf("login.report %s: got status %d, %v, want 200: %s", id, status, err, body)
		}
		return body
	}
	for i := range 10 {
		report(fmt.Sprint("e-", i))
	}
	before := node.lockout(t, token, "alice")
	if !strings.Contains(before, `"locked":true`) {
		t.Fatalf("lockout of alice after 10 failures: got %s, want locked", before)
	}
	atRoot(t, nil, "docker", "kill", "--signal", "KILL", container)
	atRoot(t, env, "docker-compose", "up", "--detach", "node")
	container = strings.TrimSpace(atRoot(t, env, "docker-compose", "ps", "--quiet", "node"))
	healthy(t, container)
	if after := node.lockout(t, token, "alice"); after != before {
		t.Errorf("lockout of alice after the kill: got %s, want %s as before it", after, before)
	}
	if again := report("e-9"); !strings.Contains(again, `"duplicate":true`) {
		t.Errorf("login.report e-9, sent twice: got %s, want a duplicate", again)
	}
	t.Logf("%s",
		atRoot(t, nil, "docker", "ps", "--filter", "id="+container, "--format", "{{.Status}} {{.Ports}} {{.Size}}"))
}

func lastLine(text string) string {
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "al_") {
			return strings.TrimSpace(strings.SplitN(line, "authledger:", 2)[0])
		}
	}
	return ""
}

func healthy(t *testing.T, container string) {
	t.Helper()
	waitUntil(t, "the container is healthy", func() bool {
		out, err := exec.Command("docker", "inspect", "--format", "{{.State.Health.Status}}", container).Output()
		return err == nil && strings.TrimSpace(string(out)) == "healthy"
	})
}

func (n *e2eNode) lockout(t *testing.T, token, user string) string {
	t.Helper()
	status, body, err := n.get(t.Context(), token, "/v1/users/"+user+"/lockout")
	if err != nil || status != 200 {
		t.Fatalf("lockout of %s: got status %d, %v, want 200: %s", user, status, err, body)
	}
	return body
}

// TestUnit checks that systemd accepts the units, and that the processes that they start become
// ready.
func TestUnit(t *testing.T) {
	program := buildProgram(t)
	for _, name := range []string{"authledger.service", "authledger-nats.service"} {
		t.Run(name, func(t *testing.T) {
			unit, err := os.ReadFile(filepath.Join(root, "deploy", name))
			if err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(t.TempDir(), name)
			text := strings.ReplaceAll(string(unit), "/usr/local/bin/authledger", program)
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			if out := atRoot(t, nil, "systemd-analyze", "verify", path); strings.Contains(out, name) {
				t.Errorf("systemd-analyze verify: got messages about %s, want none: %s", name, out)
			}
			t.Log(lastOf(atRoot(t, nil, "systemd-analyze", "security", "--offline=yes", "--threshold=30", path)))
			startUnit(t, text)
		})
	}
}

// startUnit runs the command of a unit with the unit's environment, but with free addresses and a
// temporary directory. The process must become ready, and end without an error after SIGTERM.
func startUnit(t *testing.T, unit string) {
	t.Helper()
	public, err := tokens.MakeKey(filepath.Join(t.TempDir(), "node.nk"))
	if err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"NODE_KEY": public}
	var start string
	for line := range strings.Lines(unit) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		switch name {
		case "ExecStart":
			start = value
		case "Environment":
			name, value, _ := strings.Cut(value, "=")
			env[name] = value
		}
	}
	for name, at := range map[string]string{"AUTHLEDGER_DATA": t.TempDir(),
		"AUTHLEDGER_NATS_LISTEN": "127.0.0.1:0"} {
		if _, isSet := env[name]; isSet {
			env[name] = at
		}
	}
	env["AUTHLEDGER_LISTEN"] = "127.0.0.1:0"
	args := strings.Fields(os.Expand(start, func(name string) string { return env[name] }))
	c := exec.Command(args[0], args[1:]...)
	for name, value := range env {
		c.Env = append(c.Env, name+"="+value)
	}
	log, err := c.StderrPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	lines, ready := bufio.NewScanner(log), false
	for lines.Scan() {
		if strings.Contains(lines.Text(), `"msg":"ready"`) {
			ready = true
			if err := c.Process.Signal(syscall.SIGTERM); err != nil {
				t.Error(err)
			}
		}
	}
	if err := c.Wait(); err != nil || !ready {
		t.Errorf("%v: got ready %t and end %v, want ready and no error", args, ready, err)
	}
}

func lastOf(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}

// TestAlerts checks the alert rules with promtool, for healthy and for faulty nodes.
func TestAlerts(t *testing.T) {
	for _, args := range [][]string{{"check", "rules", "alerts.yml"}, {"check", "config", "prometheus.yml"},
		{"check", "config", "--syntax-only", "scrape-token.yml"},
		{"test", "rules", "alerts_test.yml"}} {
		c := exec.Command("promtool", args...)
		c.Dir = "../../deploy/prometheus"
		if out, err := c.CombinedOutput(); err != nil {
			t.Errorf("promtool %v: %v\n%s", args, err, out)
		}
	}
}

// TestAlertsDashboard checks the syntax of the dashboard's queries: promtool reads them as rules.
func TestAlertsDashboard(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "deploy", "grafana", "authledger.json"))
	if err != nil {
		t.Fatal(err)
	}
	var rules strings.Builder
	rules.WriteString("groups:\n- name: dashboard\n  rules:\n")
	queries := regexp.MustCompile(`"expr": ("(?:[^"\\]|\\.)*")`).FindAllSubmatch(text, -1)
	for i, query := range queries {
		expr := strings.ReplaceAll(string(query[1]), "$__rate_interval", "5m")
		fmt.Fprintf(&rules, "  - {record: 'query:%d', expr: %s}\n", i, expr)
	}
	path := filepath.Join(t.TempDir(), "rules.yml")
	if err := os.WriteFile(path, []byte(rules.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	if out := atRoot(t, nil, "promtool", "check", "rules", path); len(queries) < 30 ||
		!strings.Contains(out, fmt.Sprintf("%d rules found", len(queries))) {
		t.Errorf("got %d queries, want at least 30, all of them valid\n%s", len(queries), out)
	}
}
