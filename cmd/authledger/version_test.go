package main

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestVersionFlag sets the version of a release with the linker, as deploy/build.sh does. Package
// buildinfo tests builds without that setting.
func TestVersionFlag(t *testing.T) {
	if testing.Short() {
		t.Skip("links the program")
	}
	program := filepath.Join(t.TempDir(), "authledger")
	build := exec.Command("go", "build", "-ldflags", "-X authledger/cmd/internal/buildinfo.version=v0.1.0",
		"-o", program, ".")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	out, err := exec.Command(program, "--version").Output()
	if got := strings.TrimSpace(string(out)); err != nil || got != "v0.1.0" {
		t.Errorf("authledger --version: got %q, %v, want v0.1.0", got, err)
	}
}
