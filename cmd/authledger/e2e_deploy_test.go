//go:build e2e

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// atRoot runs a command in the project's root, and wants it to end well.
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

// TestCompose builds the image, starts it as docker-compose.yml says, publishes to
// it, reads from it, kills it, and starts it again: nothing is lost or doubled.
func TestCompose(t *testing.T) {
	address, err := unusedAddress()
	if err != nil {
		t.Fatal(err)
	}
	project := fmt.Sprint("authledger-e2e-", os.Getpid())
	env := []string{"IMAGE=" + project + ":test", "PORT=" + address[strings.LastIndex(address, ":")+1:], "COMPOSE_PROJECT_NAME=" + project, "DOCKER_BUILDKIT=0"}
	atRoot(t, env, "sh", "deploy/build.sh")
	t.Cleanup(func() { atRoot(t, nil, "docker", "image", "rm", "--force", project+":test") })
	t.Cleanup(func() { atRoot(t, env, "docker-compose", "down", "--volumes", "--timeout", "10") })
	atRoot(t, env, "docker-compose", "up", "--detach", "node")
	container := strings.TrimSpace(atRoot(t, env, "docker-compose", "ps", "--quiet", "node"))
	healthy(t, container)
	token := lastLine(atRoot(t, env, "docker", "exec", container, "/authledger", "token", "add", "portal", "--role", "gateway"))
	node := &e2eNode{url: "http://" + address}
	report := func(id string) string {
		status, body, err := node.command(t.Context(), token, "login.report", id, `{"user":"alice","outcome":"failed","reason":"bad_credentials"}`)
		if err != nil || status != 200 {
			t.Fatalf("%s: %d %s %v", id, status, body, err)
		}
		return body
	}
	for i := range 10 {
		report(fmt.Sprint("e-", i))
	}
	before := node.lockout(t, token, "alice")
	if !strings.Contains(before, `"locked":true`) {
		t.Fatal(before)
	}
	atRoot(t, nil, "docker", "kill", "--signal", "KILL", container)
	atRoot(t, env, "docker-compose", "up", "--detach", "node")
	container = strings.TrimSpace(atRoot(t, env, "docker-compose", "ps", "--quiet", "node"))
	healthy(t, container)
	if after := node.lockout(t, token, "alice"); after != before {
		t.Errorf("before the kill %s, after it %s", before, after)
	}
	if again := report("e-9"); !strings.Contains(again, `"duplicate":true`) {
		t.Errorf("sent again: %s", again)
	}
	t.Logf("%s", atRoot(t, nil, "docker", "ps", "--filter", "id="+container, "--format", "{{.Status}} {{.Ports}} {{.Size}}"))
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
		t.Fatalf("%d %s %v", status, body, err)
	}
	return body
}

// TestUnit wants systemd to understand the unit, with the program in its place.
func TestUnit(t *testing.T) {
	unit, err := os.ReadFile("../../deploy/authledger.service")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "authledger.service")
	program := buildProgram(t)
	if err := os.WriteFile(path, []byte(strings.ReplaceAll(string(unit), "/usr/local/bin/authledger", program)), 0o600); err != nil {
		t.Fatal(err)
	}
	if out := atRoot(t, nil, "systemd-analyze", "verify", path); strings.Contains(out, "authledger.service") {
		t.Error(out)
	}
	t.Log(lastOf(atRoot(t, nil, "systemd-analyze", "security", "--offline=yes", "--threshold=30", path)))
}

func lastOf(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}

// TestAlerts has Prometheus's own tool judge the rules, on nodes that are well and
// on nodes that are not.
func TestAlerts(t *testing.T) {
	for _, args := range [][]string{{"check", "rules", "alerts.yml"}, {"check", "config", "prometheus.yml"}, {"test", "rules", "alerts_test.yml"}} {
		c := exec.Command("promtool", args...)
		c.Dir = "../../deploy/prometheus"
		if out, err := c.CombinedOutput(); err != nil {
			t.Errorf("promtool %v: %v\n%s", args, err, out)
		}
	}
}
