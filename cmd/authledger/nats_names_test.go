package main

import (
	"regexp"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"

	"authledger/adapters/natsconn"
	"authledger/cmd/internal/node"
)

// Over NATS, queries and live events of a realm with pseudonyms contain the name, and records do not.
func TestNATSNames(t *testing.T) {
	s := serveOptionsOverNATS(t, node.Options{Log: quietLog, Pseudonymous: true})
	pseudonym := regexp.MustCompile(`~[a-z2-7]{26}`)
	gateway, dashboard := s.connect(t, "gateway"), s.connect(t, "dashboard")
	events, err := dashboard.SubscribeSync(natsconn.EventSubject(realmDefault, "login.succeeded"))
	if err == nil {
		err = dashboard.Flush()
	}
	if err != nil {
		t.Fatal(err)
	}
	m := &nats.Msg{Subject: "ledger.main.command.gateway.login.report",
		Data: []byte(`{"user":"zelda","outcome":"succeeded"}`), Header: nats.Header{"ce-id": {"e-1"}}}
	answer, err := gateway.RequestMsg(m, natsTimeout)
	if err != nil || pseudonym.Match(answer.Data) {
		t.Fatalf("got verdict %s, %v, want one without a pseudonym", answer.Data, err)
	}
	event, err := events.NextMsg(natsTimeout)
	if err != nil || !strings.Contains(string(event.Data), `"subject":"user/zelda"`) {
		t.Fatalf("got event %+v, %v, want one with the name", event, err)
	}
	for _, c := range []struct{ role, query, data, want string }{
		{"support", "lockout", `{"user":"zelda"}`, `"user":"zelda"`},
		{"support", "users", `{}`, `"user":"zelda"`},
		{"auditor", "timeline", `{"user":"zelda"}`, `"user/zelda"`},
		{"auditor", "record", `{"seq":2}`, `"user/~`},
	} {
		subject := "ledger.main.query." + c.role + "." + c.query
		answer, err := s.connect(t, c.role).Request(subject, []byte(c.data), natsTimeout)
		if err != nil {
			t.Fatal(err)
		}
		isStored, hasPseudonym := c.query == "record", pseudonym.Match(answer.Data)
		if !strings.Contains(string(answer.Data), c.want) || hasPseudonym != isStored {
			t.Errorf("%s %s: got %s, want it with %s", c.query, c.data, answer.Data, c.want)
		}
	}
}
