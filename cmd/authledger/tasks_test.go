package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"authledger/cmd/internal/node"
	"authledger/domain"
)

// serveLocal opens a node on a directory, with its socket.
func serveLocal(t *testing.T, dir string) (n *node.Node, stop func()) {
	t.Helper()
	where := node.ServerOptions{Listen: "127.0.0.1:0", Log: slog.New(slog.DiscardHandler), Now: time.Now}
	e, err := node.StartServer(where)
	if err != nil {
		t.Fatal(err)
	}
	o := alteredNode(dir)
	o.ScrubRows, o.Locked = false, e.ListenLocal
	if n, err = node.Open(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	e.ServeNode(n)
	return n, func() {
		mustDo(t, e.Shutdown())
		mustDo(t, n.Close())
	}
}

// runLocal runs a command on a data directory.
func runLocal(t *testing.T, dir string, args ...string) (code int, out, errs string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	getenv := func(string) string { return "" }
	code = run(t.Context(), append(args, "--data", dir), strings.NewReader(""), &stdout, &stderr, getenv)
	return code, stdout.String(), stderr.String()
}

// A running node finds a row that was changed while the node was stopped. `rebuild` replaces the
// rows for the next start, after which `verify` finds no fault.
func TestVerifyOfRunningNodeFindsAlteredRow(t *testing.T) {
	dir := writeAllTables(t)
	db := openRows(t, dir)
	deleteRow(t, db, 'l')
	mustDo(t, db.Flush())
	mustDo(t, db.Close())

	_, stop := serveLocal(t, dir)
	code, _, errs := runLocal(t, dir, "verify")
	if code != exitFault || !strings.Contains(errs, "the log is intact, but the projections differ from it") {
		t.Errorf("verify: got exit code %d and %q, want %d and the difference", code, errs, exitFault)
	}
	code, _, errs = runLocal(t, dir, "rebuild")
	if code != exitDone || !strings.Contains(errs, "restart the node, which opens the new projections") {
		t.Errorf("rebuild: got exit code %d and %q, want %d", code, errs, exitDone)
	}
	stop()

	_, stop = serveLocal(t, dir)
	if code, _, errs := runLocal(t, dir, "verify"); code != exitDone {
		t.Errorf("verify after the rebuild: got exit code %d and %q, want %d", code, errs, exitDone)
	}
	stop()
	if code, _, errs := runLocal(t, dir, "verify"); code != exitDone {
		t.Errorf("verify of the stopped node: got exit code %d and %q, want %d", code, errs, exitDone)
	}
}

// While a node decides commands, `verify` ends at a record that the log had at its start or that
// was recorded since, and `rebuild` misses no record.
func TestVerifyBesideTraffic(t *testing.T) {
	dir := writeAllTables(t)
	n, stop := serveLocal(t, dir)
	// The traffic of a round is bounded: on a slow machine, an unbounded traffic appends to the
	// log as fast as the command verifies it.
	const rounds, commands = 5, 200
	permits := make(chan struct{}, (rounds+1)*commands)
	begin := func() {
		for range commands {
			permits <- struct{}{}
		}
	}
	var traffic sync.WaitGroup
	traffic.Go(func() {
		i := 0
		for range permits {
			user := fmt.Sprint("user", i%50)
			report := domain.LoginReport{User: user, Outcome: domain.Failed, Reason: "bad_credentials"}
			v, err := n.Ledger.Do(t.Context(), domain.Command{
				Source: "traffic", ID: fmt.Sprint("t-", i), Time: time.Now(), Caller: "traffic", Data: &report,
			})
			if err != nil || v.Status == domain.Invalid {
				t.Errorf("command %d: %+v, %v", i, v, err)
				return
			}
			i++
		}
	})
	for range rounds {
		begin()
		from := n.Rows.Position().Seq
		code, out, errs := runLocal(t, dir, "verify", "--json")
		var v node.Verified
		err := json.Unmarshal([]byte(out), &v)
		if code != exitDone || err != nil || v.End.Seq < from || v.Records != v.End.Seq {
			t.Errorf("verify: got exit code %d, %s %s, want a position of at least %d", code, out, errs, from)
		}
	}
	begin()
	if code, _, errs := runLocal(t, dir, "rebuild"); code != exitDone {
		t.Errorf("rebuild: got exit code %d and %q, want %d", code, errs, exitDone)
	}
	close(permits)
	traffic.Wait()
	last := n.Rows.Position().Seq
	stop()
	code, out, errs := runLocal(t, dir, "verify", "--json")
	if want := fmt.Sprintf(`"records":%d,`, last); code != exitDone || !strings.Contains(out, want) {
		t.Errorf("verify of the stopped node: got exit code %d, %s %s, want %s", code, out, errs, want)
	}
}

// The answer of a node that is not trusted neither ends the program nor writes commands to the
// terminal.
func TestTaskOfUntrustedNode(t *testing.T) {
	const difference = `{"difference":{"seq":1,"time":"\u001b[1m","entity":"\u001b[2m","type":"\u001b[3m",` +
		`"was":{"status":"\u001b[4m"},"would":{"events":["\u001b[5m"]}}}` + "\n"
	const problem = `{"type":"/problems/\u001b[6m","detail":"\u001b[7m\u0007"}`
	const failed = `{"problem":{"detail":"\u001b[8m"}}` + "\n"
	for _, test := range []struct {
		name, answer string
		status, code int
		args         []string
		want         string
	}{
		{"difference", difference + `{"done":{}}` + "\n", 200, exitDone,
			[]string{"policy", "what-if", "--preset", "nist-800-63b"}, `\x1b[1m  \x1b[2m  \x1b[3m`},
		{"unexpected difference", difference, 200, exitFailed, []string{"verify"}, "invalid answer"},
		{"problem", problem, 403, exitFailed, []string{"verify"}, `\x1b[6m: \x1b[7m\a`},
		{"failed task", failed, 200, exitFailed, []string{"rebuild"}, `\x1b[8m`},
		{"problem of a query", problem, 403, exitFailed, []string{"show", "lockout", "alice"},
			`\x1b[6m: \x1b[7m\a`},
		{"table", `{"items":[{"source":"\u001b[9m"}]}`, 200, exitDone, []string{"show", "sources"}, `\x1b[9m`},
		{"explanation", `{"says":"\u001b[9m"}`, 200, exitDone, []string{"why", "1"}, `\x1b[9m`},
	} {
		t.Run(test.name, func(t *testing.T) {
			untrusted := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(test.status)
				_, _ = io.WriteString(w, test.answer) // the command reports an incomplete answer
			}))
			defer untrusted.Close()
			var out, errs bytes.Buffer
			args := append(test.args, "--server", untrusted.URL)
			getenv := func(string) string { return "" }
			code := run(t.Context(), args, strings.NewReader(""), &out, &errs, getenv)
			printed := out.String() + errs.String()
			if code != test.code || !strings.Contains(printed, test.want) || strings.ContainsAny(printed, "\x1b\a") {
				t.Errorf("got exit code %d and %q, want %d, %q and no control characters", code, printed,
					test.code, test.want)
			}
		})
	}
}
