package httpapi

import (
	"strings"
	"testing"

	"authledger/domain/access"
)

// The lists of devices, sharings and withdrawals show the label of a shared device to its
// requester, as the last member (DEV-10, A-63).
func TestQueries_LabelOfSharedDevice(t *testing.T) {
	s := newTestServer(t)
	for _, c := range []struct{ kind, data string }{
		{"identity.record", `{"user":"alice","fingerprint":"0123456789abcdef0123456789abcdef"}`},
		{"identity.record", `{"user":"bob","fingerprint":"0123456789abcdef0123456789abcdef"}`},
		{"device.activate", `{"user":"alice","device":"d-1","class":"gold","method":"portal"}`},
		{"sharing.request", `{"sharing":"s-1","requester":"bob","owner":"alice","device":"d-1"}`},
		{"withdrawal.request",
			`{"withdrawal":"w-1","account":"A-1","user":"bob","device":"d-1","amount":"1","currency":"USD"}`},
		{"device.request",
			`{"user":"alice","device":"d-2","class":"digital_security_card_plus",` +
				`"purpose":"new"}`},
	} {
		s.submit(access.Gateway, c.kind, c.data).want(t, 200, "accepted")
	}
	r := s.get(access.Gateway, "/v1/users/bob/devices")
	if r.status != 200 || strings.Contains(r.body, `"label"`) {
		t.Errorf("devices before device.rename: got %d %s, want no label", r.status, r.body)
	}
	for _, device := range []string{"d-1", "d-2"} {
		s.submit(access.Gateway, "device.rename", `{"user":"alice","device":"`+device+`","label":"Card"}`).
			want(t, 200, "accepted")
	}
	for path, want := range map[string]string{
		"/v1/users/alice/devices":      `"sharedWith":["bob"],"label":"Card"}`,
		"/v1/users/bob/devices":        `"sharedFrom":"alice","label":"Card"}`,
		"/v1/users/alice/sharings":     `"seq":4,"label":"Card"}`,
		"/v1/users/bob/sharings":       `"seq":4,"label":"Card"}`,
		"/v1/accounts/A-1/withdrawals": `"seq":5,"label":"Card"}`,
		"/v1/users/alice/troubleshoot": `Device d-2 \"Card\" was requested`,
	} {
		s.get(access.Support, path).want(t, 200, want)
	}
}
