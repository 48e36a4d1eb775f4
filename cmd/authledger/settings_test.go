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

// TestSettings: every setting can be set by its flag, its variable and its key,
// and says what it is.
func TestSettings(t *testing.T) {
	if names := settingNames(); len(names) == 0 {
		t.Fatal("no settings")
	}
	for _, name := range settingNames() {
		value := "true" // a truth and a text alike
		env := map[string]string{variable(name): value}
		if name == "config" {
			env[variable(name)] = "testdata/empty.yaml"
			value = env[variable(name)]
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
			t.Errorf("%s sets %s to %q, want %q", variable(name), name, got, value)
		}
		if flags.Lookup(name).Usage == "" {
			t.Errorf("--%s says nothing", name)
		}
	}
}

// TestSettingsDocumented: every field of settings that can be set says its
// default.
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
		t.Errorf("%d fields of settings say their default, want %d", documented, want)
	}
}

// TestGlobalFlagsAreSettings: a flag of the whole program can also be set by
// variable and file.
func TestGlobalFlagsAreSettings(t *testing.T) {
	root := newRootCommand(newProgram(nil, io.Discard, io.Discard, func(string) string { return "" }))
	var flags []string
	root.PersistentFlags().VisitAll(func(f *pflag.Flag) { flags = append(flags, f.Name) })
	if len(flags) != len(settingNames()) {
		t.Errorf("the program has the flags %v, the settings are %v", flags, settingNames())
	}
}
