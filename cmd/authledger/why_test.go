package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// withdrawalsIn imports n withdrawals of one account on one day into a new data directory.
func withdrawalsIn(t testing.TB, n int) (dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "data")
	file := filepath.Join(t.TempDir(), "commands.jsonl")
	line := func(i int, kind, data string) string {
		return fmt.Sprintf(`{"specversion":"1.0","id":"%d","source":"gw","type":"%s",`+
			`"time":"2026-03-02T15:00:00.%06dZ","data":{"user":"alice",%s}}`+"\n", i, kind, i, data)
	}
	lines := bytes.NewBufferString(line(0, "device.activate", `"device":"g1","class":"gold","method":"portal"`))
	for i := range n {
		lines.WriteString(line(i+1, "withdrawal.request",
			fmt.Sprintf(`"withdrawal":"w%d","account":"U1","device":"g1","amount":"1.50","currency":"USD"`, i)))
	}
	if err := os.WriteFile(file, lines.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, errs := runOn(t, dir, []string{"import", "--from", "cloudevents", file}); code != exitDone {
		t.Fatalf("import: got exit code %d, want 0: %s", code, errs)
	}
	return dir
}

// outOf runs the program on a data directory and returns its standard output.
func outOf(t testing.TB, dir string, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	code := run(t.Context(), append([]string{"--data", dir}, args...), strings.NewReader(""), &out, &errs,
		func(string) string { return "" })
	if code != exitDone {
		t.Fatalf("%v: got exit code %d, want 0: %s", args, code, errs.String())
	}
	return out.String()
}

func TestWhyListsPages(t *testing.T) {
	dir := withdrawalsIn(t, 251)
	next := regexp.MustCompile(`(?m)^  next page: authledger (why 252 --after \d+)$`)
	total := "  total of all pages: 250 withdrawals of account/U1: 375.00 USD on 2026-03-02\n"
	args := []string{"why", "252"}
	for page, want := range []int{101, 100, 50} { // the first page has the device as well
		text := outOf(t, dir, args...)
		if got := strings.Count(text, "\n  record "); got != want || !strings.Contains(text, total) {
			t.Errorf("page %d: got %d facts, want %d and the line %q: %s", page, got, want, total, text)
		}
		if !strings.Contains(text,
			"375.00 USD used on 2026-03-02 + 1.50 USD requested = 376.50 USD, and there is no limit per day "+
				"for gold.") {
			t.Errorf("page %d: got no sum 376.50 USD without a limit, want one: %s", page, text)
		}
		command := next.FindStringSubmatch(text)
		if (command == nil) != (page == 2) {
			t.Fatalf("page %d: got next page %q, want none only on page 2: %s", page, command, text)
		}
		if command != nil {
			args = strings.Fields(command[1])
		}
	}
	var answer struct {
		Basis  []any
		Totals []struct{ Count int }
		Next   string
	}
	if err := json.Unmarshal([]byte(outOf(t, dir, "why", "252", "--json")), &answer); err != nil {
		t.Fatal(err)
	}
	if len(answer.Basis) != 101 || len(answer.Totals) != 1 || answer.Totals[0].Count != 250 ||
		answer.Next != "101" {
		t.Errorf("got %d facts, the totals %v and the next page %q, want 101 facts, one total of 250 and "+
			"the next page 101", len(answer.Basis), answer.Totals, answer.Next)
	}
}
