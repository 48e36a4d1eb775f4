package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
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

// wayCase is a command line that runs in each way on a copy of one ledger. The output and the
// exit code must be equal, byte for byte.
type wayCase struct {
	command string // an entry of settingsRead that reads the data directory
	args    string // after the command, split at blanks
	role    string // of the token of the way server
	code    int    // exit code

	// not holds the ways in which the command must end with exit code 2 and a message.
	not map[way]string
}

var (
	onlyDirectory = map[way]string{socket: "can't go through the node that runs on", server: "works with the data directory of this machine only"}
	noServer      = map[way]string{server: "works with the data directory of this machine only"}
)

// wayCases lists every command that reads a ledger. The commands that write come first, because
// the reads of the role auditor append records to the ledger of the way server.
var wayCases = []wayCase{
	{command: "do", args: "login.report user=alice outcome=failed reason=bad_credentials --id w-1", role: "gateway"},
	{command: "do", args: "login.report user=alice outcome=failed reason=bad_credentials --id w-1 --json", role: "gateway"},
	{command: "do", args: "login.report user=alice outcome=failed reason=bad_luck --id w-2 --json", role: "gateway", code: 1},
	{command: "do", args: "login.report user=ALICE! outcome=succeeded --id w-3", role: "gateway"},
	{command: "do", args: "device.activate user=alice device=d-1 class=security_code_card method=portal --id w-4", role: "gateway"},
	{command: "do", args: "withdrawal.request withdrawal=w-1 account=A-1 user=alice device=d-9 amount=1.00 currency=USD --id w-5", role: "gateway"},
	{command: "do", args: "login.report user=alice --id w-6 --source cli --time 2020-01-01T00:00:00Z outcome=succeeded", code: 1, role: "gateway",
		not: map[way]string{server: "omit --source, --time and --backfill"}},
	{command: "policy adopt", args: "--preset posix-host --by officer --id w-7", role: "officer"},
	{command: "import", args: "--from cloudevents empty", not: onlyDirectory},

	{command: "show lockout", args: "alice", role: "support"},
	{command: "show lockout", args: "alice --json", role: "support"},
	{command: "show lockout", args: "alice --as-of 2 --json", role: "support"},
	{command: "show lockout", args: "alice --at 2030-01-01T00:00:00Z", role: "support"},
	{command: "show lockout", args: "alice --as-of 99", role: "support", code: 1},
	{command: "show lockout", args: "Al!ce", role: "support", code: 2},
	{command: "show lockout", args: "alice --at never", role: "support", code: 2},
	{command: "show lockouts", role: "support"},
	{command: "show lockouts", args: "--json --limit 1", role: "support"},
	{command: "show devices", args: "alice", role: "support"},
	{command: "show devices", args: "alice --json", role: "support"},
	{command: "show codes", args: "alice", role: "support"},
	{command: "show codes", args: "alice --json --limit 1", role: "support"},
	{command: "show sharings", args: "alice", role: "support"},
	{command: "show sharings", args: "alice --json", role: "support"},
	{command: "show withdrawals", args: "A-1", role: "support"},
	{command: "show withdrawals", args: "A-1 --json", role: "support"},
	{command: "show withdrawals", args: "A-1! --json", role: "support", code: 2},
	{command: "show troubleshoot", args: "alice", role: "support"},
	{command: "show troubleshoot", args: "Al!ce --json", role: "support"},
	{command: "show timeline", args: "alice", role: "support"},
	{command: "show timeline", args: "alice --json --after 1", role: "support"},
	{command: "show timeline", args: "account/A-1", role: "support"},
	{command: "show sources", role: "dashboard"},
	{command: "show sources", args: "--json --buckets", role: "dashboard"},
	{command: "why", args: "1", role: "officer"},
	{command: "why", args: "1 --json", role: "officer"},
	{command: "why", args: "99", role: "officer", code: 1},
	{command: "why", args: "0", role: "officer", code: 2},
	{command: "policy show", role: "officer"},
	{command: "policy show", args: "--json", role: "officer"},
	{command: "policy what-if", args: "--preset ibkr-sls", role: "officer"},
	{command: "policy what-if", args: "--preset ibkr-sls --json --from 2", role: "officer"},
	{command: "dlq ls", role: "operator"},
	{command: "dlq ls", args: "--json", role: "operator"},
	{command: "dlq show", args: "1", role: "operator", code: 1},
	{command: "dlq retry", args: "1", role: "operator", code: 1},
	{command: "dlq retry", args: "--caller nobody", role: "operator"},
	{command: "dlq drop", args: "1", role: "operator", code: 1},
	{command: "verify", role: "operator"},
	{command: "verify", args: "--json", role: "operator"},
	{command: "health", args: "--json", not: map[way]string{directory: "no node runs on"}, code: 0},

	{command: "token add", args: "desk --role support", not: noServer},
	{command: "token ls", not: noServer},
	{command: "token revoke", args: "desk", not: noServer},
	{command: "webhook add", args: "hook https://127.0.0.1:1/hook --allow-private", not: noServer},
	{command: "webhook ls", not: noServer},
	{command: "webhook rotate", args: "hook --json", not: noServer},
	{command: "webhook deliveries", args: "hook --json", not: noServer},
	{command: "webhook redrive", args: "hook --failed", not: noServer},
	{command: "webhook rm", args: "hook", not: noServer},

	{command: "rebuild", role: "operator"},
	{command: "rebuild", args: "--head", role: "operator", not: map[way]string{socket: "a running node writes the head itself", server: "a running node writes the head itself"}},
	{command: "replay", args: "--to 6", role: "auditor"},
	{command: "replay", args: "--entity user/alice --to 6", role: "auditor"},
	{command: "replay", args: "--type login.report --to 6", role: "auditor"},
	{command: "why", args: "1 --as-of 4 --json", role: "auditor"},
	{command: "show lockout", args: "alice --as-of 4", role: "auditor"},
}

// waysElsewhere are the commands that read a data directory and are no requests about a ledger.
var waysElsewhere = map[string]string{
	"serve":           "runs the node",
	"nats serve":      "runs a NATS server",
	"bench memory":    "runs in the process that bench starts",
	"config show":     "prints the settings",
	"config validate": "checks the settings",
}

// TestWays runs every command in three ways on copies of one ledger and compares the output and
// the exit code.
func TestWays(t *testing.T) {
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
			for _, by := range ways {
				got, isCompared := results[by]
				want := cmp.Or(results[directory], results[socket])
				if isCompared && got != want {
					t.Errorf("%s: got\n%s\nwant\n%s", by, got, want)
				}
			}
		})
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
		{`(seconds|records a second) +[0-9.,e-]+`, "$1 N"},
		{`\b[0-9a-f]{64}\b`, "HASH"}, // of commits, whose times differ
		{`"(source|caller)":"[^"]*"`, `"$1":"CALLER"`},
		{`(?m)^(source +).*$`, "${1}CALLER"},
		{`"scrubbed":\d+`, `"scrubbed":N`},
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
		out, errs, code := w.exec(t, nil, "token", "add", role, "--role", role, "--source", source, "--data", w.dirs[directory])
		if code != 0 {
			t.Fatalf("token add %s: %s", role, errs)
		}
		w.tokens[role] = strings.TrimSpace(out)
	}
	for _, command := range []string{
		"login.report user=alice outcome=failed reason=bad_credentials ip=192.0.2.7",
		"login.report user=bob outcome=succeeded",
		"device.request user=alice device=d-2 class=security_code_card purpose=new balanceUsd=1000000",
		"code.issue user=alice code=c-1 kind=sms",
	} {
		if _, errs, code := w.exec(t, nil, append(strings.Fields("do "+command), "--data", w.dirs[directory])...); code != 0 {
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
		return w.exec(t, []string{"AUTHLEDGER_SERVER=" + w.url, "AUTHLEDGER_TOKEN=" + w.tokens[c.role]}, args...)
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
