package console

import (
	"fmt"
	"html"
	"net/http"
	"strings"
	"testing"

	"authledger/domain"
	"authledger/domain/access"
)

// hostileNames are texts that break a page which does not escape or isolate them: markup, characters
// that turn the direction of the text around, and a text without a space.
var hostileNames = map[string]string{
	"markup":    "<script>alert(1)</script>",
	"override":  "a\u202Etxt.exe",
	"isolate":   "b\u2066c",
	"long name": strings.Repeat("n", 200),
}

// TestHostileNamesOnEachPage checks that each page escapes stored texts and isolates their direction.
func TestHostileNamesOnEachPage(t *testing.T) {
	languages := []string{"en", "ru"}
	if testing.Short() {
		languages = languages[:1]
	}
	for name, text := range hostileNames {
		t.Run(name, func(t *testing.T) {
			c := newTestConsole(t, true)
			c.populate()
			c.do(0, &domain.DeviceRename{User: "alice", Device: "card-1", Label: text})
			c.do(0, &domain.IdentityVerify{User: "bob", Agent: text, Channel: "phone"})
			shown := 0
			for _, role := range access.Roles() {
				v := c.visitor(role)
				for _, language := range languages {
					v.language = language
					shown += v.wantHarmless(t, text)
				}
			}
			if shown == 0 {
				t.Error("got no page with the text, want one")
			}
		})
	}
}

// wantHarmless opens each page, and returns the number of places that show the text.
func (v *visitor) wantHarmless(t *testing.T, text string) (shown int) {
	t.Helper()
	end := v.c.rows.Position().Seq
	paths := []string{"/", "/users/alice", "/users/bob", "/accounts/U1", "/records", "/integrity", "/work"}
	for seq := end - 3; seq <= end; seq++ {
		paths = append(paths, fmt.Sprint("/records/", seq))
	}
	for _, path := range paths {
		page := v.get(path)
		if page.status >= http.StatusInternalServerError {
			t.Errorf("%s: got status %d", path, page.status)
		}
		if strings.Contains(page.body, "<script>alert") {
			t.Errorf("%s: got a text as markup, want it escaped", path)
		}
		shown += isolated(t, path, page.body, html.EscapeString(text))
	}
	return shown
}

// isolated checks that each place with the text is in an element whose direction is isolated, and
// returns the number of places.
func isolated(t *testing.T, path, page, text string) (places int) {
	t.Helper()
	for rest := page; ; places++ {
		before, after, found := strings.Cut(rest, text)
		if !found {
			return places
		}
		done := page[:len(page)-len(rest)+len(before)]
		isIsolated := strings.LastIndex(done, "<bdi") > strings.LastIndex(done, "</bdi>") ||
			strings.LastIndex(done, "<pre") > strings.LastIndex(done, "</pre>") // one line of JSON each
		if !isIsolated {
			t.Errorf("%s: got the text outside of bdi after %q", path, done[max(0, len(done)-120):])
		}
		rest = after
	}
}
