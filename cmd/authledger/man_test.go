package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"authledger/cmd/internal/buildinfo"
)

// manual runs the command and returns its exit code and its output.
func manual(t *testing.T, dir string) (code int, output string) {
	t.Helper()
	var out strings.Builder
	code = run(t.Context(), []string{"man", dir}, strings.NewReader(""), &out, &out,
		func(string) string { return "" })
	return code, out.String()
}

// readManual writes the manual with the command and returns the pages by file name.
func readManual(t *testing.T) map[string]string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "manual", "man1")
	if code, output := manual(t, dir); code != exitDone {
		t.Fatalf("authledger man: exit code %d, want 0\n%s", code, output)
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	pages := make(map[string]string)
	for _, file := range files {
		page, err := os.ReadFile(filepath.Join(dir, file.Name()))
		if err != nil {
			t.Fatal(err)
		}
		pages[file.Name()] = string(page)
	}
	return pages
}

// TestManual_EveryCommandHasAPage checks that the manual has one page for each command of the
// help, with its summary, and no other page but those of groups of commands and of completion scripts.
func TestManual_EveryCommandHasAPage(t *testing.T) {
	pages := readManual(t)
	root := newRootCommand(newProgram(nil, nil, nil, func(string) string { return "" }))
	for _, words := range runnable(t) {
		c, _, err := root.Find(strings.Fields(strings.TrimPrefix(words, "authledger")))
		if err != nil {
			t.Fatal(err)
		}
		if c.Hidden {
			continue // the help does not list the command either
		}
		page, exists := pages[manName(c)]
		if !exists || !strings.Contains(page, c.Short) {
			t.Errorf("the page %s exists: %t, want a page with %q", manName(c), exists, c.Short)
		}
		delete(pages, manName(c))
	}
	for name := range pages {
		c, rest, err := root.Find(strings.Split(strings.TrimSuffix(name, ".1"), "-")[1:])
		isGroup := err == nil && len(rest) == 0 && c.HasSubCommands()
		if !isGroup && !strings.HasPrefix(name, "authledger-completion") {
			t.Errorf("the page %s belongs to no command", name)
		}
	}
}

// TestManual_DependsOnTheProgramOnly checks that the pages contain no directory of this machine and
// are the same bytes each time.
func TestManual_DependsOnTheProgramOnly(t *testing.T) {
	first, second := readManual(t), readManual(t)
	home, err := os.UserHomeDir()
	if err != nil {
		t.Fatal(err)
	}
	for name, page := range first {
		if page != second[name] {
			t.Errorf("%s: two runs wrote different pages", name)
		}
		if strings.Contains(page, home+"/") {
			t.Errorf("%s contains the path of the home directory %s", name, home)
		}
	}
	if page := first["authledger-serve.1"]; !strings.Contains(page, `"$HOME/.local/state/authledger"`) {
		t.Errorf("authledger-serve.1 does not contain the default of --data:\n%s", page)
	}
}

func TestManual_Date(t *testing.T) {
	for _, test := range []struct{ name, commit, want string }{
		{"time of the commit", "2026-11-29T23:30:00-02:00", `"Nov 2026"`},
		{"no commit", "", `"Jan 1970"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			page, err := manPage(newManualRoot(), manDate(buildinfo.Info{Time: test.commit}))
			if err != nil || !strings.Contains(string(page), test.want) {
				t.Errorf("%v, want the date %s in\n%.200s", err, test.want, page)
			}
		})
	}
}

func TestManual_ExamplesAndListsAreBlocks(t *testing.T) {
	pages := readManual(t)
	for name, want := range map[string]string{
		"authledger-do.1":       ".EX\n  code\n    code.issue ",
		"authledger-verify.1":   ".IP \\(bu 2\ndeciding each command again gives the recorded verdict;",
		"authledger-generate.1": ".EX\n  authledger generate --users 2000 --days 30 | authledger import",
	} {
		if !strings.Contains(pages[name], want) {
			t.Errorf("%s does not contain %q:\n%.1500s", name, want, pages[name])
		}
	}
}

func TestManual_DirectoryThatCanNotBeCreated(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	code, output := manual(t, filepath.Join(file, "man1"))
	if want := "create the directory of the manual"; code != exitFailed || !strings.Contains(output, want) {
		t.Errorf("exit code %d, want %d and %q:\n%s", code, exitFailed, want, output)
	}
}
