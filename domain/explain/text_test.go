package explain

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"

	"authledger/domain"
)

// refusalReasons returns the reasons in the first block of reasons in verdict.go.
func refusalReasons(t *testing.T) (all []domain.Reason) {
	file, err := parser.ParseFile(token.NewFileSet(), "../verdict.go", nil, 0)
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
				all = append(all, domain.Reason(text))
			}
		}
	}
	return append(all, domain.UnknownUser)
}

func TestEveryReasonHasText(t *testing.T) {
	all := refusalReasons(t)
	if len(all) < 40 {
		t.Fatalf("got %d reasons in verdict.go, want at least 40", len(all))
	}
	for _, reason := range all {
		if reasonText[reason] == "" {
			t.Errorf("reason %s: got no text in reason.go, want one", reason)
		}
	}
	if len(reasonText) != len(all) {
		t.Errorf("got %d texts in reason.go, want %d, one for each reason", len(reasonText), len(all))
	}
}

// TestEveryTypeIsExplained fails for a command type or an event type without an entry in
// the file of its topic.
func TestEveryTypeIsExplained(t *testing.T) {
	for _, kind := range domain.CommandTypes() {
		k, ok := commands[kind]
		if !ok {
			t.Errorf("command %s: got no entry, want one in the file of its topic, such as device.go", kind)
			continue
		}
		sentence := k.say(&domain.Record{Command: domain.Command{Data: domain.NewCommandData(kind)}})
		checkSentence(t, kind, sentence)
		if first, _, _ := strings.Cut(sentence, " "); !slices.Contains([]string{"the", "user"}, first) {
			t.Errorf("command %s: got %q, want a first word that is no value, because describe capitalizes it",
				kind, sentence)
		}
	}
	for _, kind := range domain.EventTypes() {
		if strings.HasSuffix(kind, ".refused") { // its reason has a text
			continue
		}
		k, ok := events[kind]
		if !ok {
			t.Errorf("event %s: got no entry, want one in the file of its topic, such as device.go", kind)
			continue
		}
		checkSentence(t, kind, k.say(&domain.Event{Data: domain.NewEventData(kind)}, "alice"))
	}
	if got, want := len(commands), len(domain.CommandTypes()); got != want {
		t.Errorf("got %d entries for commands, want %d", got, want)
	}
}

// checkSentence checks a sentence that [describe] completes with a full stop.
func checkSentence(t *testing.T, of, sentence string) {
	if len(strings.Fields(sentence)) < 3 || strings.HasSuffix(sentence, ".") {
		t.Errorf("%s: got the sentence %q, want at least three words and no full stop", of, sentence)
	}
}

func TestEveryKindOfFactIsExplained(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "facts.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	declared := 0
	ast.Inspect(file, func(n ast.Node) bool {
		if v, ok := n.(*ast.ValueSpec); ok && strings.HasSuffix(v.Names[0].Name, "Fact") {
			declared++
			kind, _ := strconv.Unquote(v.Values[0].(*ast.BasicLit).Value)
			if !slices.Contains(FactKinds(), kind) {
				t.Errorf("kind %s: got no entry, want one in the file of its topic", kind)
			}
		}
		return true
	})
	if declared != len(FactKinds()) {
		t.Errorf("got %d constants in facts.go, want %d", declared, len(FactKinds()))
	}
	for _, kind := range FactKinds() {
		f := Fact{Of: "user/alice", Kind: kind, State: NewFactState(kind)}
		if got := factKinds[kind].say(&f); !strings.HasSuffix(got, ".") {
			t.Errorf("kind %s: got the sentence %q, want a full stop at its end", kind, got)
		}
	}
	if got := NewFactState("other"); got != nil {
		t.Errorf("got the state %T of an unknown kind, want none", got)
	}
}

func TestVerifyText(t *testing.T) {
	const begin = "the caller op, with the role operator, verified the log from record 1"
	for _, c := range []struct {
		result    domain.VerificationResult
		to, fault int64
		want      string
	}{
		{domain.VerificationIntact, 9, 0, " to record 9 and found no fault"},
		{domain.VerificationDamaged, 0, 4, " and found a fault at record 4"},
		{domain.VerificationDamaged, 0, 0, " and found a fault"},
		{domain.VerificationStopped, 0, 0, ", and the verification was stopped before its end"},
		{domain.VerificationFailed, 0, 0, ", and the verification could not read the whole log"},
	} {
		got := verifyText(&domain.AuditVerify{Verifier: "op", Role: "operator", Result: c.result, From: 1,
			To: c.to, Fault: c.fault})
		if got != begin+c.want {
			t.Errorf("%s, record %d, fault %d: got %q, want %q", c.result, c.to, c.fault, got, begin+c.want)
		}
	}
}

// A name keeps its case, because it is evidence.
func TestDescribe_KeepsNames(t *testing.T) {
	for _, data := range []domain.CommandData{
		&domain.CodeRevoke{By: "agent-ana"},
		&domain.PolicyAdopt{By: "agent-ana"},
		&domain.ConfigTokenAdd{By: "agent-ana"},
		&domain.ConfigWebhookRemove{By: "agent-ana"},
		&domain.SharingCancel{By: "agent-ana"},
		&domain.WithdrawalCancel{By: "agent-ana"},
	} {
		got := describe(&domain.Record{Status: domain.Accepted, Command: domain.Command{Data: data}})
		if !strings.HasPrefix(got, "The person agent-ana requested ") {
			t.Errorf("%s: got %q, want a sentence that begins with the person agent-ana", data.CommandType(), got)
		}
	}
}

// The three facts about one sharing have different sentences.
func TestSharingFacts_Differ(t *testing.T) {
	share := domain.Share{ID: "s-1", Device: "d-1", Class: "gold", Other: "bob", State: "pending"}
	borrowed := share
	borrowed.Borrower = true
	item := &domain.Sharing{ID: "s-1", Device: "d-1", Class: "gold", Owner: "alice", Requester: "bob",
		State: "pending"}
	lent := factKinds[shareFact].say(&Fact{Of: "user/alice", Kind: shareFact, State: &share})
	used := factKinds[shareFact].say(&Fact{Of: "user/bob", Kind: shareFact, State: &borrowed})
	whole := factKinds[sharingFact].say(&Fact{Kind: sharingFact, State: item})
	if lent == used || used == whole || lent == whole {
		t.Errorf("got the sentences %q, %q and %q, want three different ones", lent, used, whole)
	}
}
