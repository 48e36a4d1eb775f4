package httpapi

import (
	"context"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"authledger/adapters/httpapi/apidoc"
	"authledger/domain"
	"authledger/domain/access"
	"authledger/domain/operations"
	"authledger/eventstore/wire"
	"authledger/projections/queries"
)

// parsedDocument is the part of the OpenAPI document that the tests check.
type parsedDocument struct {
	Paths      map[string]map[string]parsedOperation
	Components struct{ Schemas map[string]json.RawMessage }
}

type parsedOperation struct {
	OperationID, Summary string
	Tags                 []string
	Parameters           []struct {
		Name, In, Description string
		Example               any
		Schema                struct{ Type string }
	}
}

func readDocument(t *testing.T, s *testServer) (d parsedDocument, text string) {
	t.Helper()
	r := s.get("", openAPIPath)
	r.want(t, 200, `"openapi":"3.1.0"`)
	if err := json.Unmarshal([]byte(r.body), &d); err != nil {
		t.Fatal(err)
	}
	return d, r.body
}

func TestOpenAPIReferencesExist(t *testing.T) {
	_, text := readDocument(t, newTestServer(t))
	var document any
	if err := json.Unmarshal([]byte(text), &document); err != nil {
		t.Fatal(err)
	}
	refs := regexp.MustCompile(`"\$ref":"#/([^"]*)"`).FindAllStringSubmatch(text, -1)
	for _, ref := range refs {
		at := document
		for part := range strings.SplitSeq(ref[1], "/") {
			members, _ := at.(map[string]any)
			at = members[part]
		}
		if at == nil {
			t.Errorf("reference #/%s: got nothing in the document, want a component", ref[1])
		}
	}
	if want := strings.Count(text, `"$ref":`); len(refs) != want || want == 0 {
		t.Errorf("got %d references into the document, want %d", len(refs), want)
	}
}

// isCursor reports whether a parameter is a cursor, which has no example.
func isCursor(operation, parameter string) bool {
	return slices.ContainsFunc(operations.All(), func(o operations.Operation) bool {
		p := o.Parameter(parameter)
		return apidoc.CamelCase(o.Name) == operation && p != nil && p.Type == operations.Cursor
	})
}

func TestOpenAPIDescribesEveryRoute(t *testing.T) {
	document, _ := readDocument(t, newTestServer(t))
	ids := make(map[string]bool)
	for path, methods := range document.Paths {
		for method, o := range methods {
			at := method + " " + path
			if ids[o.OperationID] || o.OperationID == "" {
				t.Errorf("%s: got operation id %q, want a unique one", at, o.OperationID)
			}
			ids[o.OperationID] = true
			if len(o.Tags) != 1 || !regexp.MustCompile(`^[A-Z][a-z]+ .*[^.]$`).MatchString(o.Summary) {
				t.Errorf("%s: got tags %v and summary %q, want one tag and an imperative", at, o.Tags, o.Summary)
			}
			for _, name := range regexp.MustCompile(`\{([a-z]+)\}`).FindAllStringSubmatch(path, -1) {
				if len(o.Parameters) == 0 || o.Parameters[0].In != "path" || o.Parameters[0].Name != name[1] {
					t.Errorf("%s: got parameters %v, want first %s of the path", at, o.Parameters, name[1])
				}
			}
			for _, p := range o.Parameters {
				hasExample := p.Example != nil || isCursor(o.OperationID, p.Name)
				if p.Description == "" || !hasExample || p.Schema.Type == "" {
					t.Errorf("%s: got parameter %+v, want a description, an example and a type", at, p)
				}
			}
		}
	}
	if want := len(routes) - 1 + len(domain.ClientCommands()); len(ids) != want {
		t.Errorf("got %d operations, want %d", len(ids), want)
	}
}

// Every row of the table has a route with its right, and is in the document.
func TestEveryOperationHasRoute(t *testing.T) {
	document, _ := readDocument(t, newTestServer(t))
	if len(handlers) != len(operations.All()) {
		t.Errorf("got %d handlers, want %d", len(handlers), len(operations.All()))
	}
	for _, o := range operations.All() {
		i := slices.IndexFunc(routes, func(to route) bool { return to.method == o.Method && to.path == o.Path })
		if i < 0 || routes[i].serve == nil || routes[i].right != access.Right(o.Right) {
			t.Errorf("%s: got route %d, want one with a handler and the right %q", o.Name, i, o.Right)
		}
		if !slices.Contains(access.Rights(), access.Right(o.Right)) {
			t.Errorf("%s: got right %q, want one of the table of rights", o.Name, o.Right)
		}
		described := document.Paths[o.Path][strings.ToLower(o.Method)]
		names := make([]string, 0, len(o.Parameters))
		for _, p := range described.Parameters {
			if p.In != "header" {
				names = append(names, p.Name)
			}
		}
		want := make([]string, 0, len(o.Parameters))
		for _, p := range o.Parameters {
			want = append(want, p.Name)
		}
		if described.Summary != o.Summary || !slices.Equal(names, want) {
			t.Errorf("%s: got %q with parameters %v, want %q with %v", o.Name, described.Summary, names,
				o.Summary, want)
		}
	}
	if operations.LimitMax != queries.ListMax {
		t.Errorf("got operations.LimitMax %d, want queries.ListMax, which is %d", operations.LimitMax,
			queries.ListMax)
	}
}

// oneDeadLetter is a store with a dead letter at position 1.
type oneDeadLetter struct{}

func (oneDeadLetter) List(context.Context, DeadLetterList) (Page, error) {
	return new(deadLetterPage), nil
}
func (oneDeadLetter) Version(context.Context) (string, error) { return "1", nil }
func (oneDeadLetter) Show(context.Context, uint64) (any, error) {
	return json.RawMessage(`{"position":1,"caller":"portal","stored":"2026-03-02T15:00:00Z",` +
		`"reason":"malformed","detail":"want an object"}`), nil
}
func (oneDeadLetter) Drop(context.Context, string, uint64) error { return nil }

// deadLetterPage is a page with the dead letter at position 1.
type deadLetterPage struct{}

func (*deadLetterPage) NextPage() string { return "" }
func (*deadLetterPage) Members(v domain.Visitor) {
	v.List("items", domain.List(&[]deadLetter{{}}))
}

type deadLetter struct{}

func (*deadLetter) Members(v domain.Visitor) {
	position, stored := int64(1), time.Date(2026, 3, 2, 15, 0, 0, 0, time.UTC)
	caller, reason, detail := "portal", "malformed", "=1+1"
	v.Count("position", &position, domain.Need)
	v.Text("caller", &caller, domain.Need)
	v.Instant("stored", &stored, domain.Need)
	v.Text("reason", &reason, domain.Need)
	v.Text("detail", &detail, domain.Need)
}
func (oneDeadLetter) Retry(context.Context, string, uint64) (domain.Verdict, error) {
	return domain.Verdict{Status: domain.Accepted}, nil
}

// Each command has a summary, a role that may submit it, and an example that the server
// records. Examples of later steps are refused, because no earlier step exists.
func TestEveryCommandIsDescribed(t *testing.T) {
	s := newTestServer(t)
	document, _ := readDocument(t, s)
	for _, kind := range domain.ClientCommands() {
		summary, example := domain.CommandSummary(kind), domain.CommandExample(kind)
		if len(summary) > 60 || !regexp.MustCompile(`^[A-Z][a-z]+ .*[^.]$`).MatchString(summary) {
			t.Errorf("%s: got summary %q, want an imperative of at most 60 characters", kind, summary)
		}
		if got := document.Paths[commandsPath+"/"+kind]["post"].Summary; got != summary {
			t.Errorf("%s: got summary %q in the document, want %q", kind, got, summary)
		}
		i := slices.IndexFunc(access.Roles(), func(r access.Role) bool { return r.May(access.Right(kind)) })
		if i < 0 || example == nil || example.CommandType() != kind {
			t.Errorf("%s: got role %d and example %+v, want a permitted role and an example of the type", kind,
				i, example)
			continue
		}
		r := s.submit(access.Roles()[i], kind, string(wire.AppendData(nil, example)))
		r.want(t, 200, `"type":"`+kind+`"`, `"seq":`)
	}
}

// Answers match the schemas of the document, and the server accepts a command if and only
// if its schema does.
func TestAnswersMatchSchemas(t *testing.T) {
	s := newTestServer(t)
	var document any
	if err := json.Unmarshal(s.server.document, &document); err != nil {
		t.Fatal(err)
	}
	checker := schemaChecker{t, document}
	for _, kind := range domain.ClientCommands() {
		data := goodData(t, kind)
		checker.check(kind, data, true)
		checker.check(kind, strings.Replace(data, "{", `{"colour":"red",`, 1), false)
		checker.check(kind, "{}", false)
		role := access.Importer
		switch {
		case kind == "policy.adopt":
			role = access.Officer
		case domain.IsConfig(kind):
			role = access.Operator
		}
		if r := s.submit(role, kind, data); r.status == 200 {
			checker.check("Verdict", r.body, true)
		}
	}
	s.reportFailures("alice", 10)
	s.server.ServeWebhooks(oneDelivery())
	for i := range routes {
		to := &routes[i]
		if to.method != "GET" || to.answer == "" || to.path == "/v1/records" || to.tag == "Dead letters" {
			continue // TestEachExampleOfDocumentWorks checks the others
		}
		role := access.Auditor
		if to.tag == "Configuration" {
			role = access.Operator
		}
		r := s.get(role, pathOf(to))
		r.want(t, 200)
		checker.check(to.answer, r.body, true)
	}
	for line := range strings.Lines(s.get(access.Auditor, "/v1/records").body) {
		checker.check("Record", line, true)
	}
	checker.check("Problem", s.submit(access.Gateway, "login.report", "{}").body, true)
}

func TestDocsPagesLoadNothingFromOtherHosts(t *testing.T) {
	s := newTestServer(t)
	page := s.get("", docsPath)
	page.want(t, 200)
	loads := regexp.MustCompile(`<(?:link|script|img)[^>]* (?:src|href)="([^"]+)"`)
	assets := loads.FindAllStringSubmatch(page.body, -1)
	if len(assets) < 3 {
		t.Fatalf("got %d assets, want at least 3: %s", len(assets), page.body)
	}
	for _, a := range assets {
		if !strings.HasPrefix(a[1], "/docs/") {
			t.Errorf("%s loads %s, want only paths below /docs/", docsPath, a[1])
			continue
		}
		s.get("", a[1]).want(t, 200)
	}
	policy := page.header.Get("Content-Security-Policy")
	if !strings.HasPrefix(policy, "default-src 'none'") || strings.Contains(policy, "http") {
		t.Errorf("%s: got Content-Security-Policy %q, want default-src 'none' and no host", docsPath, policy)
	}
}

// TestDocsStyleHasTheColours checks that the style sheet of the API pages begins with the shared colours.
func TestDocsStyleHasTheColours(t *testing.T) {
	got := newTestServer(t).get("", stylePath)
	got.want(t, 200)
	if !strings.Contains(got.body, "--page: ") || !strings.Contains(got.body, "#swagger-ui") {
		t.Errorf("got %s, want the colours and the rules", got.body)
	}
}
