package settings

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

// TestSettings checks that every setting can be set by its environment variable, and that its flag
// has a help text.
func TestSettings(t *testing.T) {
	if names := Names(); len(names) == 0 {
		t.Fatal("settings: got none, want at least 1")
	}
	for _, name := range Names() {
		value := "true" // valid for booleans and for texts
		env := map[string]string{Variable(name): value}
		if name == "config" {
			env[Variable(name)] = "testdata/empty.yaml"
			value = env[Variable(name)]
		}
		if name == "shutdown-timeout" || name == "timeout" {
			env[Variable(name)], value = "90s", "1m30s"
		}
		var s Settings
		flags := pflag.NewFlagSet("test", pflag.ContinueOnError)
		getenv := func(v string) string { return env[v] }
		s.Register(flags, getenv)
		if err := s.Load(flags, getenv); err != nil {
			t.Errorf("%s: %v", Variable(name), err)
			continue
		}
		if got := flags.Lookup(name).Value.String(); got != value {
			t.Errorf("%s=%s: got %s %q, want %q", Variable(name), value, name, got, value)
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
		if !ok || spec.Name.Name != "Settings" {
			return true
		}
		for _, f := range spec.Type.(*ast.StructType).Fields.List {
			if strings.Contains(f.Doc.Text(), "Default:") {
				documented++
			}
		}
		return false
	})
	if want := len(Names()); documented != want {
		t.Errorf("comments of settings: got %d with a default, want %d", documented, want)
	}
}

func TestCheckEnvironment(t *testing.T) {
	tests := []struct {
		entry string
		want  string // part of the error, "" for none
	}{
		{"AUTHLEDGER_DATA=/x", ""},
		{"AUTHLEDGER_TOKEN=al_x", ""},
		{"AUTHLEDGER_MASTER_KEY_FILE=/x", ""},
		{"AUTHLEDGERDATA=/x", ""},
		{"AUTHLEDGER_PORT=tcp://10.0.0.1:8080", ""},
		{"AUTHLEDGER_SERVICE_PORT_HTTPS=8080", ""},
		{"AUTHLEDGER_PORT_8080_TCP_ADDR=10.0.0.1", ""},
		{"AUTHLEDGER_DATTA=/x", "did you mean \"AUTHLEDGER_DATA\"?"},
		{"AUTHLEDGER_SEVER=http://x", "did you mean \"AUTHLEDGER_SERVER\"?"},
		{"AUTHLEDGER_SOMETHING_ELSE=1", "unknown environment variable AUTHLEDGER_SOMETHING_ELSE"},
	}
	for _, test := range tests {
		err := CheckEnvironment([]string{"PATH=/bin", test.entry})
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want %q", test.entry, err, test.want)
		}
	}
}
