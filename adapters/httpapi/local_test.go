package httpapi

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"authledger/domain"
	"authledger/domain/access"
)

// local returns a copy of the test server whose every client is a local caller.
func (s *testServer) local() *testServer {
	local := *s
	server := httptest.NewServer(
		http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			s.server.ServeAs(access.LocalCaller("ann"), w, r)
		}))
	s.t.Cleanup(server.Close)
	local.url = server.URL
	return &local
}

// A local caller chooses the source and the time of its command, as if it had opened the data
// directory, and the record names the caller.
func TestLocalCallerSubmits(t *testing.T) {
	const failed, released = `{"user":"alice","outcome":"failed",` +
		`"reason":"bad_credentials"}`, `{"user":"alice","agent":"any.agent"}`
	const event = `{"specversion":"1.0","id":"i-4","source":"cli","type":"login.report",` +
		`"time":"2020-03-02T15:09:00Z","data":` + failed + `}`
	structured := []string{"Content-Type", "application/cloudevents+json"}
	for _, test := range []struct {
		name, path, body string
		headers          []string
		status           int
		source           string // of the record, "" for no record
		backfill         bool
	}{
		{"no source", "/v1/commands/login.report", failed, []string{"Idempotency-Key", `"i-1"`}, 200,
			"local/ann", false},
		{"source", "/v1/commands/login.report", failed, []string{"Idempotency-Key", `"i-2"`, "Ce-Source", "cli"},
			200, "cli", false},
		{"any agent", "/v1/commands/lockout.release", released,
			[]string{"Idempotency-Key", `"i-3"`, "Ce-Source", "cli"}, 200, "cli", false},
		{"past", "/v1/commands", event, append(structured, "Backfill", "true"), 200, "cli", true},
		{"past as live", "/v1/commands", strings.Replace(event, "i-4", "i-5", 1), structured, 422, "", false},
		{"unknown backfill", "/v1/commands", strings.Replace(event, "i-4", "i-8", 1),
			append(structured, "Backfill", "1"), 400, "", false},
		{"reserved source", "/v1/commands/login.report", failed,
			[]string{"Idempotency-Key", `"i-6"`, "Ce-Source", "timer"}, 400, "", false},
		{"two sources", "/v1/commands/login.report", failed,
			[]string{"Idempotency-Key", `"i-7"`, "Ce-Source", "a", "Ce-Source", "b"}, 400, "", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newTestServer(t)
			s.local().request("", "POST", test.path, test.body, test.headers...).want(t, test.status)
			record, err := s.ledger.Record(t.Context(), 1)
			if (err == nil) != (test.source != "") {
				t.Fatalf("got error %v, want a record: %t", err, test.source != "")
			}
			c := record.Command
			if err == nil && (c.Source != test.source || c.Caller != "local/ann" || c.Backfill != test.backfill) {
				t.Errorf("got source %s, caller %s, backfill %t, want %s, local/ann, %t", c.Source, c.Caller, c.Backfill,
					test.source, test.backfill)
			}
		})
	}
}

// Only a local caller chooses the source of a command as plain JSON, and only it and an importer
// record the past.
func TestSourceAndBackfillOfToken(t *testing.T) {
	s := newTestServer(t)
	const failed = `{"user":"alice","outcome":"failed","reason":"bad_credentials"}`
	s.request(access.Gateway, "POST", "/v1/commands/login.report", failed, "Idempotency-Key", `"i-1"`,
		"Ce-Source", "cli", "Backfill", "true").want(t, 200, `"source":"gateway/gateway"`)
	if record, err := s.ledger.Record(t.Context(), 1); err != nil || record.Command.Backfill {
		t.Errorf("got %+v, %v, want a command that records the present", record.Command, err)
	}
}

// A local caller reads everything without a record of the read, and reveals personal data with one.
func TestLocalCallerReads(t *testing.T) {
	s := newTestServer(t)
	s.request(access.Gateway, "POST", "/v1/commands/login.report",
		`{"user":"alice","outcome":"failed","reason":"bad_credentials","ip":"192.0.2.7"}`,
		"Idempotency-Key", "i-1").
		want(t, 200)
	local := s.local()
	for _, path := range []string{"/v1/users/alice/lockout", "/v1/records", "/v1/records/1/why", "/v1/policy",
		"/v1/users/alice/troubleshoot"} {
		local.get("", path).want(t, 200)
	}
	if got := s.ledger.Health().Position.Seq; got != 1 {
		t.Errorf("got newest record %d, want 1", got)
	}
	local.get("", "/v1/records?reveal=true&purpose=complaint").want(t, 200, "192.0.2.7")
	record, err := s.ledger.Record(t.Context(), 2)
	if err != nil {
		t.Fatal(err)
	}
	read, ok := record.Command.Data.(*domain.AuditRead)
	if !ok || read.Reader != "local/ann" || read.Role != "local" {
		t.Errorf("got %+v, want an audit.read by local/ann", record.Command.Data)
	}
}

// A request with a token gets no right of the local caller: a proxy may have forwarded it.
func TestLocalCallerHasNoToken(t *testing.T) {
	s := newTestServer(t)
	local := s.local()
	for _, role := range []access.Role{access.Gateway, access.Operator} {
		local.get(role, "/v1/records").want(t, 403, "the local socket accepts no token")
	}
	local.request("", "GET", "/v1/records", "", "Authorization", "Basic YTpi").
		want(t, 403, "the local socket accepts no token")
	local.get("", "/v1/records").want(t, 200)
}
