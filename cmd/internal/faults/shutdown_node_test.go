//go:build faults

package faults

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"authledger/adapters/tokens/tokenstest"
	"authledger/domain/access"
)

// gatewayNode is a node in a child process, and a gateway that sends it commands.
type gatewayNode struct {
	t     *testing.T
	dir   string
	url   string
	token string
	child *child
	sent  int
	acked []string
	may   int         // status of a refusal that the failure may cause, beside 503
	codes map[int]int // answers, by HTTP status; 0 without an answer
}

func newGatewayNode(t *testing.T, dir string) *gatewayNode {
	t.Helper()
	must(t, os.MkdirAll(dir, 0o700))
	texts, err := tokenstest.WriteLegacy(filepath.Join(dir, "tokens.json"), time.Now(),
		tokenstest.Spec{Name: "gateway", Role: access.Gateway})
	must(t, err)
	g := &gatewayNode{t: t, dir: dir, token: texts[0], codes: make(map[int]int)}
	g.start()
	return g
}

func (g *gatewayNode) start() {
	g.t.Helper()
	address := freeAddress(g.t)
	g.url = "http://" + address
	g.child = startProgram(g.t, "serve", "--data", g.dir, "--listen", address, "--shutdown-timeout",
		shutdownLimit.String())
	ctx, cancel := context.WithTimeout(g.t.Context(), failureWithin)
	defer cancel()
	ready := func() bool { body, err := get(ctx, g.url+"/readyz"); return err == nil && len(body) > 0 }
	if !poll(ctx, ready) {
		g.t.Fatalf("start: got exit code %d, want a ready node: %s", g.child.exitCode(), g.child.errors())
	}
}

// send sends a command and returns the status and whether the verdict is a duplicate's.
func (g *gatewayNode) send(id string) (status int, duplicate bool) {
	g.t.Helper()
	body := fmt.Sprintf(`{"user":"u%s","outcome":"failed","reason":"bad_credentials"}`, id)
	request, err := http.NewRequest(http.MethodPost, g.url+"/v1/commands/login.report", strings.NewReader(body))
	must(g.t, err)
	request.Header.Set("Authorization", "Bearer "+g.token)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Idempotency-Key", id)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, false
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	var verdict struct{ Duplicate bool }
	if err != nil || json.Unmarshal(text, &verdict) != nil {
		return 0, false
	}
	return answer.StatusCode, verdict.Duplicate
}

// sendNext sends a new command. Every answer is a verdict or a 503.
func (g *gatewayNode) sendNext() (status int) {
	g.t.Helper()
	g.sent++
	id := fmt.Sprint("c", g.sent)
	status, _ = g.send(id)
	g.codes[status]++
	switch status {
	case http.StatusOK:
		g.acked = append(g.acked, id)
	case 0, g.may, http.StatusServiceUnavailable:
	default:
		g.t.Errorf("command %s: got status %d, want 200, 503 or no answer", id, status)
	}
	return status
}

func (g *gatewayNode) sendMany(n int) {
	g.t.Helper()
	for range n {
		if status := g.sendNext(); status != http.StatusOK {
			g.t.Fatalf("command to a healthy node: got status %d, want 200: %s", status, g.child.errors())
		}
	}
}

// sendFor sends commands for a duration, or until the node has ended.
func (g *gatewayNode) sendFor(d time.Duration) {
	g.t.Helper()
	for begun := time.Now(); time.Since(begun) < d && g.child.exitCode() == -1; {
		if g.sendNext() != http.StatusOK {
			time.Sleep(10 * time.Millisecond) // the gateway's pause before the next command
		}
	}
}

// wantEnd waits for the end of the node, and checks its exit code and the length of
// its log output.
func (g *gatewayNode) wantEnd(code int, within time.Duration) (took time.Duration) {
	g.t.Helper()
	begun := time.Now()
	select {
	case <-g.child.ended:
	case <-time.After(within):
		g.child.kill()
		g.t.Fatalf("timed out after %v: got a running node, want exit code %d", within, code)
	}
	if got := g.child.exitCode(); got != code {
		g.t.Errorf("end of the node: got exit code %d, want %d: %s", got, code, g.child.errors())
	}
	if n := g.child.stderr.Len(); n > logBytesMax {
		g.t.Errorf("got %d bytes of log lines, want at most %d", n, logBytesMax)
	}
	return time.Since(begun)
}

func (g *gatewayNode) terminate() { must(g.t, g.child.cmd.Process.Signal(syscall.SIGTERM)) }

// wantAll starts the node again, and checks that it has every acknowledged command
// and accepts more.
func (g *gatewayNode) wantAll() {
	g.t.Helper()
	g.start()
	for _, id := range g.acked {
		if status, duplicate := g.send(id); status != http.StatusOK || !duplicate {
			g.t.Errorf("acknowledged command %s, sent again: got status %d, duplicate %t, want its former verdict", id,
				status, duplicate)
		}
	}
	g.sendMany(1)
	g.terminate()
	g.wantEnd(exitDone, shutdownLimit+shutdownSlack)
	_, err := verifyDir(g.dir)
	must(g.t, err)
}
