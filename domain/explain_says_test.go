package domain

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
	"testing"
)

// refusals are the reasons of the first block of verdict.go that holds any.
func refusals(t *testing.T) (all []Reason) {
	file, err := parser.ParseFile(token.NewFileSet(), "verdict.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range file.Decls {
		block, ok := d.(*ast.GenDecl)
		if !ok || block.Tok != token.CONST || len(all) > 0 {
			continue
		}
		for _, s := range block.Specs {
			value := s.(*ast.ValueSpec)
			if of, ok := value.Type.(*ast.Ident); ok && of.Name == "Reason" {
				text, err := strconv.Unquote(value.Values[0].(*ast.BasicLit).Value)
				if err != nil {
					t.Fatal(err)
				}
				all = append(all, Reason(text))
			}
		}
	}
	return append(all, UnknownUser)
}

func TestEveryRefusalIsToldToAPerson(t *testing.T) {
	all := refusals(t)
	if len(all) < 40 {
		t.Fatalf("only %d reasons found", len(all))
	}
	for _, reason := range all {
		if reasonSays[reason] == "" {
			t.Errorf("nothing says why a command is refused %s", reason)
		}
	}
	if len(reasonSays) != len(all) {
		t.Errorf("%d reasons are told, %d can be given", len(reasonSays), len(all))
	}
}

func TestEveryCommandAndEventIsToldToAPerson(t *testing.T) {
	for _, kind := range CommandTypes() {
		r := &Record{Command: Command{Data: NewCommandData(kind)}}
		if told := asked(r); told == kind || told == "" {
			t.Errorf("%s is told as %q", kind, told)
		}
	}
	r := &Record{Entities: []Entity{"user/alice"}, Command: Command{Data: new(LoginReport)}}
	for _, kind := range EventTypes() {
		refusal := strings.HasSuffix(kind, ".refused") // told by its reason
		if told := r.sayEvent(&Event{Data: NewEventData(kind)}); (told == "") != refusal {
			t.Errorf("%s is told as %q", kind, told)
		}
	}
}

func TestEveryKindOfFactIsToldToAPerson(t *testing.T) {
	for _, kind := range FactKinds() {
		f := Fact{Of: "user/alice", Kind: kind, State: NewFactState(kind)}
		if f.State == nil {
			t.Errorf("%s has no state", kind)
			continue
		}
		if told := f.say(); told == kind {
			t.Errorf("a %s is told as %q", kind, told)
		}
	}
	if NewFactState("other") != nil {
		t.Error("there is a state of a kind that is none")
	}
}
