package console

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"authledger/domain"
	"authledger/domain/access"
	"authledger/eventstore"
)

// newPseudonymousConsole returns a console of a ledger whose records name persons by pseudonyms.
func newPseudonymousConsole(t *testing.T) *testConsole {
	t.Helper()
	manifest := eventstore.NewManifest("main", "{}")
	manifest.Pseudonymous = true
	return newConsoleOf(t, true, manifest)
}

var pseudonymLinks = regexp.MustCompile(`/users/(~[a-z2-7]{26})"`)

// Pages contain names, and their links and hidden fields contain pseudonyms. Each form accepts the name.
func TestNames(t *testing.T) {
	c := newPseudonymousConsole(t)
	c.do(0, login("zelda"))
	v := c.visitor(access.Auditor)
	page := v.get("/records?entity=user/zelda&type=login.report")
	page.want(t, http.StatusOK, "zelda")
	found := pseudonymLinks.FindStringSubmatch(v.get("/records/2").body)
	if found == nil {
		t.Fatalf("got %s, want a link with the pseudonym", v.get("/records/2").body)
	}
	pseudonym := found[1]
	for _, path := range []string{"/users/zelda", "/users/" + pseudonym} {
		v.get(path).want(t, http.StatusOK, "<h1><bdi>zelda</bdi>")
	}
	v.get("/records.csv?entity=user/zelda").want(t, http.StatusOK, "user/zelda")
	v.get("/records.jsonl?type=login.report").want(t, http.StatusOK, pseudonym)
	v.get("/users/yvonne").want(t, http.StatusNotFound, "No person has this name")
	v.get("/records?entity=user/yvonne").want(t, http.StatusNotFound, "No person has this name")
	form := url.Values{"form": {v.get("/").formToken(t)}, "q": {"zelda"}}
	if got := v.post("/search", form); got.header.Get("Location") != "/users/"+pseudonym {
		t.Errorf("search: got %d to %q, want the page of the pseudonym", got.status, got.header.Get("Location"))
	}
	for seq := uint64(1); seq <= c.ledger.Health().Position.Seq; seq++ {
		r, err := c.ledger.Record(t.Context(), seq)
		if err != nil {
			t.Fatal(err)
		}
		if read, ok := r.Command.Data.(*domain.AuditRead); ok &&
			(strings.Contains(read.Query, "zelda") || strings.Contains(read.Query, "yvonne")) {
			t.Errorf("record %d: got the query %s, want no name", seq, read.Query)
		}
	}
}

// An officer types the name to erase the person, and no later page contains the name.
func TestNames_Forget(t *testing.T) {
	c := newPseudonymousConsole(t)
	c.do(0, login("zelda"))
	v := c.visitor(access.Officer)
	page := v.get("/users/zelda")
	pseudonym := regexp.MustCompile(`user=(~[a-z2-7]{26}|%7E[a-z2-7]{26})`).FindString(page.body)
	if pseudonym == "" {
		t.Fatalf("got %s, want a link to an act on the pseudonym", page.body)
	}
	members := []string{"user", "zelda", "state", "0", "case", "C-1", "by", "olga", "typed", "zelda"}
	mistyped := append(members[:len(members)-1:len(members)-1], "zeld")
	v.post("/work/forget", v.values(mistyped...)).want(t, http.StatusUnprocessableEntity, "exact name",
		`value="zeld"`)
	incomplete := v.values(members...)
	incomplete.Del("case")
	v.post("/work/forget", incomplete).want(t, http.StatusUnprocessableEntity, `name="typed" value="zelda"`)
	v.post("/work/forget/submit", v.confirm("forget", members...)).want(t, http.StatusOK, "accepted")
	for _, path := range []string{"/erasures", "/records", "/"} {
		if got := c.visitor(access.Officer).get(path); strings.Contains(got.body, "zelda") {
			t.Errorf("%s: got %s, want no name", path, got.body)
		}
	}
	v.get("/users/zelda").want(t, http.StatusNotFound)
}
