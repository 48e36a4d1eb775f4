package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

// TestSettings checks that every setting can be set by its environment variable, and that its flag
// has a help text.
func TestSettings(t *testing.T) {
	if names := settingNames(); len(names) == 0 {
		t.Fatal("settings: got none, want at least 1")
	}
	for _, name := range settingNames() {
		value := "true" // valid for booleans and for texts
		env := map[string]string{variable(name): value}
		if name == "config" {
			env[variable(name)] = "testdata/empty.yaml"
			value = env[variable(name)]
		}
		if name == "shutdown-timeout" || name == "timeout" {
			env[variable(name)], value = "90s", "1m30s"
		}
		var s settings
		flags := pflag.NewFlagSet("test", pflag.ContinueOnError)
		getenv := func(v string) string { return env[v] }
		s.register(flags, getenv)
		if err := s.load(flags, getenv); err != nil {
			t.Errorf("%s: %v", variable(name), err)
			continue
		}
		if got := flags.Lookup(name).Value.String(); got != value {
			t.Errorf("%s=%s: got %s %q, want %q", variable(name), value, name, got, value)
		}
		if flags.Lookup(name).Usage == "" {
			t.Errorf("--%s: got no help text, want one", name)
		}
	}
}

// TestSettingsDocumented checks that the comment of every setting contains its default.
func TestSettingsDocumented(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "settings.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	documented := 0
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.TypeSpec)
		if !ok || spec.Name.Name != "settings" {
			return true
		}
		for _, f := range spec.Type.(*ast.StructType).Fields.List {
			if strings.Contains(f.Doc.Text(), "Default:") {
				documented++
			}
		}
		return false
	})
	if want := len(settingNames()); documented != want {
		t.Errorf("comments of settings: got %d with a default, want %d", documented, want)
	}
}

// TestGlobalFlagsAreSettings checks that each persistent flag of the root command is a setting, which
// a variable or a file can set, too.
func TestGlobalFlagsAreSettings(t *testing.T) {
	root := newRootCommand(newProgram(nil, io.Discard, io.Discard, func(string) string { return "" }))
	var flags []string
	root.PersistentFlags().VisitAll(func(f *pflag.Flag) { flags = append(flags, f.Name) })
	if len(flags) != len(settingNames()) {
		t.Errorf("got flags %v, want the settings %v", flags, settingNames())
	}
}
