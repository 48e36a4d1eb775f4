package httpapi

import (
	"strings"
	"testing"

	"authledger/domain/access"
)

// TestAnswerToCloudEventIsCloudEvent checks that the answer to a command in a CloudEvent is
// an event in binary mode with the verdict as its body, and equal for each retry.
func TestAnswerToCloudEventIsCloudEvent(t *testing.T) {
	s := newTestServer(t)
	const failed = `{"user":"alice","outcome":"failed","reason":"bad_credentials"}`
	structured := event(access.Gateway, "c 1", "login.report", failed)
	for _, seen := range []string{`"duplicate":false`, `"duplicate":true`} {
		reply := s.request(access.Gateway, "POST", "/v1/commands", structured, "Content-Type",
			"application/cloudevents+json")
		reply.want(t, 200, seen)
		for name, want := range map[string]string{"Ce-Specversion": "1.0", "Ce-Id": "gateway/gateway/c%201",
			"Ce-Type": "login.report.verdict", "Content-Type": "application/json"} {
			if got := reply.header.Get(name); got != want {
				t.Errorf("header %s: got %q, want %q", name, got, want)
			}
		}
		if !strings.HasPrefix(reply.header.Get("Ce-Source"), "ledger/") || reply.header.Get("Ce-Time") == "" {
			t.Errorf("got source %q and time %q, want both", reply.header.Get("Ce-Source"),
				reply.header.Get("Ce-Time"))
		}
	}
	// The Go SDK of CloudEvents handles an answer that is not an event as an acknowledgement.
	for status, headers := range map[int][]string{
		422: {"Content-Type", "application/cloudevents+json"},
		415: {"Content-Type", "text/plain"},
		401: {"Content-Type", "application/cloudevents+json", "Authorization", "Bearer al_0_x"},
	} {
		role := access.Gateway
		if status == 401 {
			role = ""
		}
		reply := s.request(role, "POST", "/v1/commands", "{}", headers...)
		reply.want(t, status)
		for name, want := range map[string]string{"Ce-Specversion": "1.0",
			"Ce-Id": reply.header.Get("X-Request-Id"), "Ce-Source": "/v1/commands", "Ce-Type": "command.problem",
			"Content-Type": "application/problem+json"} {
			if got := reply.header.Get(name); got != want {
				t.Errorf("status %d, header %s: got %q, want %q", status, name, got, want)
			}
		}
	}
	wrong := s.request(access.Gateway, "POST", "/v1/commands/login.report", "{}", "Idempotency-Key", "c-3")
	if wrong.header.Get("Ce-Id") != "" || wrong.status != 422 {
		t.Errorf("invalid bare command: got status %d, want 422 without Ce-Id: %v", wrong.status, wrong.header)
	}
	bare := s.request(access.Gateway, "POST", "/v1/commands/login.report", failed, "Idempotency-Key", "c-2")
	if bare.want(t, 200); bare.header.Get("Ce-Id") != "" {
		t.Errorf("bare command: got an event as the answer, want no Ce-Id: %v", bare.header)
	}
}
