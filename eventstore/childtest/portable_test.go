package childtest_test

import (
	"go/ast"
	"go/build/constraint"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// portable are the names of package syscall that every system of the README has.
var portable = []string{
	"Errno", "RawConn", "Signal", "SIGINT", "SIGTERM", "SIGKILL", "SIGHUP", "SIGPIPE",
	"EACCES", "EAGAIN", "EBUSY", "EDQUOT", "EEXIST", "EFBIG", "EINTR", "EINVAL", "EIO", "EISDIR",
	"EMFILE", "ENFILE",
	"ENOENT", "ENOMEM", "ENOSPC", "ENOTDIR", "ENXIO", "EPERM", "EPIPE", "EROFS", "ESTALE", "EWOULDBLOCK",
	"ECONNREFUSED", "ECONNRESET",
}

// TestPlatformCodeIsConstrained refuses names of package syscall that some system lacks, and
// golang.org/x/sys, in a file without a build constraint.
func TestPlatformCodeIsConstrained(t *testing.T) {
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || isConstrained(path) {
			return err
		}
		files := token.NewFileSet()
		file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution|parser.ParseComments)
		if err != nil {
			return err
		}
		for _, group := range file.Comments {
			for _, line := range group.List {
				if group.Pos() < file.Package && constraint.IsGoBuild(line.Text) {
					return nil
				}
			}
		}
		imports := importNames(file)
		for _, i := range file.Imports {
			if strings.HasPrefix(i.Path.Value, `"golang.org/x/sys/`) {
				t.Errorf("%s imports %s without a build constraint", files.Position(i.Pos()), i.Path.Value)
			}
		}
		ast.Inspect(file, func(n ast.Node) bool {
			s, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if x, ok := s.X.(*ast.Ident); ok && imports[x.Name] == "syscall" &&
				!slices.Contains(portable, s.Sel.Name) {
				t.Errorf("%s: syscall.%s does not exist on every system: move it to a file with a build constraint",
					files.Position(s.Pos()), s.Sel.Name)
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// isConstrained reports whether the name of a file restricts it to a system.
func isConstrained(path string) bool {
	name := strings.TrimSuffix(strings.TrimSuffix(path, ".go"), "_test")
	for _, system := range []string{"_linux", "_darwin", "_freebsd", "_windows"} {
		if strings.HasSuffix(name, system) {
			return true
		}
	}
	return false
}
