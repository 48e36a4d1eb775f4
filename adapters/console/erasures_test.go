package console

import (
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"authledger/domain"
	"authledger/domain/access"
)

var (
	erasedUsers = regexp.MustCompile(`<th scope="row"><span class="value"><a href="/users/([^"]+)">`)
	nextPages   = regexp.MustCompile(`href="(/erasures[^"]*)">Next page`)
)

// users returns the users of the rows of a page of erasures.
func (r reply) users() (all string) {
	for _, found := range erasedUsers.FindAllStringSubmatch(r.body, -1) {
		all += found[1] + " "
	}
	return strings.TrimSpace(all)
}

// TestErasuresPage_ListsEachErasureOnce checks the order, the members and the pages of the list, in both
// languages and for a past moment.
func TestErasuresPage_ListsEachErasureOnce(t *testing.T) {
	c := newTestConsole(t, true)
	v := c.visitor(access.Officer)
	v.get("/erasures").want(t, http.StatusOK, "No personal data of a user was erased")
	const erasures = queueShown + 1
	want, first := "", uint64(0)
	for i := range erasures {
		user := fmt.Sprintf("user%02d", i)
		c.do(0, login(user))
		erased := c.do(0, &domain.PersonForget{User: user, Case: "C-" + user, By: "olga", Purpose: "request 7"})
		if want = user + " " + want; i == 0 {
			first = erased.Seq
		}
	}
	c.do(time.Hour, login("early"))
	c.do(time.Hour, &domain.PersonForget{User: "early", Case: "C-early", By: "olga"})
	want = "early " + want
	page := v.get("/erasures")
	page.want(t, http.StatusOK, "C-user50", "<bdi>olga</bdi>", "<bdi>request 7</bdi>",
		`aria-current="page">Erasures`, `<h1 id="erasures-title">Erasures</h1>`)
	next := nextPages.FindStringSubmatch(page.body)
	if next == nil {
		t.Fatalf("got no next page in %s, want one", page.body)
	}
	last := v.get(next[1])
	if got := page.users() + " " + last.users(); got != strings.TrimSpace(want) {
		t.Errorf("users on both pages: got %s, want %s", got, want)
	}
	if nextPages.MatchString(last.body) {
		t.Errorf("last page: got a next page, want none: %s", last.body)
	}
	past := v.get(fmt.Sprint("/erasures?asOf=", first))
	if got, link := past.users(), fmt.Sprint("user00?asOf=", first); got != link {
		t.Errorf("users as of record %d: got %s, want %s", first, got, link)
	}
	v.language = "ru"
	v.get("/erasures").want(t, http.StatusOK, "Стирания", "C-user50", "Следующая страница")
	for _, after := range []string{"x", "00", "%00"} {
		v.get("/erasures?after="+after).want(t, http.StatusBadRequest)
	}
}

// TestErasuresPage_ByRole checks the page and its link in the menu by role, and the record of the view of
// an auditor.
func TestErasuresPage_ByRole(t *testing.T) {
	c := newTestConsole(t, true)
	c.do(0, login("carol"))
	seq := c.do(0, &domain.PersonForget{User: "carol", Case: "C-1", By: "olga"}).Seq
	visitors := c.visitors()
	for _, role := range access.Roles() {
		status := http.StatusForbidden
		if role == access.Officer || role == access.Auditor {
			status = http.StatusOK
		}
		page := visitors(role).get("/erasures")
		page.want(t, status)
		if got := strings.Contains(page.body, `href="/erasures"`); got != (status == http.StatusOK) {
			t.Errorf("menu as %s: got a link to the erasures: %t, want %t", role, got, !got)
		}
		if strings.Contains(page.body, "C-1") != (status == http.StatusOK) {
			t.Errorf("page as %s: got %s, want the case only with status 200", role, page.body)
		}
	}
	for _, after := range []string{"x", "00"} { // pages that the console refuses are no views
		visitors(access.Auditor).get("/erasures?after="+after).want(t, http.StatusBadRequest)
	}
	if got := c.rows.Position().Seq; got != seq+1 {
		t.Fatalf("got records up to %d, want %d, the view of the auditor", got, seq+1)
	}
	record, err := c.ledger.Record(t.Context(), seq+1)
	if err != nil {
		t.Fatal(err)
	}
	if read, ok := record.Command.Data.(*domain.AuditRead); !ok || read.Query != "/erasures" {
		t.Errorf("got %+v, want a read of /erasures", record.Command.Data)
	}
}

// TestErasuresPage_AtInstantBeforeManyErasures checks the list at an instant before more erasures than a
// page reads, which are newer than the only erasure up to the instant.
func TestErasuresPage_AtInstantBeforeManyErasures(t *testing.T) {
	c := newTestConsole(t, true)
	erase := func(ago time.Duration, user string) {
		c.do(ago, login(user))
		c.do(ago, &domain.PersonForget{User: user, Case: "C-1", By: "olga"})
	}
	erase(2*time.Hour, "early")
	const pageReads = 3000
	for range pageReads {
		erase(0, "later")
	}
	v := c.visitor(access.Officer)
	at := url.Values{"at": {time.Now().Add(-time.Hour).UTC().Format(time.RFC3339)}}.Encode()
	page := v.get("/erasures?" + at)
	page.want(t, http.StatusOK, "This page shows no entry. A later page can show entries.")
	if strings.Contains(page.body, "No personal data of a user was erased") || page.users() != "" {
		t.Errorf("first page: got an erasure or the text of an empty list, want neither: %s", page.body)
	}
	next := nextPages.FindStringSubmatch(page.body)
	if next == nil {
		t.Fatalf("first page: got no next page in %s, want one", page.body)
	}
	last := v.get(html.UnescapeString(next[1]))
	if got := last.users(); got != "early?"+at || nextPages.MatchString(last.body) {
		t.Errorf("last page: got the users %s in %s, want only early?%s, and no next page", got, last.body, at)
	}
}
