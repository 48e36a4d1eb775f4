package httpapi

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"authledger/domain"
	"authledger/domain/access"
)

// nasty lists texts that could forge a log line, a header, terminal output, the reading
// order, or a formula of a spreadsheet.
var nasty = []string{"a\r\nX-Evil: 1", "a\nb", "\x1b[2J\x1b[31m", "a\u202eb\u2066c", "\u2028x",
	"=HYPERLINK(\"http://x\")", "\x00", "a\u200bb"}

// TestInjection sends these texts in every place and checks that no output contains their
// control characters.
func TestInjection(t *testing.T) {
	s := newTestServer(t)
	var out strings.Builder
	note := func(r reply) {
		for name, values := range r.header {
			for _, v := range values {
				fmt.Fprintf(&out, "%s: %s\n", name, v)
				if name == "X-Evil" {
					t.Errorf("headers: got the forged X-Evil, want none: %v", r.header)
				}
			}
		}
		out.WriteString(r.body + "\n")
	}
	requests := 0
	for _, kind := range domain.ClientCommands() {
		role := access.Importer
		if kind == "policy.adopt" {
			role = access.Officer
		}
		for _, bad := range nasty {
			var members map[string]any
			if err := json.Unmarshal([]byte(goodData(t, kind)), &members); err != nil {
				t.Fatal(err)
			}
			for name, was := range members {
				if _, text := was.(string); !text {
					continue
				}
				members[name] = bad
				body, err := json.Marshal(members)
				if err != nil {
					t.Fatal(err)
				}
				note(s.submit(role, kind, string(body)))
				members[name] = was
				requests++
			}
		}
	}
	for _, bad := range nasty {
		escaped := url.QueryEscape(bad)
		for _, path := range []string{"/v1/users/" + url.PathEscape(bad) + "/lockout",
			"/v1/users/" + url.PathEscape(bad) + "/troubleshoot", "/v1/accounts/" + url.PathEscape(bad) +
				"/withdrawals",
			"/v1/records?entity=" + escaped, "/v1/records?type=" + escaped, "/v1/lockouts?after=" + escaped,
			"/v1/sources?after=" + escaped, "/v1/users?prefix=" + escaped,
			"/v1/devices?user=" + escaped, "/v1/policy?at=" + escaped, "/v1/policy?purpose=" + escaped,
			"/" + url.PathEscape(bad)} {
			note(s.get(access.Auditor, path))
			requests++
		}
	}
	note(s.get(access.Auditor, "/v1/records"))
	note(s.get(access.Auditor, "/v1/records?reveal=true&purpose=test"))
	for i, c := range out.String() {
		if c != '\n' && (c < ' ' || strings.ContainsRune("\u202e\u2066\u2028\u200b\x7f", c)) {
			t.Errorf("output: got the control character %q, want none: %.200q", c, out.String()[max(i-100, 0):])
			break
		}
	}
	if strings.Contains(out.String(), `"=HYPERLINK`) &&
		!strings.Contains(out.String(), `"userAgent":"=HYPERLINK`) {
		t.Error("output: got a formula outside the revealed userAgent, want none")
	}
	for line := range strings.Lines(s.log.String()) {
		if !json.Valid([]byte(line)) {
			t.Errorf("log line: got %q, want valid JSON", line)
		}
	}
	t.Logf("%d requests, %d bytes of output", requests, out.Len())
}
