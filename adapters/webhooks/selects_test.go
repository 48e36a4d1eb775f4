package webhooks

import (
	"testing"

	"authledger/domain"
)

// An endpoint with the usual types receives refused logins for attempts in flight,
// and no other refused logins.
func TestEndpointSelectsRefusedLoginsByReason(t *testing.T) {
	usual := Endpoint{Types: domain.DefaultWebhookTypes()}
	all := Endpoint{Types: []string{domain.AllWebhookTypes}}
	every := Endpoint{Types: []string{"login.refused"}}
	for _, test := range []struct {
		endpoint        Endpoint
		eventType, data string
		want            bool
	}{
		{usual, "login.refused", `{"reason":"attempts_in_flight"}`, true},
		{usual, "login.refused", `{"reason":"locked_out","reported":"succeeded"}`, false},
		{usual, "lockout.started", `{}`, true}, {usual, "login.failed", `{"reason":"bad_code"}`, false},
		{all, "login.failed", `{}`, true}, {every, "login.refused", `{"reason":"locked_out"}`, true},
	} {
		got, err := test.endpoint.Selects(&Event{Type: test.eventType, Data: []byte(test.data)})
		if got != test.want || err != nil {
			t.Errorf("types %v, event %s %s: got %v, %v, want %v", test.endpoint.Types, test.eventType, test.data,
				got, err, test.want)
		}
	}
}
