package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"authledger/cmd/internal/node"
	"authledger/cmd/internal/nodetest"
	"authledger/domain"
	"authledger/eventstore"
)

// way is one of the three ways in which a command reaches its ledger.
type way string

const (
	directory way = "directory" // the command opens the data directory
	socket    way = "socket"    // a node runs on the data directory
	server    way = "server"    // a node answers over HTTP, with a token
)

var ways = []way{directory, socket, server}

// TestWays runs every command in three ways on copies of one ledger and compares the output and
// the exit code.
func TestWays(t *testing.T) {
	t.Parallel()
	checkWayCases(t)
	w := startWays(t)
	for _, c := range wayCases {
		t.Run(strings.TrimSpace(c.command+" "+c.args), func(t *testing.T) {
			results := make(map[way]string)
			for _, by := range ways {
				out, errs, code := w.run(t, by, &c)
				if message := c.not[by]; message != "" {
					want := exitUsage
					if by == directory {
						want = exitFailed
					}
					if code != want || !strings.Contains(errs, message) {
						t.Errorf("%s: got exit code %d and %q, want %d and %q", by, code, errs, want, message)
					}
					continue
				}
				if code != c.code {
					t.Errorf("%s: got exit code %d and %q, want %d", by, code, errs, c.code)
				}
				results[by] = normalOutput(out)
			}
			if c.command == "verify" {
				w.recordVerification(t)
			}
			for _, by := range ways {
				got, isCompared := results[by]
				want := cmp.Or(results[directory], results[socket])
				if isCompared && got != want {
					t.Errorf("%s: got\n%s\nwant\n%s", by, got, want)
				}
			}
		})
	}
	caller := `"caller":"local/` + node.UserName(os.Getuid()) + `"`
	for _, by := range []way{directory, socket} {
		out, errs, _ := w.run(t, by, &wayCase{command: "replay", args: "--from 5 --to 5"})
		if !strings.Contains(out, caller) {
			t.Errorf("%s: got the record %s %s, want %s", by, out, errs, caller)
		}
	}
}

// recordVerification records a verification in the directory without a node, as the nodes of the other
// ways record theirs, so that the three ledgers have the same number of records.
func (w *threeWays) recordVerification(t *testing.T) {
	t.Helper()
	n, err := node.Open(t.Context(), node.Options{
		Dir: w.dirs[directory], Realm: realmDefault, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	v, err := n.Ledger.Do(t.Context(), domain.NewAuditVerify(t.Name(), domain.AuditVerify{
		Verifier: "op", Role: "operator", Result: domain.VerificationIntact, From: 1, To: 1}))
	if err := errors.Join(err, n.Close()); err != nil || v.Status != domain.Accepted {
		t.Fatalf("record a verification: got %+v, %v, want accepted", v, err)
	}
}

// checkWayCases fails for a command that reads the data directory and is in no case.
func checkWayCases(t *testing.T) {
	t.Helper()
	for name, read := range settingsRead {
		isTested := slices.ContainsFunc(wayCases, func(c wayCase) bool { return c.command == name })
		if slices.Contains(read, "data") && !isTested && waysElsewhere[name] == "" {
			t.Errorf("`authledger %s` reads the data directory: add it to wayCases", name)
		}
		if slices.Contains(read, "server") && !slices.Contains(read, "data") && name != "context add" {
			t.Errorf("`authledger %s` reaches a node and no data directory", name)
		}
	}
}

// normalOutput replaces the parts of an output that differ from run to run or by the caller: times,
// durations, rates, new secrets, and the name and the source of the caller.
func normalOutput(text string) string {
	for _, r := range []struct{ pattern, by string }{
		{`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z`, "TIME"},
		{`("seconds"|"perSecond"):[0-9.e+-]+`, "$1:N"},
		{`(duration|rate) +[0-9].*`, "$1 N"},
		{`\b[0-9a-f]{64}\b`, "HASH"}, // of commits, whose times differ
		{`"(source|caller)":"[^"]*"`, `"$1":"CALLER"`},
		{`(?m)^(source +).*$`, "${1}CALLER"},
		{`"(scrubbed|rounds|compared)":\d+`, `"$1":N`},
		{`al_[0-9a-f]+_[\w-]+`, "TOKEN"},
		{`whsec_[\w+/=]+`, "SECRET"},
	} {
		text = regexp.MustCompile(r.pattern).ReplaceAllString(text, r.by)
	}
	return text
}

// threeWays are the copies of one ledger, with a node on two of them.
type threeWays struct {
	dirs   map[way]string
	url    string            // of the node of the way server
	tokens map[string]string // by role
	work   string            // the working directory of the commands
}

// startWays builds a ledger, copies it, and starts the nodes.
func startWays(t *testing.T) *threeWays {
	t.Helper()
	base := t.TempDir()
	w := &threeWays{dirs: make(map[way]string), tokens: make(map[string]string), work: base}
	mustDo(t, os.WriteFile(filepath.Join(base, "empty"), nil, 0o600))
	w.dirs[directory] = filepath.Join(base, "ledger")
	for _, role := range []string{"gateway", "support", "officer", "auditor", "dashboard", "operator"} {
		source := role + "/" + role
		if role == "gateway" {
			source = "cli" // of `do` in a directory, so that the ids of its commands are equal
		}
		args := []string{"token", "add", role, "--role", role, "--source", source, "--data", w.dirs[directory]}
		out, errs, code := w.exec(t, nil, args...)
		if code != 0 {
			t.Fatalf("token add %s: %s", role, errs)
		}
		w.tokens[role] = strings.TrimSpace(out)
	}
	for _, command := range []string{
		"login.report user=alice outcome=failed reason=bad_credentials ip=192.0.2.7",
		"login.report user=bob outcome=succeeded",
		"device.request user=alice device=d-2 class=security_code_card purpose=new balanceUsd=1000000",
		// The passcode is live for days. A code that expires during the test would add a record of a timer to the
		// ledgers of the running nodes only.
		"identity.verify user=alice agent=ann channel=phone",
		"code.issue user=alice code=c-1 kind=temp_passcode agent=ann",
	} {
		args := append(strings.Fields("do "+command), "--data", w.dirs[directory])
		if _, errs, code := w.exec(t, nil, args...); code != 0 {
			t.Fatalf("do %s: %s", command, errs)
		}
	}
	for _, by := range []way{socket, server} {
		w.dirs[by] = filepath.Join(base, string(by))
		mustDo(t, nodetest.CopyDirectory(w.dirs[by], w.dirs[directory]))
	}
	w.serve(t, socket)
	w.url = w.serve(t, server)
	return w
}

// serve starts a node on the ledger of a way, and returns its URL when it is ready.
func (w *threeWays) serve(t *testing.T, by way) (url string) {
	t.Helper()
	listen, nats := unusedAddress(t), unusedAddress(t)
	c := exec.Command("authledger", "serve", "--data", w.dirs[by], "--listen", listen, "--nats-listen", nats)
	var log bytes.Buffer
	c.Env, c.Stderr = w.environment(nil), &log
	mustDo(t, c.Start())
	t.Cleanup(func() {
		mustDo(t, c.Process.Signal(syscall.SIGTERM))
		if err := c.Wait(); err != nil {
			t.Errorf("node of the way %s: %v\n%s", by, err, &log)
		}
	})
	for {
		if _, err := get(t.Context(), "http://"+listen+"/readyz"); err == nil {
			return "http://" + listen
		}
		if t.Context().Err() != nil {
			t.Fatalf("the node of the way %s is not ready: %s", by, &log)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func unusedAddress(t *testing.T) string {
	t.Helper()
	address, err := node.UnusedAddress()
	if err != nil {
		t.Fatal(err)
	}
	return address
}

// run runs a case in one way.
func (w *threeWays) run(t *testing.T, by way, c *wayCase) (out, errs string, code int) {
	t.Helper()
	args := append(strings.Fields(c.command), strings.Fields(c.args)...)
	if by != directory && c.command == "verify" {
		w.awaitHead(t, by)
	}
	if by == server {
		token := "AUTHLEDGER_TOKEN=" + w.tokens[c.role]
		return w.exec(t, []string{"AUTHLEDGER_SERVER=" + w.url, token}, args...)
	}
	return w.exec(t, nil, append(args, "--data", w.dirs[by])...)
}

// awaitHead waits until the head of a running node names the newest record, as in a directory
// without a node.
func (w *threeWays) awaitHead(t *testing.T, by way) {
	t.Helper()
	want, err := eventstore.HeadAt(w.dirs[directory])
	mustDo(t, err)
	for t.Context().Err() == nil {
		if at, err := eventstore.HeadAt(w.dirs[by]); err == nil && at.Seq >= want.Seq {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatalf("the head of the way %s does not reach record %d", by, want.Seq)
}

func (w *threeWays) environment(more []string) []string {
	return append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + w.work}, more...)
}

func (w *threeWays) exec(t *testing.T, environment []string, args ...string) (out, errs string, code int) {
	t.Helper()
	c := exec.Command("authledger", args...)
	var stdout, stderr bytes.Buffer
	c.Dir, c.Env, c.Stdout, c.Stderr = w.work, w.environment(environment), &stdout, &stderr
	var exit *exec.ExitError
	if err := c.Run(); errors.As(err, &exit) {
		code = exit.ExitCode()
	} else if err != nil {
		t.Fatal(fmt.Errorf("run %v: %w", args, err))
	}
	return stdout.String(), stderr.String(), code
}
