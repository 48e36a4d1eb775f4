package httpapi

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"authledger/access"
	"authledger/domain"
)

// TestOpenAPI wants the document to name every route, once, with what is in its
// path, and nothing that isn't there.
func TestOpenAPI(t *testing.T) {
	s := newSite(t)
	r := s.get("", "/openapi.json")
	r.want(t, 200, `"openapi":"3.1.0"`)
	var document struct {
		Paths map[string]map[string]struct {
			OperationID string
			Parameters  []struct{ Name, In string }
		}
		Components struct{ Schemas map[string]json.RawMessage }
	}
	if err := json.Unmarshal([]byte(r.body), &document); err != nil {
		t.Fatal(err)
	}
	for _, ref := range regexp.MustCompile(`"\$ref":"([^"]*)"`).FindAllStringSubmatch(r.body, -1) {
		if _, there := document.Components.Schemas[strings.TrimPrefix(ref[1], schemaPrefix)]; !there {
			t.Errorf("%s is nowhere", ref[1])
		}
	}
	ids := make(map[string]bool)
	for path, operations := range document.Paths {
		for method, o := range operations {
			if ids[o.OperationID] || o.OperationID == "" {
				t.Errorf("%s %s: the id %q is no other's", method, path, o.OperationID)
			}
			ids[o.OperationID] = true
			for _, name := range regexp.MustCompile(`\{([a-z]+)\}`).FindAllStringSubmatch(path, -1) {
				found := false
				for _, p := range o.Parameters {
					found = found || p.In == "path" && p.Name == name[1]
				}
				if !found {
					t.Errorf("%s does not say what %s is", path, name[1])
				}
			}
		}
	}
	if want := len(routes) - 1 + len(domain.ClientCommands()); len(ids) != want {
		t.Errorf("%d operations, want %d", len(ids), want)
	}
}

// TestAnswersFitTheDocument checks what is answered against what the document
// promises, and what commands take against what is taken.
func TestAnswersFitTheDocument(t *testing.T) {
	s := newSite(t)
	var document any
	if err := json.Unmarshal(s.edge.document, &document); err != nil {
		t.Fatal(err)
	}
	checker := schemaChecker{t, document}
	for _, kind := range domain.ClientCommands() {
		data := goodData(t, kind)
		checker.fits(kind, data, true)
		checker.fits(kind, strings.Replace(data, "{", `{"colour":"red",`, 1), false)
		checker.fits(kind, "{}", false)
		role := access.Importer
		if kind == "policy.adopt" {
			role = access.Officer
		}
		if r := s.typed(role, kind, data); r.status == 200 {
			checker.fits("Verdict", r.body, true)
		}
	}
	s.fails("alice", 10)
	for i := range routes {
		to := &routes[i]
		if to.method != "GET" || to.answer == "" || to.path == "/v1/records" {
			continue
		}
		r := s.get(access.Auditor, pathOf(to))
		r.want(t, 200)
		checker.fits(to.answer, r.body, true)
	}
	for line := range strings.Lines(s.get(access.Auditor, "/v1/records").body) {
		checker.fits("Record", line, true)
	}
	checker.fits("Problem", s.typed(access.Gateway, "login.report", "{}").body, true)
}

// The pages about the interface load nothing from anywhere else.
func TestDocsPages(t *testing.T) {
	s := newSite(t)
	page := s.get("", docsPath)
	page.want(t, 200)
	assets := regexp.MustCompile(`(?:src|href)="([^"]+)"`).FindAllStringSubmatch(page.body, -1)
	if len(assets) < 3 {
		t.Fatalf("%d assets: %s", len(assets), page.body)
	}
	for _, a := range assets {
		if !strings.HasPrefix(a[1], "/docs/") {
			t.Errorf("the page loads %s", a[1])
			continue
		}
		if r := s.get("", a[1]); r.status != 200 {
			t.Errorf("%s: %d", a[1], r.status)
		}
	}
	if policy := page.header.Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'none'") || strings.Contains(policy, "http") {
		t.Error(policy)
	}
	problems := s.get("", problemsPath)
	for _, kind := range []string{badRequest, unauthorized, forbidden, notFound, notAllowed, tooLarge, unsupported, invalidCommand, tooManyRequests, outcomeUnknown, notReady, internal} {
		problems.want(t, 200, `id="`+kind+`"`)
	}
}
