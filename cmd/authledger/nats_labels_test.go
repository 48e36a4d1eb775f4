package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"
)

// TestNATSQueries_LabelOfSharedDevice checks that the lists over NATS show the label of a
// shared device to its requester (DEV-10).
func TestNATSQueries_LabelOfSharedDevice(t *testing.T) {
	s := serveOverNATS(t)
	gateway := s.connect(t, "gateway")
	for i, c := range []struct{ kind, data string }{
		{"identity.record", `{"user":"alice","fingerprint":"0123456789abcdef0123456789abcdef"}`},
		{"identity.record", `{"user":"bob","fingerprint":"0123456789abcdef0123456789abcdef"}`},
		{"device.activate", `{"user":"alice","device":"d-1","class":"gold","method":"portal"}`},
		{"sharing.request", `{"sharing":"s-1","requester":"bob","owner":"alice","device":"d-1"}`},
		{"withdrawal.request",
			`{"withdrawal":"w-1","account":"A-1","user":"bob","device":"d-1","amount":"1","currency":"USD"}`},
		{"device.rename", `{"user":"alice","device":"d-1","label":"Card"}`},
	} {
		m := nats.NewMsg("ledger.main.command.gateway." + c.kind)
		m.Header["ce-id"], m.Data = []string{fmt.Sprint("e-", i)}, []byte(c.data)
		answer, err := gateway.RequestMsg(m, natsTimeout)
		if err != nil {
			t.Fatalf("%s: %v", c.kind, err)
		}
		if !strings.Contains(string(answer.Data), `"status":"accepted"`) {
			t.Fatalf("%s: got %s, want it accepted", c.kind, answer.Data)
		}
	}
	for query, want := range map[string]string{
		`devices {"user":"bob"}`:        `"sharedFrom":"alice","label":"Card"}`,
		`sharings {"user":"bob"}`:       `"seq":4,"label":"Card"}`,
		`withdrawals {"account":"A-1"}`: `"seq":5,"label":"Card"}`,
	} {
		name, body, _ := strings.Cut(query, " ")
		answer, err := gateway.Request("ledger.main.query.gateway."+name, []byte(body), natsTimeout)
		if err != nil || !strings.Contains(string(answer.Data), want) {
			t.Errorf("%s: got %v, %v, want %s", query, answer, err, want)
		}
	}
}
