package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nkeys"

	"authledger/adapters/tokens/tokenstest"
	"authledger/domain/access"
)

// typed runs the program, and returns its exit code and its output.
func typed(t *testing.T, env map[string]string, args ...string) (code int, out, errs string) {
	t.Helper()
	var o, e bytes.Buffer
	code = run(t.Context(), args, strings.NewReader(""), &o, &e, func(name string) string { return env[name] })
	return code, o.String(), e.String()
}

// TestDLQ checks the dlq commands for one dead letter and for the filters by caller and reason, on a
// running node and on a data directory.
func TestDLQ(t *testing.T) {
	s := serveOverNATS(t)
	token, err := s.tokens.Add(tokenstest.Spec{Name: "desk", Role: access.Operator})
	if err != nil {
		t.Fatal(err)
	}
	good := `{"user":"alice","outcome":"succeeded"}`
	gateway, late := s.connect(t, "gateway"), s.inside(t) // late has no token yet
	publishAll := func(round string) {
		for i := range 2 {
			late.mustPublish(t, intakeMessage("late", fmt.Sprint(round, i), "login.report", time.Now(), good))
			gateway.mustPublish(t,
				intakeMessage("gateway", fmt.Sprint(round, i), "login.report", time.Now(), `{"user":"alice"}`))
		}
	}
	left := func(env map[string]string, at ...string) (positions []uint64) {
		t.Helper()
		code, out, errs := typed(t, env, append(at, "dlq", "ls", "--order", "oldest", "--json")...)
		var page struct {
			Items []struct {
				Position       uint64
				Caller, Reason string
			}
		}
		if err := json.Unmarshal([]byte(out), &page); err != nil || code != 0 {
			t.Fatalf("dlq ls: got exit code %d, %s, %v, want 0 and a JSON page", code, errs, err)
		}
		for _, l := range page.Items {
			positions = append(positions, l.Position)
		}
		return positions
	}
	check := func(env map[string]string, first uint64, at ...string) {
		t.Helper()
		wantOutput := func(want int, wanted string, args ...string) {
			t.Helper()
			code, out, errs := typed(t, env, append(append([]string{}, at...), args...)...)
			if code != want || !strings.Contains(out+errs, wanted) {
				t.Errorf("%s: exit %d, %s%s, want %d and %q", args, code, out, errs, want, wanted)
			}
		}
		found := left(env, at...)
		if fmt.Sprint(found) != fmt.Sprint([]uint64{first, first + 1, first + 2, first + 3}) {
			t.Fatalf("dead letters: got positions %v, want 4 from %d", found, first)
		}
		wantOutput(0, "missing_field", "dlq", "ls")
		wantOutput(0, "2 dead letters listed, more exist: continue with --after A", "dlq", "ls", "--limit", "2")
		wantOutput(2, `--limit "0": invalid value, want a whole number from 1 to 1000`, "dlq", "ls", "--limit", "0")
		wantOutput(0, `{\"user\":\"alice\"}`, "dlq", "show", fmt.Sprint(first+1))
		wantOutput(1, "1 of 1 commands are still invalid", "dlq", "retry", fmt.Sprint(first))
		wantOutput(1, "2 of 2 commands are still invalid", "dlq", "retry", "--reason", "missing_field")
		wantOutput(2, "takes either a position", "dlq", "drop", "1", "--caller", "late")
		wantOutput(2, "needs one argument", "dlq", "drop")
		wantOutput(0, "dead letters dropped: 2", "dlq", "drop", "--caller", "gateway", "--reason", "missing_field")
		wantOutput(0, "dead letters dropped: 0", "dlq", "drop", "--caller", "gateway")
		wantOutput(0, "", "dlq", "drop", fmt.Sprint(first+2))
		wantOutput(1, "letter", "dlq", "drop", fmt.Sprint(first+2))
		if found := left(env, at...); fmt.Sprint(found) != fmt.Sprint([]uint64{first}) {
			t.Fatalf("dead letters after the drops: got positions %v, want [%d]", found, first)
		}
	}
	until := func(deadLetters int) { // a goroutine of the intake writes them
		s.untilDeadLetters(t, s.NATS.DeadLetters(s.Ledger), deadLetters)
	}
	publishAll("a-")
	until(4)
	env := map[string]string{"AUTHLEDGER_TOKEN": token}
	check(env, 1, "--server", s.edge.URL())
	publishAll("b-")
	until(5)
	if code, _, errs := typed(t, env, "--server", s.edge.URL(), "dlq", "drop", "1"); code != 0 {
		t.Fatalf("dlq drop 1: got exit code %d, want 0: %s", code, errs)
	}
	s.stop(t)
	check(nil, 5, "--data", s.dir)
	public := newPublicKey(t)
	if code, _, errs := typed(t, nil, "--data", s.dir, "token", "add", "late", "--role", "gateway", "--nkey",
		public); code != 0 {
		t.Fatalf("token add late: got exit code %d, want 0: %s", code, errs)
	}
	code, out, errs := typed(t, nil, "--data", s.dir, "dlq", "retry", "--json", "--caller", "late")
	if code != 0 || !strings.Contains(out, `"accepted"`) || len(left(nil, "--data", s.dir)) != 0 {
		t.Errorf("retry with a new token: got exit code %d, %s%s, want accepted", code, out, errs)
	}
}

// newPublicKey returns the public NATS key of a caller that does not connect.
func newPublicKey(t *testing.T) string {
	t.Helper()
	key, err := nkeys.CreateUser()
	if err != nil {
		t.Fatal(err)
	}
	public, err := key.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	return public
}
