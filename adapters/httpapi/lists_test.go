package httpapi

import (
	"encoding/csv"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"authledger/domain/access"
	"authledger/domain/operations"
	"authledger/eventstore/wire"
)

// listRequest is a request for a list with the history of the examples, by a role whose reads the
// ledger does not record.
type listRequest struct {
	*operations.Operation
	role access.Role
	path string
}

func listRequests() (all []listRequest) {
	for i := range operations.All() {
		o := &operations.All()[i]
		if !o.IsList() {
			continue
		}
		path := o.Path
		if p := o.PathParameter(); p != nil {
			path = strings.ReplaceAll(path, "{"+p.Name+"}", p.Example)
		}
		may := func(r access.Role) bool { return r != access.Auditor && r.May(access.Right(o.Right)) }
		all = append(all, listRequest{o, access.Roles()[slices.IndexFunc(access.Roles(), may)], path})
	}
	return all
}

// TestLists_CSV compares the names of the columns of each list with a file, because spreadsheets
// depend on the names.
func TestLists_CSV(t *testing.T) {
	s := newExampleServer(t)
	var names strings.Builder
	for _, l := range listRequests() {
		r := s.request(l.role, "GET", l.path, "", "Accept", "text/csv")
		if got := r.header.Get("Content-Type"); r.status != 200 || got != csvContentType {
			t.Fatalf("%s: got %d %s %s, want 200 and CSV", l.Name, r.status, got, r.body)
		}
		if strings.Count(r.body, "\n") != strings.Count(r.body, "\r\n") || !strings.HasSuffix(r.body, "\r\n") {
			t.Errorf("%s: got %q, want line ends CRLF", l.Name, r.body)
		}
		table, err := csv.NewReader(strings.NewReader(r.body)).ReadAll()
		if err != nil {
			t.Fatalf("%s: got %q, %v, want CSV", l.Name, r.body, err)
		}
		var page map[string]json.RawMessage
		var items []json.RawMessage
		if json.Unmarshal([]byte(s.get(l.role, l.path).body), &page); page[l.Items] == nil {
			t.Fatalf("%s: got %v, want the member %s", l.Name, page, l.Items)
		}
		if err := json.Unmarshal(page[l.Items], &items); err != nil || len(table) < 1+len(items) {
			t.Errorf("%s: got %d lines for %d items, %v, want a line for each", l.Name, len(table), len(items), err)
		}
		names.WriteString(l.Name + ": " + strings.Join(table[0], ",") + "\n")
	}
	const path = "testdata/columns.txt"
	if *update {
		if err := os.WriteFile(path, []byte(names.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil || names.String() != string(want) {
		t.Errorf("columns: got\n%s, %v, want the content of %s", names.String(), err, path)
	}
}

// TestLists_Link follows the links of each list, with one item on a page, as JSON and as CSV.
func TestLists_Link(t *testing.T) {
	s := newExampleServer(t)
	for _, l := range listRequests() {
		seen := 0
		for path, pages := l.path+"?limit=1&purpose=a%26b", 0; path != ""; pages++ {
			asJSON := s.get(l.role, path)
			asCSV := s.request(l.role, "GET", path, "", "Accept", "text/csv")
			var page struct{ Next string }
			if err := json.Unmarshal([]byte(asJSON.body), &page); err != nil && l.Name != "dead-letters" {
				t.Fatalf("%s: got %s, %v, want a page", path, asJSON.body, err)
			}
			link := asJSON.header.Get("Link")
			if got := asCSV.header.Get("Link"); got != link || (link == "") != (page.Next == "") || pages > 50 {
				t.Fatalf("%s: got the links %q and %q on page %d, want both for the next page %q", path, link, got,
					pages, page.Next)
			}
			target, isNext := strings.CutSuffix(strings.TrimPrefix(link, "<"), `>; rel="next"`)
			if path = ""; isNext {
				path = target
				values, err := url.Parse(target)
				q := values.Query()
				if err != nil || q.Get("after") != page.Next || q.Get("limit") != "1" || q.Get("purpose") != "a&b" {
					t.Fatalf("%s: got the link %s, %v, want all parameters and after=%s", l.Name, target, err, page.Next)
				}
			}
			seen++
		}
		t.Logf("%s: %d pages", l.Name, seen)
	}
}

func TestList_MediaTypes(t *testing.T) {
	s := newTestServer(t)
	s.reportFailures("alice", 1)
	for _, c := range []struct {
		path, accept string
		status       int
		want         string
	}{
		{"/v1/users", "", 200, "application/json"},
		{"/v1/users", ",", 200, "application/json"},
		{"/v1/users", "*/*", 200, "application/json"},
		{"/v1/users", "text/csv;q=0.5, application/json;q=0.4", 200, csvContentType},
		{"/v1/users", "text/*", 200, csvContentType},
		{"/v1/users", "application/json, text/csv", 200, "application/json"},
		{"/v1/users", "application/xml", 406, "application/problem+json"},
		{"/v1/users", "application/json;q=0, */*;q=0.1", 200, csvContentType},
		{"/v1/users", "text/csv;q=0, application/json;q=0", 406, "application/problem+json"},
		{"/v1/users/alice/timeline?reveal=true&purpose=x", "text/csv", 400, "application/problem+json"},
	} {
		var headers []string
		if c.accept != "" {
			headers = []string{"Accept", c.accept}
		}
		r := s.request(access.Auditor, "GET", c.path, "", headers...)
		r.want(t, c.status)
		if got := r.header.Get("Content-Type"); got != c.want {
			t.Errorf("Accept %q: got %s, want %s", c.accept, got, c.want)
		}
		if vary := r.header.Get("Vary"); vary != "Accept, Authorization" {
			t.Errorf("Accept %q: got Vary %q, want Accept, Authorization", c.accept, vary)
		}
	}
	reads := strings.Count(s.get(access.Auditor, "/v1/records?type=audit.read").body, "\n")
	if reads != 8 { // seven lists, and the read of the records
		t.Errorf("recorded reads: got %d, want 8, none of a refused request", reads)
	}
}

// wantTag checks that an answer has a tag, and returns the tag.
func (r reply) wantTag(t *testing.T, status int) string {
	t.Helper()
	r.want(t, status)
	tag := r.header.Get("ETag")
	if !strings.HasPrefix(tag, `W/"`) || r.header.Get("Vary") != "Accept, Authorization" {
		t.Fatalf("got ETag %q and Vary %q, want a weak tag and Accept, Authorization", tag, r.header.Get("Vary"))
	}
	if status == http.StatusNotModified && (r.body != "" || r.header.Get("Content-Type") != "") {
		t.Errorf("status 304: got %q of type %q, want no body", r.body, r.header.Get("Content-Type"))
	}
	return tag
}

// TestLists_NotModified sends each list again with the tag of its answer.
func TestLists_NotModified(t *testing.T) {
	s := newExampleServer(t)
	for _, l := range listRequests() {
		tag := s.get(l.role, l.path).wantTag(t, 200)
		for _, sent := range []string{tag, strings.TrimPrefix(tag, "W/"), `"other", ` + tag} {
			again := s.request(l.role, "GET", l.path, "", "If-None-Match", sent).wantTag(t, 304)
			if again != tag {
				t.Errorf("%s: got the tag %s with status 304, want that of the client, %s", l.Name, again, tag)
			}
		}
	}
}

// TestList_AnyTagWithoutIntake sends the condition of any tag for a list that the node does not have.
func TestList_AnyTagWithoutIntake(t *testing.T) {
	s := newTestServer(t)
	s.request(access.Operator, "GET", "/v1/dead-letters", "", "If-None-Match", "*").want(t, 404)
}

// TestList_ChangedTag sends a tag with other requests, and after changes.
func TestList_ChangedTag(t *testing.T) {
	s := newTestServer(t)
	s.reportFailures("alice", 2)
	now := s.server.options.Now()
	s.server.options.Now = func() time.Time { return now }
	const path = "/v1/users?limit=5"
	tag := s.get(access.Support, path).wantTag(t, 200)
	past := string(wire.AppendTime(nil, now.Add(-time.Hour)))
	stable := "/v1/users?asOf=1&at=" + past
	stableTag := s.get(access.Support, stable).wantTag(t, 200)
	for _, c := range []struct {
		name, path, tag string
		role            access.Role
		accept          string
		status          int
	}{
		{"same request", path, tag, access.Support, "*/*", 304},
		{"any tag", path, "*", access.Support, "*/*", 304},
		{"other limit", "/v1/users?limit=6", tag, access.Support, "*/*", 200},
		{"other list", "/v1/devices?limit=5", tag, access.Support, "*/*", 200},
		{"other format", path, tag, access.Support, "text/csv", 200},
		{"other role", path, tag, access.Dashboard, "*/*", 200},
		{"purpose and atLeast", path + "&purpose=x&atLeast=1", tag, access.Support, "*/*", 304},
		{"invalid tag", path, `W/"`, access.Support, "*/*", 200},
		{"invalid instant", path, tag[:strings.IndexByte(tag, '.')] + `.!"`, access.Support, "*/*", 200},
		{"earlier position", stable, stableTag, access.Support, "*/*", 304},
		{"other position", strings.Replace(stable, "=1", "=2", 1), stableTag, access.Support, "*/*", 200},
	} {
		r := s.request(c.role, "GET", c.path, "", "If-None-Match", c.tag, "Accept", c.accept)
		if r.status != c.status {
			t.Errorf("%s: got %d %s, want %d", c.name, r.status, r.body, c.status)
		}
	}
	now = now.Add(tagValidFor - time.Second)
	s.request(access.Support, "GET", path, "", "If-None-Match", tag).wantTag(t, 304)
	now = now.Add(time.Second)
	s.request(access.Support, "GET", path, "", "If-None-Match", tag).wantTag(t, 200)
	s.reportFailures("alice", 1)
	s.request(access.Support, "GET", path, "", "If-None-Match", tag).wantTag(t, 200)
	s.request(access.Support, "GET", stable, "", "If-None-Match", stableTag).wantTag(t, 304)
}
