package httpapi

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"authledger/domain/access"
)

// FuzzCommands sends arbitrary bodies in every mode. It checks that the server does not panic
// and that every answer is documented and valid JSON.
func FuzzCommands(f *testing.F) {
	for _, mode := range []string{"application/cloudevents+json", "application/cloudevents-batch+json",
		"application/json", ""} {
		f.Add(mode, event(access.Gateway, "e-1", "login.report", failed), "1.0", "e-1", "login.report")
		f.Add(mode, "["+event(access.Gateway, "e-2", "login.report", failed)+"]", "", "%zz", "device.ship")
		f.Add(mode, failed, "1.0", "e%2D3", "login.report")
	}
	s := newTestServer(f)
	f.Fuzz(func(t *testing.T, mode, body, version, id, kind string) {
		for _, path := range []string{"/v1/commands", "/v1/commands/login.report"} {
			request := httptest.NewRequest("POST", path, strings.NewReader(body))
			request.Header = http.Header{"Authorization": {"Bearer " + s.token[access.Gateway]},
				"Content-Type": {mode},
				"Ce-Id":        {id}, "Ce-Source": {"gateway/gateway"}, "Ce-Type": {kind},
				"Ce-Time": {"2026-03-02T12:00:00Z"}, "Idempotency-Key": {id}}
			if version != "" {
				request.Header.Set("Ce-Specversion", version)
			}
			w := httptest.NewRecorder()
			s.server.ServeHTTP(w, request)
			if !slices.Contains([]int{200, 400, 403, 413, 415, 422}, w.Code) || !json.Valid(w.Body.Bytes()) {
				t.Errorf("got status %d, want a documented status and valid JSON: %s", w.Code, w.Body)
			}
		}
	})
}
