package httpapi

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"authledger/domain"
	"authledger/domain/access"
	"authledger/domain/operations"
	"authledger/eventstore"
	"authledger/eventstore/wire"
)

// newPseudonymousServer returns a test server whose records name persons by pseudonyms.
func newPseudonymousServer(t *testing.T) *testServer {
	t.Helper()
	manifest := eventstore.NewManifest("main", "{}")
	manifest.Pseudonymous = true
	return newServerOf(t, manifest)
}

// activation is the data of a command of one person.
const activation = `{"user":"zelda","device":"d-1","class":"ibkr_mobile","method":"qr"}`

var pseudonyms = regexp.MustCompile(`~[a-z2-7]{26}`)

// records returns the records of the log as an auditor reads them.
func (s *testServer) records(query string) string {
	s.t.Helper()
	r := s.get(access.Auditor, "/v1/records"+query)
	r.want(s.t, http.StatusOK)
	return r.body
}

// Each query accepts the name, and each answer except the stored records contains the name.
func TestNames(t *testing.T) {
	s := newPseudonymousServer(t)
	s.reportFailures("zelda", 2)
	s.submit(access.Gateway, "device.activate", activation)
	pseudonym := pseudonyms.FindString(s.records(""))
	if pseudonym == "" {
		t.Fatalf("got records %s, want a pseudonym", s.records(""))
	}
	csv := []string{"Accept", "text/csv"}
	for _, test := range []struct {
		name, path string
		headers    []string
		status     int
		want       []string
		isStored   bool // the answer contains the pseudonym and no name
	}{
		{name: "path", path: "/v1/users/zelda/lockout", want: []string{`"user":"zelda"`, `"failures":2`}},
		{name: "pseudonym", path: "/v1/users/" + pseudonym + "/lockout", want: []string{`"failures":2`}},
		{name: "filter", path: "/v1/devices?user=zelda", want: []string{`"user":"zelda"`, `"d-1"`}},
		{name: "list", path: "/v1/users", want: []string{`"user":"zelda"`}},
		{name: "CSV", path: "/v1/users", headers: csv, want: []string{"zelda"}},
		{name: "timeline", path: "/v1/users/zelda/timeline", want: []string{`"user/zelda"`, "login.failed"}},
		{name: "timeline as CSV", path: "/v1/users/zelda/timeline", headers: csv, want: []string{"login.report"}},
		{name: "why", path: "/v1/records/2/why", want: []string{"zelda"}},
		{name: "troubleshoot", path: "/v1/users/zelda/troubleshoot", want: []string{`"user":"zelda"`}},
		{name: "unknown", path: "/v1/users/yvonne/lockout", want: []string{`"user":"yvonne"`, `"failures":0`}},
		{name: "records", path: "/v1/records?entity=user/zelda", want: []string{pseudonym}, isStored: true},
		{name: "record", path: "/v1/records/2", want: []string{pseudonym}, isStored: true},
		{name: "prefix of a name", path: "/v1/users?prefix=zel", status: 400, want: []string{"whole name only"}},
		{name: "prefix of a pseudonym", path: "/v1/users?prefix=" + pseudonym[:4], want: []string{"zelda"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := s.request(access.Auditor, "GET", test.path, "", test.headers...)
			r.want(t, max(test.status, http.StatusOK), test.want...)
			hidden := pseudonym
			if test.isStored {
				hidden = "zelda"
			}
			if test.status == 0 && strings.Contains(r.body, hidden) {
				t.Errorf("got %s, want it without %s", r.body, hidden)
			}
		})
	}
	if log := s.records(""); strings.Contains(log, "zelda") || strings.Contains(log, "yvonne") ||
		!strings.Contains(log, "/v1/users/{unknown}/lockout") {
		t.Errorf("got records %s, want records of reads without names", log)
	}
	if log := s.log.String(); strings.Contains(log, "zelda") || strings.Contains(log, "yvonne") {
		t.Errorf("got log %s, want no name", log)
	}
}

// A verdict, a batch and a problem contain the name that the client sent.
func TestNames_Verdicts(t *testing.T) {
	s := newPseudonymousServer(t)
	s.reportFailures("zelda", 1)
	for _, r := range []reply{
		s.submit(access.Gateway, "device.activate", activation),
		s.submit(access.Gateway, "device.activate", activation),
		s.request(access.Gateway, "POST", "/v1/commands", "["+event(access.Gateway, "b-1", "login.report",
			`{"user":"zelda","outcome":"succeeded"}`)+"]", "Content-Type", "application/cloudevents-batch+json"),
	} {
		r.want(t, http.StatusOK)
		if pseudonyms.MatchString(r.body) {
			t.Errorf("got %s, want no pseudonym", r.body)
		}
	}
}

// A page continues with the name of the first page, and the record of the read contains neither the name
// nor a hash of the name.
func TestNames_Cursor(t *testing.T) {
	s := newPseudonymousServer(t)
	s.reportFailures("zelda", 3)
	const path = "/v1/users/zelda/timeline?limit=2"
	next := s.get(access.Auditor, path)
	next.want(t, http.StatusOK)
	cursor := regexp.MustCompile(`"next":"([^"]+)"`).FindStringSubmatch(next.body)
	if cursor == nil {
		t.Fatalf("got %s, want a cursor", next.body)
	}
	s.get(access.Auditor, path+"&after="+cursor[1]).want(t, http.StatusOK, `"records":[{"seq":`)
	if log := s.records(""); strings.Contains(log, cursor[1]) {
		t.Errorf("got records %s, want another cursor than %s, which is bound to the name", log, cursor[1])
	}
	pseudonym := pseudonyms.FindString(s.records(""))
	recorded := regexp.MustCompile(`after=([A-Za-z0-9_-]+)`).FindStringSubmatch(s.records(""))
	if recorded == nil {
		t.Fatalf("got records %s, want a read with a cursor", s.records(""))
	}
	s.get(access.Auditor, "/v1/users/"+pseudonym+"/timeline?limit=2&after="+recorded[1]).want(t, http.StatusOK)
}

// After an erasure, no answer contains the name, also not the one whose tag the client has.
func TestNames_Forgotten(t *testing.T) {
	s := newPseudonymousServer(t)
	s.reportFailures("zelda", 1)
	s.reportFailures("bob", 1)
	const path = "/v1/users?asOf=2"
	first := s.get(access.Support, path)
	first.want(t, http.StatusOK, `"user":"zelda"`)
	s.submit(access.Officer, "person.forget", `{"user":"zelda","case":"C-1","by":"olga"}`).want(t, http.StatusOK)
	second := s.request(access.Support, "GET", path, "", "If-None-Match", first.wantTag(t, http.StatusOK))
	second.want(t, http.StatusOK, `"user":"~`)
	for _, path := range []string{path, "/v1/users", "/v1/forgotten", "/v1/records", "/v1/records/2/why"} {
		if r := s.get(access.Auditor, path); r.status != http.StatusOK || strings.Contains(r.body, "zelda") {
			t.Errorf("%s: got %d %s, want 200 without the name", path, r.status, r.body)
		}
	}
	s.get(access.Support, "/v1/users/zelda/lockout").want(t, http.StatusOK, `"failures":0`)
	s.get(access.Support, "/v1/users").want(t, http.StatusOK, `"user":"bob"`)
}

// A realm with plain names keeps a text of the form of a pseudonym.
func TestNames_Plain(t *testing.T) {
	s := newTestServer(t)
	s.reportFailures("alice", 1)
	s.get(access.Auditor, "/v1/users/alice/lockout").want(t, http.StatusOK, `"user":"alice"`)
	if log := s.records(""); !strings.Contains(log, "/v1/users/alice/lockout") {
		t.Errorf("got records %s, want the path of the read", log)
	}
}

// The parameters of the caller keep the name, and those of the call have the pseudonym.
func TestNames_Resolve(t *testing.T) {
	s := newPseudonymousServer(t)
	s.reportFailures("zelda", 1)
	o := operations.Find("lockout")
	values, err := o.Parse(func(string) string { return "zelda" }, nil, wire.ReadTime)
	if err != nil {
		t.Fatal(err)
	}
	c := &call{node: s.server.node.Load(), route: &route{operation: o}, values: values}
	if err := c.resolveNames(); err != nil {
		t.Fatal(err)
	}
	got := c.values.Text(operations.User)
	if shown := c.shown([]byte(got)); !domain.IsPseudonym(got) || string(shown) != "zelda" {
		t.Errorf("got user %s, shown as %s, want the pseudonym of zelda", got, shown)
	}
	if got := values.Text(operations.User); got != "zelda" {
		t.Errorf("got parameter %s of the caller, want zelda", got)
	}
}
