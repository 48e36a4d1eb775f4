package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// TestExportedFieldsHaveExportedTypes checks that a package that reads an exported field can also
// name the type of the field.
func TestExportedFieldsHaveExportedTypes(t *testing.T) {
	set, fields := token.NewFileSet(), 0
	for _, top := range []string{"adapters", "cmd", "domain", "eventstore", "projections"} {
		err := filepath.WalkDir(filepath.Join("..", "..", top), func(path string, _ fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			for _, f := range exportedFields(file) {
				fields++
				if hidden := hiddenType(f.Type); hidden != "" {
					t.Errorf("%s: exported field of the unexported type %s, want an exported type",
						set.Position(f.Pos()), hidden)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if fields < 500 {
		t.Errorf("got %d exported fields, want those of all packages", fields)
	}
}

// exportedFields returns the exported fields of the exported struct types of a file.
func exportedFields(file *ast.File) (fields []*ast.Field) {
	for _, d := range file.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok {
			continue
		}
		for _, s := range g.Specs {
			named, ok := s.(*ast.TypeSpec)
			if !ok || !named.Name.IsExported() {
				continue
			}
			body, ok := named.Type.(*ast.StructType)
			if !ok {
				continue
			}
			for _, f := range body.Fields.List {
				if len(f.Names) > 0 && f.Names[0].IsExported() {
					fields = append(fields, f)
				}
			}
		}
	}
	return fields
}

// predeclared lists the types of the language that fields have.
const predeclared = " any bool byte error float64 int int32 int64 rune string uint16 uint32 uint64 "

// hiddenType returns the name of an unexported type of the package in the type of a field.
func hiddenType(of ast.Expr) (hidden string) {
	switch of := of.(type) {
	case *ast.Ident:
		if !of.IsExported() && !strings.Contains(predeclared, " "+of.Name+" ") {
			return of.Name
		}
	case *ast.StarExpr:
		return hiddenType(of.X)
	case *ast.ArrayType:
		return hiddenType(of.Elt)
	case *ast.ChanType:
		return hiddenType(of.Value)
	case *ast.MapType:
		return hiddenType(of.Key) + hiddenType(of.Value)
	}
	return ""
}
