package httpapi

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"authledger/adapters/httpapi/apidoc"
	"authledger/domain/access"
	"authledger/domain/operations"
)

// apiOperation is an operation of the document, as a client reads it.
type apiOperation struct {
	id, method, path string

	Parameters []struct {
		Name, In string
		Required bool
		Example  any
	}
	RequestBody struct {
		Content map[string]struct {
			Example  json.RawMessage
			Examples map[string]struct{ Value json.RawMessage }
		}
	}
	Responses map[string]struct {
		Ref     string `json:"$ref"`
		Headers map[string]any
		Content map[string]struct{ Schema map[string]any }
	}
	Security []map[string][]string
	Roles    []access.Role `json:"x-permitted-roles"`
}

// apiOperations returns the operations of the served document by their ids.
func apiOperations(t *testing.T, s *testServer) map[string]*apiOperation {
	t.Helper()
	var document struct {
		Paths map[string]map[string]*apiOperation
	}
	if err := json.Unmarshal([]byte(s.get("", openAPIPath).body), &document); err != nil {
		t.Fatal(err)
	}
	var ids struct {
		Paths map[string]map[string]struct{ OperationID string }
	}
	if err := json.Unmarshal([]byte(s.get("", openAPIPath).body), &ids); err != nil {
		t.Fatal(err)
	}
	all := make(map[string]*apiOperation)
	for path, methods := range document.Paths {
		for method, o := range methods {
			o.id, o.method, o.path = ids.Paths[path][method].OperationID, strings.ToUpper(method), path
			all[o.id] = o
		}
	}
	return all
}

// sample is one request that an operation's examples describe.
type sample struct {
	name, path, body string
	headers          []string
	role             access.Role
}

// samples returns a request with the required parameters only, one with each other parameter,
// and one for each example of a body.
func (o *apiOperation) samples() (all []sample) {
	base := sample{name: "required parameters", path: o.path, role: o.role()}
	options := url.Values{}
	for _, p := range o.Parameters {
		text := fmt.Sprint(p.Example)
		switch {
		case p.Example == nil: // a cursor is known only after the previous page
		case p.In == "path":
			base.path = strings.ReplaceAll(base.path, "{"+p.Name+"}", url.PathEscape(text))
		case p.In == "header" && p.Required:
			base.headers = append(base.headers, p.Name, text)
		case p.In == "query":
			options.Set(p.Name, text)
		}
	}
	if len(o.RequestBody.Content) > 0 {
		return o.bodies(base)
	}
	all = append(all, base)
	for _, name := range slices.Sorted(maps.Keys(options)) {
		with := base
		with.name, with.path = name, base.path+"?"+url.Values{name: options[name]}.Encode()
		all = append(all, with)
	}
	for _, p := range o.Parameters {
		if p.In == "header" && !p.Required {
			with := base
			with.name, with.headers = p.Name, append(slices.Clone(base.headers), p.Name, fmt.Sprint(p.Example))
			all = append(all, with)
		}
	}
	return all
}

// role returns the role of a request: the auditor if it is permitted, otherwise the first.
func (o *apiOperation) role() access.Role {
	switch {
	case slices.Contains(o.Roles, access.Auditor):
		return access.Auditor
	case len(o.Roles) > 0:
		return o.Roles[0]
	}
	return ""
}

func (o *apiOperation) bodies(base sample) (all []sample) {
	for kind, content := range o.RequestBody.Content {
		if content.Example != nil {
			content.Examples = map[string]struct{ Value json.RawMessage }{"example": {content.Example}}
		}
		for name, example := range content.Examples {
			with := base
			with.name, with.body = kind+" "+name, string(example.Value)
			with.headers = append(slices.Clone(base.headers), "Content-Type", kind)
			var event apidoc.ExampleEvent
			if json.Unmarshal(example.Value, &event) == nil && event.Source != "" {
				with.role = roleOfSource(event.Source)
			}
			if kind == batchType {
				with.role = access.Importer
			}
			if kind == jsonType && o.path == commandsPath {
				with.headers = append(with.headers, o.headerExamples()...)
				with.role = roleOfSource(apidoc.BinaryExample.Source)
			}
			all = append(all, with)
		}
	}
	return all
}

func (o *apiOperation) headerExamples() (headers []string) {
	for _, p := range o.Parameters {
		if p.In == "header" {
			headers = append(headers, p.Name, fmt.Sprint(p.Example))
		}
	}
	return headers
}

func roleOfSource(source string) access.Role {
	role, _, _ := strings.Cut(source, "/")
	return access.Role(role)
}

// newExampleServer returns a server with the history of the examples, dead letters and tasks.
func newExampleServer(t *testing.T) *testServer {
	t.Helper()
	s := newTaskServer(t, func(context.Context, func(any) error) (any, error) {
		return map[string]any{}, nil
	})
	s.server.ServeWebhooks(oneDelivery())
	s.server.options.Metrics = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "up 1\n") // a client that disconnected fails the test
	})
	s.openHistory()
	return s
}

// newHistory replaces the ledger by a ledger with only the history of the examples.
func (s *testServer) newHistory() {
	s.closeLedger()
	s.openLedger()
	s.openHistory()
}

// openHistory opens the ledger and submits the history of the examples.
func (s *testServer) openHistory() {
	s.t.Helper()
	s.server.Open(s.ledger, s.rows,
		&Intake{DeadLetters: oneDeadLetter{}, Warnings: func() []string { return nil }})
	history, err := json.Marshal(apidoc.ExampleHistory)
	if err != nil {
		s.t.Fatal(err)
	}
	r := s.request(access.Importer, "POST", commandsPath, string(history), "Content-Type", batchType)
	got, want := strings.Count(r.body, `"status":"accepted"`), len(apidoc.ExampleHistory)
	if r.status != 200 || got != want {
		s.t.Fatalf("history: got status %d, %d accepted, want 200, %d: %s", r.status, got, want, r.body)
	}
}

// Each example of the document is a request that a node with the documented history accepts,
// and its answer matches the document.
func TestEachExampleOfDocumentWorks(t *testing.T) {
	s, accepted, commands := newExampleServer(t), 0, 0
	all := apiOperations(t, s)
	var document any
	if err := json.Unmarshal(s.server.document, &document); err != nil {
		t.Fatal(err)
	}
	checker := schemaChecker{t, document}
	batches := all["submitCommands"].RequestBody.Content[batchType].Examples
	if batches["history"].Value == nil {
		t.Fatal("example history: got none, want it in the document, because the other examples need it")
	}
	for _, id := range slices.Sorted(maps.Keys(all)) {
		o := all[id]
		if o.method == "POST" || id == "records" { // the example of readSession follows the history
			s.newHistory()
		}
		for _, each := range o.samples() {
			r := s.request(each.role, o.method, each.path, each.body, each.headers...)
			r.want(t, 200)
			if wrong := o.wrongAnswer(checker, r); wrong != "" {
				t.Errorf("%s, %s: got an answer that the document excludes: %s: %.300s", id, each.name, wrong, r.body)
			}
			if strings.HasPrefix(o.path, commandsPath) && !strings.HasPrefix(r.body, "[") {
				commands++
				accepted += strings.Count(r.body, `"status":"accepted"`)
			}
		}
	}
	if accepted*3 < commands {
		t.Errorf("got %d accepted of %d examples of commands, want at least a third", accepted, commands)
	}
}

// wrongAnswer returns the first member of an answer that breaks the document, "" for none. It
// checks the described headers too: the document describes each header of the answer except
// those of HTTP itself.
func (o *apiOperation) wrongAnswer(checker schemaChecker, r reply) string {
	described, ok := o.Responses[fmt.Sprint(r.status)]
	if !ok {
		return fmt.Sprint("status ", r.status)
	}
	ofHTTP := []string{"Content-Type", "Content-Length", "Date", "Cache-Control", "X-Content-Type-Options",
		"Content-Security-Policy", "Vary"}
	for name := range r.header {
		if name == eTagHeader {
			name = apidoc.ETagHeader
		}
		if _, ok := described.Headers[name]; !ok && !slices.Contains(ofHTTP, name) {
			return "header " + name
		}
	}
	kind, _, _ := strings.Cut(r.header.Get("Content-Type"), ";")
	content, ok := described.Content[kind]
	if !ok {
		if len(described.Content) == 0 {
			return ""
		}
		return "content type " + kind
	}
	texts := []string{r.body}
	switch {
	case kind == "application/jsonl":
		texts = slices.Collect(strings.Lines(r.body))
	case !strings.HasSuffix(kind, "json"):
		return ""
	}
	for _, text := range texts {
		var value any
		if err := json.Unmarshal([]byte(text), &value); err != nil {
			return err.Error()
		}
		if wrong := checker.wrong(content.Schema, value, "answer"); wrong != "" {
			return wrong
		}
	}
	return ""
}

// The examples of all parameters of a query work together.
func TestExamplesOfParametersWorkTogether(t *testing.T) {
	s := newExampleServer(t)
	for _, o := range operations.All() {
		role := access.Auditor
		if !role.May(access.Right(o.Right)) {
			role = access.Operator
		}
		path, query := o.Path, url.Values{}
		for _, p := range o.Parameters {
			if p.In == operations.InPath {
				path = strings.Replace(path, "{"+p.Name+"}", p.Example, 1)
			} else if p.Name != operations.ReadSession && p.Type != operations.Cursor { // both of one other query
				query.Set(p.Name, p.Example)
			}
		}
		s.request(role, o.Method, path+"?"+query.Encode(), "").want(t, 200)
	}
}
