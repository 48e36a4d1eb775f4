//go:build e2e

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"authledger/cmd/internal/node"
	"authledger/cmd/internal/nodetest"
)

// TestNATSCLI runs the nats commands of docs/nats.md against a node with TLS.
func TestNATSCLI(t *testing.T) {
	cli := filepath.Join(t.TempDir(), "nats")
	if out, err := exec.Command("go", "build", "-modfile=../../tools/go.mod", "-o",
		cli, "github.com/nats-io/natscli/nats").CombinedOutput(); err != nil {
		t.Fatalf("build the nats command: %v\n%s", err, out)
	}
	n := &e2eNode{program: buildProgram(t), data: t.TempDir()}
	keys := t.TempDir()
	for name, role := range map[string]string{"portal": "gateway", "dashboard": "dashboard",
		"auditor": "auditor"} {
		public, err := exec.Command(n.program, "nats", "key", filepath.Join(keys, name+".nk")).Output()
		if err != nil {
			t.Fatal(err)
		}
		add := exec.Command(n.program, "token", "add", name, "--role", role, "--nkey",
			strings.TrimSpace(string(public)), "--data", n.data)
		if out, err := add.CombinedOutput(); err != nil {
			t.Fatalf("token add: %v\n%s", err, out)
		}
	}
	cert, key := nodetest.WriteCertificate(t, keys, 1)
	address, err := node.UnusedAddress()
	if err != nil {
		t.Fatal(err)
	}
	web, err := node.UnusedAddress()
	if err != nil {
		t.Fatal(err)
	}
	serve := exec.Command(n.program, "serve", "--data", n.data, "--listen", web, "--nats-listen", address,
		"--tls-cert", cert, "--tls-key", key)
	startProcess(t, serve)
	run := func(line string) (string, error) {
		typed := exec.Command("bash", "-c",
			strings.Replace(line, "nats ", cli+" -s tls://"+address+" --tlsca "+cert+" ", 1))
		typed.Dir = keys
		out, err := typed.CombinedOutput()
		return string(out), err
	}
	waitUntil(t, "the node is ready", func() bool {
		out, err := run("nats --inbox-prefix _INBOX.portal --nkey portal.nk req --timeout 1s " +
			"ledger.main.query.portal.policy '{}'")
		return err == nil && strings.Contains(out, "ibkr-sls")
	})
	page, err := os.ReadFile(filepath.Join(root, "docs", "nats.md"))
	if err != nil {
		t.Fatal(err)
	}
	lines, shown := 0, false
	for line := range strings.Lines(string(page)) {
		if strings.HasPrefix(line, "```") {
			shown = strings.TrimSpace(line) == "```nats"
			continue
		}
		if !shown {
			continue
		}
		lines++
		out, err := run(strings.TrimSpace(line))
		if err != nil || strings.Contains(out, "Nats-Service-Error") ||
			strings.Contains(strings.ToLower(out), "violation") {
			t.Errorf("$ %s: got %v, want an answer without an error:\n%s", strings.TrimSpace(line), err, out)
		}
		t.Logf("$ %s%s", line, out)
	}
	if lines < 9 {
		t.Errorf("commands on docs/nats.md: got %d, want at least 9", lines)
	}
	out, _ := run("nats --inbox-prefix _INBOX.portal --nkey portal.nk req --timeout " +
		"2s ledger.main.query.auditor.records '{}'")
	if !strings.Contains(strings.ToLower(out), "violation") {
		t.Errorf("query as the auditor with a gateway's key: got %s, want a permissions violation", out)
	}
	if out, err := exec.Command(cli, "-s", "tls://"+address, "--nkey", filepath.Join(keys, "portal.nk"),
		"rtt").CombinedOutput(); !strings.Contains(string(out), "failed to verify certificate") {
		t.Errorf("connect without the certificate authority: got %v, %s, want a failed verification", err, out)
	}
}
