package childtest_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"authledger/eventstore/childtest"
)

// parent is the process id of the test process, as the child process inherits it.
const parent = "CHILDTEST_PARENT"

func TestRunUsesAnotherProcess(t *testing.T) {
	if os.Getenv(parent) == "" {
		t.Setenv(parent, "set")
		childtest.Run(t, nil)
		return
	}
	childtest.Run(t, func(t *testing.T) {
		dir := t.TempDir()
		if err := os.Chdir(dir); err != nil {
			t.Fatal(err)
		}
	})
}

// processWide are the functions that change a setting of the whole process.
var processWide = map[string][]string{
	"syscall": {"Setrlimit", "Umask", "Chdir", "Chroot", "Setenv", "Unsetenv", "Clearenv",
		"Setuid", "Setgid", "Setpriority"},
	"golang.org/x/sys/unix": {"Setrlimit", "Prlimit", "Umask", "Chdir", "Fchdir", "Chroot", "Setenv",
		"Unsetenv", "Clearenv", "Setuid", "Setgid", "Setpriority"},
	"os":                     {"Chdir", "Setenv", "Unsetenv", "Clearenv", "Stdin", "Stdout", "Stderr", "Args"},
	"os/signal":              {"Ignore", "Reset"},
	"runtime":                {"GOMAXPROCS"},
	"runtime/debug":          {"SetGCPercent", "SetMemoryLimit", "SetMaxStack", "SetMaxThreads"},
	"log":                    {"SetOutput", "SetFlags", "SetPrefix"},
	"log/slog":               {"SetDefault", "SetLogLoggerLevel"},
	"net/http":               {"DefaultClient", "DefaultTransport", "DefaultServeMux", "Handle", "HandleFunc"},
	"net":                    {"DefaultResolver"},
	"time":                   {"Local"},
	"crypto/rand":            {"Reader"},
	"testing/cryptotest":     {"SetGlobalRandom"},
	"github.com/spf13/cobra": {"OnInitialize"},
}

// TestNoProcessWideSetting refuses a test that changes a setting of the whole process, except
// in the function given to childtest.Run, in TestMain, and with the restoring functions of
// package testing. Variables are refused only where they are assigned.
func TestNoProcessWideSetting(t *testing.T) {
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() && path != root && strings.HasPrefix(d.Name(), ".") {
			return filepathSkip(err)
		}
		if !strings.HasSuffix(path, "_test.go") {
			return nil
		}
		files := token.NewFileSet()
		file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, at := range settings(file) {
			t.Errorf("%s: got a change of a setting of the whole process, want it within childtest.Run",
				files.Position(at))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func filepathSkip(err error) error {
	if err != nil {
		return err
	}
	return fs.SkipDir
}

// settings returns the positions at which a file changes a setting of the whole process.
func settings(file *ast.File) (found []token.Pos) {
	imports := importNames(file)
	isSetting := func(e ast.Expr) bool {
		s, ok := e.(*ast.SelectorExpr)
		if !ok {
			return false
		}
		x, ok := s.X.(*ast.Ident)
		if !ok {
			return false
		}
		for _, name := range processWide[imports[x.Name]] {
			if s.Sel.Name == name {
				return true
			}
		}
		return false
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			return n.Name.Name != "TestMain"
		case *ast.AssignStmt:
			for _, left := range n.Lhs {
				if isSetting(left) {
					found = append(found, left.Pos())
				}
			}
		case *ast.CallExpr:
			if s, ok := n.Fun.(*ast.SelectorExpr); ok && s.Sel.Name == "Run" {
				if x, ok := s.X.(*ast.Ident); ok && imports[x.Name] == "authledger/eventstore/childtest" {
					return false
				}
			}
			if isSetting(n.Fun) && !onlyReads(n) {
				found = append(found, n.Pos())
			}
		}
		return true
	})
	return found
}

// onlyReads reports whether a call is runtime.GOMAXPROCS(0), which changes nothing.
func onlyReads(c *ast.CallExpr) bool {
	if len(c.Args) != 1 {
		return false
	}
	zero, ok := c.Args[0].(*ast.BasicLit)
	return ok && zero.Value == "0" && c.Fun.(*ast.SelectorExpr).Sel.Name == "GOMAXPROCS"
}

// importNames maps the local name of each import to its path.
func importNames(file *ast.File) map[string]string {
	names := make(map[string]string)
	for _, i := range file.Imports {
		path := strings.Trim(i.Path.Value, `"`)
		name := path[strings.LastIndexByte(path, '/')+1:]
		if i.Name != nil {
			name = i.Name.Name
		}
		names[name] = path
	}
	return names
}

func TestSettingsFindsEachForm(t *testing.T) {
	const head = "package p\nimport (\"os\"; \"syscall\"; \"runtime\"; \"log/slog\"; \"time\"; " +
		"\"authledger/eventstore/childtest\")\n"
	for text, want := range map[string]int{
		"func TestA() { syscall.Setrlimit(1, nil) }":                               1,
		"func TestA() { defer syscall.Umask(syscall.Umask(0)) }":                   2,
		"func TestA() { slog.SetDefault(nil); runtime.GOMAXPROCS(1) }":             2,
		"func TestA() { time.Local = nil; os.Stdout, os.Args = nil, nil }":         3,
		"func TestA() { _ = time.Local; runtime.GOMAXPROCS(0); os.Stdout.Sync() }": 0,
		"func TestA() { childtest.Run(t, func() { syscall.Umask(0) }) }":           0,
		"func TestMain() { os.Setenv(`A`, `b`) }":                                  0,
	} {
		file, err := parser.ParseFile(token.NewFileSet(), "a_test.go", head+text, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		if got := len(settings(file)); got != want {
			t.Errorf("%s: %d settings, want %d", text, got, want)
		}
	}
}
