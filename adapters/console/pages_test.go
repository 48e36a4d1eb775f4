package console

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"authledger/domain/access"
)

// pageCases lists a page of each kind, with the roles that may see it.
var pageCases = []struct {
	path       string
	operations []string // nil for a page without a session
	holds      string
}{
	{"/", overviewOperations, `id="overview"`},
	{"/users/alice", userOperations, "<bdi>alice</bdi>"},
	{"/users/bob", userOperations, "<bdi>bob</bdi>"},
	{"/users/alice?family=login&status=accepted", userOperations, "<bdi>alice</bdi>"},
	{"/users/alice?asOf=3", userOperations, `class="moment past"`},
	{"/?at=2026-01-01T00:00:00Z", overviewOperations, `class="moment past"`},
	{"/accounts/U1", accountOperations, "<bdi>U1</bdi>"},
	{"/accounts/U1?asOf=9", accountOperations, `class="moment past"`},
	{"/erasures", erasuresOperations, `id="erasures"`},
	{"/erasures?asOf=3", erasuresOperations, `class="moment past"`},
	{"/records", exploreOperations, `id="filter-title"`},
	{"/records?status=refused&type=login.report&asOf=12", exploreOperations, `class="moment past"`},
	{"/records/7", recordOperations, `id="verdict-title"`},
	{"/records/17", recordOperations, `id="verdict-title"`},
	{"/records/17?asOf=18", recordOperations, `class="moment past"`},
}

func TestPages_OfEachRoleAndLanguage(t *testing.T) {
	c := newTestConsole(t, true)
	c.populate()
	for _, role := range access.Roles() {
		v := c.visitor(role)
		for _, page := range pageCases {
			for _, language := range []string{"en", "ru"} {
				v.language = language
				got := v.get(page.path)
				name := string(role) + " " + language + " " + page.path
				checkPage(t, name, language, got)
				want := http.StatusForbidden
				if slices.ContainsFunc(page.operations, func(o string) bool { return mayRead(role, o) }) {
					want = http.StatusOK
				}
				if got.status != want {
					t.Errorf("%s: got status %d, want %d", name, got.status, want)
				}
				if want == http.StatusOK && !strings.Contains(got.body, page.holds) {
					t.Errorf("%s: got %s, want it to contain %s", name, got.body, page.holds)
				}
			}
		}
	}
}

var (
	hosts  = regexp.MustCompile(`(?i)(src|href|action)\s*=\s*"?\s*(https?:)?//`)
	inline = regexp.MustCompile(`(?i)<script[^>]*>[^<]|<style|\sstyle\s*=|\son[a-z]+\s*=\s*"`)
	ids    = regexp.MustCompile(`\sid="([^"]+)"`)
	parts  = regexp.MustCompile(`\s(aria-labelledby|aria-describedby|for|list|href)="([^"]*)"`)
)

// checkPage checks the properties that all pages have.
func checkPage(t *testing.T, name, language string, got reply) {
	t.Helper()
	if policy := got.header.Get("Content-Security-Policy"); policy != contentPolicy {
		t.Errorf("%s: got policy %q, want %q", name, policy, contentPolicy)
	}
	for header, want := range map[string]string{
		"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Content-Language": language,
	} {
		if value := got.header.Get(header); value != want {
			t.Errorf("%s: got %s %q, want %q", name, header, value, want)
		}
	}
	if !strings.Contains(got.body, `<html lang="`+language+`">`) {
		t.Errorf("%s: got no lang %s, want it", name, language)
	}
	for what, pattern := range map[string]*regexp.Regexp{"another host": hosts,
		"an inline script or style": inline} {
		if found := pattern.FindString(got.body); found != "" {
			t.Errorf("%s: got %s %q, want none", name, what, found)
		}
	}
	if n := strings.Count(got.body, "<h1"); n != 1 {
		t.Errorf("%s: got %d headings of level 1, want 1", name, n)
	}
	if strings.Contains(got.body, "%!") {
		t.Errorf("%s: got a text with wrong arguments: %s", name, excerpt(got.body, "%!"))
	}
}

// checkIDs checks that each id occurs once, and that the page has the parts that its labels, descriptions and
// links name.
func checkIDs(t *testing.T, name, body string) {
	t.Helper()
	seen := make(map[string]bool)
	for _, id := range ids.FindAllStringSubmatch(body, -1) {
		if seen[id[1]] {
			t.Errorf("%s: got the id %s twice, want it once", name, id[1])
		}
		seen[id[1]] = true
	}
	for _, found := range parts.FindAllStringSubmatch(body, -1) {
		names := strings.Fields(found[2])
		if found[1] == "href" {
			if names = nil; strings.HasPrefix(found[2], "#") {
				names = []string{found[2][1:]}
			}
		}
		for _, id := range names {
			if !seen[id] {
				t.Errorf("%s: got %s of a part with the id %s, want the page to have that part", name, found[1], id)
			}
		}
	}
}

func excerpt(text, around string) string {
	at := strings.Index(text, around)
	return text[max(0, at-100):min(len(text), at+100)]
}

func TestPageEscapesHostileLabel(t *testing.T) {
	c := newTestConsole(t, true)
	c.populate()
	got := c.visitor(access.Auditor).get("/users/alice")
	if strings.Contains(got.body, "<script>alert") {
		t.Errorf("got the label as markup: %s", excerpt(got.body, "<script>alert"))
	}
	if want := "&lt;script&gt;alert(1)&lt;/script&gt;"; !strings.Contains(got.body, want) {
		t.Errorf("got a page without %s, want the label as text", want)
	}
}

func TestPagesLinkToPagesOnly(t *testing.T) {
	c := newTestConsole(t, true)
	c.populate()
	link := regexp.MustCompile(`href="(/[^"]*)"`)
	for _, role := range access.Roles() {
		v := c.visitor(role)
		pages := make(map[string]reply)
		get := func(path string) reply { // requests each page once, because many pages link to it
			if _, ok := pages[path]; !ok {
				pages[path] = v.get(path)
			}
			return pages[path]
		}
		for _, page := range pageCases {
			for _, found := range link.FindAllStringSubmatch(get(page.path).body, -1) {
				path, part, _ := strings.Cut(strings.ReplaceAll(found[1], "&amp;", "&"), "#")
				got := get(path)
				if part != "" && got.status == http.StatusOK && !strings.Contains(got.body, ` id="`+part+`"`) {
					t.Errorf("%s, link of %s to %s: got no part with the id %s, want it", role, page.path, path, part)
				}
				if strings.HasPrefix(path, signInPath) {
					got.want(t, http.StatusSeeOther) // because the session has not ended
				} else if got.status != http.StatusOK && got.status != http.StatusForbidden {
					t.Errorf("%s, link of %s to %s: got status %d, want a page", role, page.path, path,
						got.status)
				}
			}
		}
	}
}

func TestPageOfUnknownThings(t *testing.T) {
	c := newTestConsole(t, true)
	c.populate()
	v := c.visitor(access.Auditor)
	for path, want := range map[string]struct {
		status int
		holds  string
	}{
		"/users/nobody":                      {http.StatusNotFound, "No record names this user"},
		"/users/Hunter2%20":                  {http.StatusNotFound, "This is not a user name"},
		"/users/alice?asOf=999999":           {http.StatusNotFound, "no such record yet"},
		"/users/alice?asOf=never":            {http.StatusBadRequest, "The moment is invalid"},
		"/users/alice?at=1&asOf=1":           {http.StatusBadRequest, "The moment is invalid"},
		"/users/alice?family=x":              {http.StatusBadRequest, "The filter is invalid"},
		"/users/alice?before=x":              {http.StatusBadRequest, "The filter is invalid"},
		"/?asOf=0":                           {http.StatusOK, "No record yet"},
		"/users/alice?asOf=0":                {http.StatusNotFound, "No record names this user"},
		"/users/alice?asOf=" + "9" + "x":     {http.StatusBadRequest, "The moment is invalid"},
		"/accounts/U2":                       {http.StatusNotFound, "No record names this account"},
		"/accounts/Hunter2%20":               {http.StatusNotFound, "This is not an account number"},
		"/accounts/U1?asOf=3":                {http.StatusNotFound, "No record names this account"},
		"/records?type=x":                    {http.StatusBadRequest, "The filter is invalid"},
		"/records?status=x":                  {http.StatusBadRequest, "The filter is invalid"},
		"/records?entity=Hunter2":            {http.StatusBadRequest, "The filter is invalid"},
		"/records?from=x":                    {http.StatusBadRequest, "The filter is invalid"},
		"/records?reason=none":               {http.StatusOK, "No record matches"},
		"/records/0":                         {http.StatusNotFound, "This is not a record number"},
		"/records/Hunter2":                   {http.StatusNotFound, "This is not a record number"},
		"/records/999999":                    {http.StatusNotFound, "no such record yet"},
		"/records/9?asOf=8":                  {http.StatusNotFound, "no such record yet"},
		"/records/9?at=2026-01-01T00:00:00Z": {http.StatusNotFound, "no such record yet"},
		"/assets/console.css":                {http.StatusOK, "--page: "}, // the colours of package style
		"/assets/none.css":                   {http.StatusNotFound, "Not found"},
	} {
		got := v.get(path)
		if got.status != want.status || !strings.Contains(got.body, want.holds) {
			t.Errorf("%s: got status %d %s, want %d and %q", path, got.status, got.body, want.status,
				want.holds)
		}
		if strings.Contains(got.body, "Hunter2") {
			t.Errorf("%s: got the text of the request, want it omitted", path)
		}
	}
}

func TestMomentFormRedirects(t *testing.T) {
	c := newTestConsole(t, true)
	c.populate()
	v := c.visitor(access.Auditor)
	for query, want := range map[string]string{
		"instant=2026-03-02T15:09&record=":           "/users/alice?at=2026-03-02T15%3A09%3A00Z",
		"instant=2026-03-02T15:09:01&record=7":       "/users/alice?asOf=7",
		"instant=&record=":                           "/users/alice",
		"instant=&record=5&at=2026-03-02T15:09:00Z":  "/users/alice?asOf=5",
		"family=login&instant=2026-03-02T15:09:01":   "/users/alice?at=2026-03-02T15%3A09%3A01Z&family=login",
		"instant=2026-03-02T15:09:01&record=&asOf=1": "/users/alice?at=2026-03-02T15%3A09%3A01Z",
	} {
		got := v.get("/users/alice?" + query)
		if to := got.header.Get("Location"); got.status != http.StatusSeeOther || to != want {
			t.Errorf("%s: got %d to %q, want 303 to %q", query, got.status, to, want)
		}
	}
}

func TestPastPageOmitsLaterRecords(t *testing.T) {
	c := newTestConsole(t, true)
	c.populate()
	v := c.visitor(access.Auditor)
	for path, isLocked := range map[string]bool{"/users/alice": true, "/users/alice?asOf=8": false} {
		got := v.get(path)
		if has := strings.Contains(got.body, `<span class="badge bad">locked</span>`); has != isLocked {
			t.Errorf("%s: got locked %v, want %v", path, has, isLocked)
		}
	}
}

func TestClosedNodeShowsProgress(t *testing.T) {
	c := newTestConsole(t, true)
	v := c.visitor(access.Support)
	c.server.node.Store(nil)
	c.server.Progress(7, 30)
	got := v.get("/users/alice")
	if got.status != http.StatusServiceUnavailable || !strings.Contains(got.body, "Commit 7 of 30") {
		t.Errorf("got %d %s, want 503 with the progress", got.status, got.body)
	}
	if got.header.Get("Retry-After") == "" || got.header.Get("Refresh") == "" {
		t.Errorf("got headers %v, want Retry-After and Refresh", got.header)
	}
}
