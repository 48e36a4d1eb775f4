package interop

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	_ "github.com/oapi-codegen/runtime" // the generated client imports it
)

// TestGeneratedClient generates a client from the OpenAPI document of a node, compiles it with a
// program that uses it, and runs the program. The program logs two users in and lists them.
func TestGeneratedClient(t *testing.T) {
	n := startNode(t)
	client := n.buildClient()
	run := exec.Command(client, n.url(""))
	gateway, support := n.token("portal", "gateway"), n.token("desk", "support")
	run.Env = append(os.Environ(), "GATEWAY="+gateway, "SUPPORT="+support)
	var errs bytes.Buffer
	run.Stderr = &errs
	got, err := run.Output()
	const want = "login alice accepted accepted remaining 9\nlogin bob accepted accepted remaining 9\n" +
		"user bob locked false\nuser alice locked false\n"
	if err != nil || string(got) != want {
		t.Errorf("the program: got %s, %v, %s, want %s", got, err, &errs, want)
	}
}

// buildClient generates the client, and returns the path of the built program that uses it. Both are
// in a directory with a copy of the module of this package, so that their versions are pinned.
func (n *node) buildClient() (path string) {
	n.t.Helper()
	dir := n.t.TempDir()
	n.copyFile("go.mod", filepath.Join(dir, "go.mod"))
	n.copyFile("go.sum", filepath.Join(dir, "go.sum"))
	n.copyFile(filepath.Join("testdata", "main.go.txt"), filepath.Join(dir, "main.go"))
	n.download("/openapi.json", filepath.Join(dir, "openapi.json"))
	if err := os.Mkdir(filepath.Join(dir, "ledger"), 0o700); err != nil {
		n.t.Fatal(err)
	}
	n.runGo(dir, "tool", "oapi-codegen", "-generate", "types,client", "-package", "ledger",
		"-o", filepath.Join("ledger", "ledger.go"), "openapi.json")
	n.runGo(dir, "build", "-o", "client", ".")
	return filepath.Join(dir, "client")
}

func (n *node) runGo(dir string, args ...string) {
	n.t.Helper()
	command := exec.Command("go", args...)
	command.Dir = dir
	if out, err := command.CombinedOutput(); err != nil {
		n.t.Fatalf("go %v: %v\n%s", args, err, out)
	}
}

func (n *node) copyFile(from, to string) {
	n.t.Helper()
	text, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(to, text, 0o600)
	}
	if err != nil {
		n.t.Fatal(err)
	}
}

func (n *node) download(path, to string) {
	n.t.Helper()
	answer, err := http.Get(n.url(path))
	if err != nil {
		n.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err == nil {
		err = os.WriteFile(to, text, 0o600)
	}
	if err != nil || answer.StatusCode != http.StatusOK {
		n.t.Fatalf("%s: got %d, %v, want 200", path, answer.StatusCode, err)
	}
}
