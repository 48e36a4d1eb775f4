package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"authledger/access"
)

// typed is what the program says, and its exit code.
func typed(t *testing.T, env map[string]string, args ...string) (code int, out, errs string) {
	t.Helper()
	var o, e bytes.Buffer
	code = run(t.Context(), args, strings.NewReader(""), &o, &e, func(name string) string { return env[name] })
	return code, o.String(), e.String()
}

// Letters are looked at, tried again and thrown away one by one, or all of a caller's or
// of a reason, alike on a node that runs and on the directory of one that doesn't.
func TestDLQ(t *testing.T) {
	s := serveOverNATS(t)
	token, err := s.tokens.Add(access.Spec{Name: "desk", Role: access.Operator})
	if err != nil {
		t.Fatal(err)
	}
	good := `{"user":"alice","outcome":"succeeded"}`
	gateway, late := s.connect(t, "gateway"), s.inside(t) // late has no token yet
	leaveAll := func(round string) {
		for i := range 2 {
			late.leave(t, leave("late", fmt.Sprint(round, i), "login.report", time.Now(), good))
			gateway.leave(t, leave("gateway", fmt.Sprint(round, i), "login.report", time.Now(), `{"user":"alice"}`))
		}
	}
	left := func(env map[string]string, at ...string) (positions []uint64) {
		t.Helper()
		code, out, errs := typed(t, env, append(at, "dlq", "ls", "--json")...)
		var page struct {
			Letters []struct {
				Position       uint64
				Caller, Reason string
			}
		}
		if err := json.Unmarshal([]byte(out), &page); err != nil || code != 0 {
			t.Fatalf("dlq ls: %d %s %v", code, errs, err)
		}
		for _, l := range page.Letters {
			positions = append(positions, l.Position)
		}
		return positions
	}
	play := func(env map[string]string, first uint64, at ...string) {
		t.Helper()
		says := func(want int, wanted string, args ...string) {
			t.Helper()
			code, out, errs := typed(t, env, append(append([]string{}, at...), args...)...)
			if code != want || !strings.Contains(out+errs, wanted) {
				t.Errorf("%s: exit %d, %s%s, want %d and %q", args, code, out, errs, want, wanted)
			}
		}
		if found := left(env, at...); fmt.Sprint(found) != fmt.Sprint([]uint64{first, first + 1, first + 2, first + 3}) {
			t.Fatalf("letters: %v", found)
		}
		says(0, "missing_field", "dlq", "ls")
		says(0, fmt.Sprintf("2 letters, there are more: ask again with --after %d", first+1), "dlq", "ls", "--limit", "2")
		says(2, "want 1 to 1000", "dlq", "ls", "--limit", "0")
		says(0, `{\"user\":\"alice\"}`, "dlq", "show", fmt.Sprint(first+1))
		says(1, "left there: 1 of 1", "dlq", "retry", fmt.Sprint(first))
		says(1, "left there: 2 of 2", "dlq", "retry", "--reason", "missing_field")
		says(2, "not both", "dlq", "drop", "1", "--caller", "late")
		says(2, "wants one argument", "dlq", "drop")
		says(0, "thrown away: 2", "dlq", "drop", "--caller", "gateway", "--reason", "missing_field")
		says(0, "thrown away: 0", "dlq", "drop", "--caller", "gateway")
		says(0, "", "dlq", "drop", fmt.Sprint(first+2))
		says(1, "there is no", "dlq", "drop", fmt.Sprint(first+2))
		if found := left(env, at...); fmt.Sprint(found) != fmt.Sprint([]uint64{first}) {
			t.Fatalf("letters: %v", found)
		}
	}
	until := func(letters int) { // the intake's own goroutine writes them
		for s.letterCount(t, s.messages.Letters(s.ledger)) < letters {
			if err := t.Context().Err(); err != nil {
				t.Fatal(err)
			}
		}
	}
	leaveAll("a-")
	until(4)
	env := map[string]string{"AUTHLEDGER_TOKEN": token}
	play(env, 1, "--server", s.edge.url())
	leaveAll("b-")
	until(5)
	if code, _, errs := typed(t, env, "--server", s.edge.url(), "dlq", "drop", "1"); code != 0 {
		t.Fatal(errs)
	}
	s.stop(t)
	play(nil, 5, "--data", s.dir)
	s.add(t, access.Spec{Name: "late", Role: access.Gateway})
	code, out, errs := typed(t, nil, "--data", s.dir, "dlq", "retry", "--caller", "late")
	if code != 0 || !strings.Contains(out, `"accepted"`) || len(left(nil, "--data", s.dir)) != 0 {
		t.Errorf("retry once there is a token: %d %s%s", code, out, errs)
	}
}
