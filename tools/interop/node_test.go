package interop

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// patience is the time within which a test expects an answer of a loaded machine.
const patience = 60 * time.Second

// program is the path of the built program.
var program string

func TestMain(m *testing.M) {
	os.Exit(buildAndRun(m))
}

func buildAndRun(m *testing.M) int {
	dir, err := os.MkdirTemp("", "authledger-interop")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	program = filepath.Join(dir, "authledger")
	build := exec.Command("go", "build", "-o", program, "./cmd/authledger")
	build.Dir = filepath.Join("..", "..")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build the program: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// node is a running `authledger serve` with a data directory of its own.
type node struct {
	t             *testing.T
	data, address string
	log           lockedBuffer
	stop          func() // returns when the process has ended
}

// startNode starts a node that ends with the test.
func startNode(t *testing.T) *node {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	n := &node{t: t, data: t.TempDir(), address: listener.Addr().String()}
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	n.start()
	t.Cleanup(func() {
		n.stop()
		if t.Failed() {
			t.Logf("log of the node:\n%s", n.log.String())
		}
	})
	return n
}

// start starts the process, at first or after stop, and waits until the node is ready.
func (n *node) start() {
	n.t.Helper()
	serve := exec.Command(program, "serve", "--data", n.data, "--listen", n.address)
	serve.Stderr = &n.log
	if err := serve.Start(); err != nil {
		n.t.Fatal(err)
	}
	n.stop = sync.OnceFunc(func() {
		// The process may have ended by itself; Wait then returns at once.
		_ = serve.Process.Signal(os.Interrupt)
		_ = serve.Wait()
	})
	n.await("the node is ready", func() bool {
		answer, err := http.Get(n.url("/readyz"))
		if err != nil {
			return false
		}
		answer.Body.Close()
		return answer.StatusCode == http.StatusOK
	})
}

func (n *node) url(path string) string { return "http://" + n.address + path }

// run runs a command of the program on the node's data directory, and returns its output.
func (n *node) run(args ...string) string {
	n.t.Helper()
	command := exec.Command(program, append(args, "--data", n.data)...)
	var errs bytes.Buffer
	command.Stderr = &errs
	out, err := command.Output()
	if err != nil {
		n.t.Fatalf("authledger %s: %v\n%s", strings.Join(args, " "), err, &errs)
	}
	return strings.TrimSpace(string(out))
}

// token creates a token, whose commands have the source role/name.
func (n *node) token(name, role string) string {
	n.t.Helper()
	return n.run("token", "add", name, "--role", role)
}

// report sends a failed login by its bare data, and returns the number of its record.
func (n *node) report(token, id, user string) uint64 {
	n.t.Helper()
	body := fmt.Sprintf(`{"user":%q,"outcome":"failed","reason":"bad_credentials"}`, user)
	request, err := http.NewRequestWithContext(n.t.Context(), http.MethodPost,
		n.url("/v1/commands/login.report"), strings.NewReader(body))
	if err != nil {
		n.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Idempotency-Key", id)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		n.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	var verdict struct{ Seq uint64 }
	if err == nil {
		err = json.Unmarshal(text, &verdict)
	}
	if answer.StatusCode != http.StatusOK || err != nil {
		n.t.Fatalf("login.report %s: got %d %s, error %v, want 200", id, answer.StatusCode, text, err)
	}
	return verdict.Seq
}

// await polls until a condition holds, and fails the test after [patience].
func (n *node) await(condition string, holds func() bool) {
	n.t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(patience); !holds(); <-tick.C {
		if time.Now().After(end) {
			n.t.Fatalf("timed out after %v, want: %s\n%s", patience, condition, n.log.String())
		}
	}
}

// lockedBuffer collects the log of a process while the test reads it.
type lockedBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}
