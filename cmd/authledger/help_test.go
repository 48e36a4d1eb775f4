package main

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"testing"

	"authledger/cmd/internal/settings"
)

// helped runs a command line and returns its output, without environment variables.
func helped(t *testing.T, line string, want int) (out, errs string) {
	t.Helper()
	var o, e bytes.Buffer
	getenv := func(string) string { return "" }
	if code := run(t.Context(), strings.Fields(line), strings.NewReader(""), &o, &e, getenv); code != want {
		t.Errorf("%s: got exit code %d, want %d\n%s%s", line, code, want, o.String(), e.String())
	}
	return o.String(), e.String()
}

// TestHelpHasAHeadingForEverySetting checks that each setting is below exactly one heading.
func TestHelpHasAHeadingForEverySetting(t *testing.T) {
	var grouped []string
	for _, group := range flagGroups {
		grouped = append(grouped, group.settings...)
	}
	want := settings.Names()
	slices.Sort(want)
	slices.Sort(grouped)
	if !slices.Equal(grouped, want) {
		t.Errorf("settings below headings: got %v, want each of %v once", grouped, want)
	}
}

// TestHelpListsUsedFlagsOnly checks that the help of a command lists the settings that the command reads,
// and no other setting.
func TestHelpListsUsedFlagsOnly(t *testing.T) {
	flag := regexp.MustCompile(`(?m)^ +(?:-\w, )?--([a-z-]+)`)
	for _, words := range runnable(t) {
		if words == "authledger" || words == "bench memory" {
			continue
		}
		out, _ := helped(t, words+" --help", exitDone)
		var listed []string
		for _, match := range flag.FindAllStringSubmatch(out, -1) {
			listed = append(listed, match[1])
		}
		for _, setting := range settings.Names() {
			isRead := slices.Contains(settingsRead[words], setting) || slices.Contains(alwaysRead, setting)
			if want := isRead && setting != "drop-damaged-keys"; slices.Contains(listed, setting) != want {
				t.Errorf("%s --help lists --%s: got %t, want %t\n%s", words, setting, !want, want, out)
			}
		}
	}
}

func TestHelpGroupsFlags(t *testing.T) {
	for _, c := range []struct {
		line    string
		want    []string // parts, in order
		without string
	}{
		{"show lockout --help", []string{"\nFlags:\n", "\nLedger flags:\n", "--data", "\nOutput flags:\n", "--json",
			"\nGlobal flags:\n", "--log-level"}, "Node flags"},
		{"serve --help", []string{"\nLedger flags:\n", "\nNode flags:\n", "--listen"}, "Output flags"},
		{"--help", []string{"\nCommands:\n", "  show ", "--server", "`authledger COMMAND --help`"}, "--listen"},
		{"help show lockout", []string{"authledger show lockout USER", "\nLedger flags:\n"}, "Node flags"},
		{"policy --help", []string{"  what-if ", "--data"}, "--listen"},
	} {
		out, _ := helped(t, c.line, exitDone)
		rest, found := out, true
		for _, part := range c.want {
			if _, rest, found = strings.Cut(rest, part); !found {
				t.Errorf("%s: got no %q in its place, want %q in this order\n%s", c.line, part, c.want, out)
				break
			}
		}
		if strings.Contains(out, c.without) {
			t.Errorf("%s: got %q, want it in no line\n%s", c.line, c.without, out)
		}
	}
}
