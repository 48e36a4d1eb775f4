package console

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"authledger/domain/access"
)

func TestAccountShowsDaysAndLimits(t *testing.T) {
	c := newTestConsole(t, true)
	c.populate()
	got := c.visitor(access.Support).get("/accounts/U1")
	for _, want := range []string{"1,234,567.89", "the day of the page", "business day", "200,000.00", "w-1",
		"/users/alice"} {
		if !strings.Contains(got.body, want) {
			t.Errorf("got a page without %q, want it: %s", want, got.body)
		}
	}
}

func TestRecordExplainsVerdict(t *testing.T) {
	c := newTestConsole(t, true)
	c.populate()
	for role, want := range map[access.Role][]string{
		access.Auditor: {"sealed", `href="/records/`, "login.report", "stored line"},
		access.Officer: {`href="/records/`, "login.report"},
	} {
		got := c.visitor(role).get("/records/17") // the tenth failure locks the user
		for _, text := range want {
			if !strings.Contains(strings.ToLower(got.body), text) {
				t.Errorf("%s: got a page without %q, want it: %s", role, text, got.body)
			}
		}
		if hasLine := strings.Contains(got.body, `<pre class="line"`); hasLine != mayRead(role, "record") {
			t.Errorf("%s: got the stored line %v, want %v", role, hasLine, mayRead(role, "record"))
		}
		if strings.Contains(got.body, "192.0.2.7") {
			t.Errorf("%s: got a sealed address, want it sealed", role)
		}
	}
}

// Only a role with both rights sees personal data, and each such view is on record.
func TestReveal(t *testing.T) {
	c := newTestConsole(t, true)
	c.populate()
	for name, want := range map[string]struct {
		role    access.Role
		purpose string
		status  int
		shows   bool
	}{
		"auditor":                   {access.Auditor, "complaint 17", http.StatusOK, true},
		"auditor without a purpose": {access.Auditor, " ", http.StatusBadRequest, false},
		"long purpose":              {access.Auditor, strings.Repeat("x", 257), http.StatusBadRequest, false},
		"officer":                   {access.Officer, "complaint 17", http.StatusForbidden, false},
		"support":                   {access.Support, "complaint 17", http.StatusForbidden, false},
	} {
		t.Run(name, func(t *testing.T) {
			v := c.visitor(want.role)
			before := len(c.reads())
			form := v.get("/users/alice").formToken(t)
			got := v.post("/records/10/reveal", url.Values{"form": {form}, "purpose": {want.purpose}})
			if got.status != want.status {
				t.Errorf("got %d %s, want %d", got.status, got.body, want.status)
			}
			if shows := strings.Contains(got.body, "192.0.2.7"); shows != want.shows {
				t.Errorf("got the address %v, want %v", shows, want.shows)
			}
			reads := c.reads()[before:]
			last := ""
			if len(reads) > 0 {
				last = reads[len(reads)-1]
			}
			if recorded := last == string(want.role)+" /records/10"; recorded != want.shows {
				t.Errorf("got reads %q, want one of the record: %v", reads, want.shows)
			}
		})
	}
}
