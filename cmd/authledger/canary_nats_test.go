package main

import (
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"

	"authledger/adapters/tokens/tokenstest"
	"authledger/cmd/internal/node"
	"authledger/domain/access"
)

// natsCanaries is the number of secrets that the test sends over NATS.
const natsCanaries = 160

// natsQueries are the queries over NATS with the member that names their subject.
var natsQueries = []struct {
	name, member string
	right        access.Right
}{
	{"lockout", "user", access.ReadLockout},
	{"devices", "user", access.ReadDevices},
	{"codes", "user", access.ReadCodes},
	{"sharings", "user", access.ReadSharings},
	{"timeline", "user", access.ReadTimeline},
	{"troubleshoot", "user", access.ReadTroubleshoot},
	{"withdrawals", "account", access.ReadWithdrawals},
	{"account-timeline", "account", access.ReadTimeline},
	{"lockouts", "after", access.ReadLockouts},
	{"users", "prefix", access.ListUsers},
	{"all-devices", "user", access.ListDevices},
	{"all-codes", "user", access.ListCodes},
	{"all-sharings", "state", access.ListSharings},
	{"all-withdrawals", "user", access.ListWithdrawals},
	{"holds", "user", access.ListHolds},
	{"forgotten", "user", access.ListForgotten},
	{"sources", "after", access.ReadSources},
	{"stats", "step", access.ReadStatistics},
	{"records", "entity", access.ReadRecords},
	{"record", "seq", access.ReadRecords},
	{"why", "seq", access.ReadWhy},
	{"policy", "asOf", access.ReadPolicy},
	{"dead-letters", "after", access.ReadDeadLetters},
	{"dead-letter", "position", access.ReadDeadLetters},
	{"events", "user", access.ReadLiveEvents},
}

// TestNATSCanary puts a password in place of each name, member and parameter of every
// query over NATS. No record, log line, metric, answer or file of the data directory
// may hold the password afterwards (issue 12, 14).
func TestNATSCanary(t *testing.T) {
	t.Parallel()
	c, s := newNATSCanaryNode(t)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	chance := rand.New(rand.NewPCG(seed, 0))
	callers := make(map[access.Role]*caller)
	for _, role := range []access.Role{access.Auditor, access.Support, access.Gateway, access.Dashboard,
		access.Operator} {
		callers[role] = s.connect(t, string(role))
	}
	gateway := callers[access.Gateway]
	for _, user := range []string{"alice", "alice", "bob"} {
		c.send(gateway, "command.gateway.login.report",
			`{"user":"`+user+`","outcome":"failed","reason":"bad_credentials"}`)
	}
	requests := 0
	for n := range natsCanaries {
		secret := newSecret(chance)
		c.secrets = append(c.secrets, secret)
		q := natsQueries[n%len(natsQueries)]
		for role, from := range callers {
			isAllowed := role.May(q.right)
			if q.name == "events" {
				isAllowed = isAllowed && role.IsRecorded()
			}
			if !isAllowed {
				continue
			}
			for _, body := range queriesWith(q.name, q.member, secret) {
				c.send(from, "query."+from.name+"."+q.name, body)
				requests++
			}
		}
		for _, body := range []string{
			`{"user":"` + secret + `","outcome":"failed","reason":"bad_credentials"}`,
			`{"user":"alice","outcome":"failed","reason":"bad_credentials","password":"` + secret + `"}`,
			`{"user":"` + secret, secret,
		} {
			c.send(gateway, "command.gateway.login.report", body)
			requests++
		}
	}
	s.Node = nil // canaryNode.close closes it
	c.close()
	places, size := c.findSecrets()
	t.Logf("%d secrets in %d requests; %d bytes in %d places searched", len(c.secrets), requests, size, places)
	if answers := c.out.String(); !strings.Contains(answers, "{position 1, character Q}") {
		t.Errorf("query with an invalid name: got no answer that contains %q, want one",
			"{position 1, character Q}")
	}
}

// queriesWith returns the payloads of a query with a secret in each place.
func queriesWith(name, member, secret string) []string {
	good := map[string]string{"user": "alice", "account": "a-1", "entity": "user/alice", "seq": "1", "asOf": "1",
		"position": "1", "after": "", "prefix": "al", "state": "pending"}[member]
	bodies := []string{
		secret, `"` + secret + `"`, `{"` + secret + `":1}`, `{"` + secret + `":null}`,
		`{"` + secret + `":1,"` + secret + `":2}`, `{"` + member + `":"` + secret,
		`{"` + member + `":"` + secret + `"}`, `{"` + member + `":"` + secret +
			`","reveal":true,"purpose":"complaint"}`,
		`{"` + member + `":"` + good + `","` + secret + `":"` + secret + `"}`,
		`{"` + member + `":["` + secret + `"]}`,
	}
	for _, other := range []string{"at", "asOf", "atLeast", "limit", "after", "from", "to", "type", "reveal",
		"readSession"} {
		if other != member {
			bodies = append(bodies, `{"`+member+`":"`+good+`","`+other+`":"`+secret+`"}`)
		}
	}
	if name == "records" {
		for _, kind := range []string{"user", "account", "source", "system", "other"} {
			bodies = append(bodies, `{"entity":"`+kind+`/`+secret+`"}`)
		}
	}
	return bodies
}

// newNATSCanaryNode returns a node with NATS, and a recorder of all data that leaves the node.
func newNATSCanaryNode(t *testing.T) (*canaryNode, *overNATS) {
	dir := t.TempDir()
	c := &canaryNode{t: t, dir: dir, tokens: make(map[access.Role]string)}
	s := &overNATS{dir: dir, tokens: tokenstest.New(time.Now),
		keys: make(map[string]nkeys.KeyPair)}
	for _, role := range access.Roles() {
		c.tokens[role] = s.add(t,
			tokenstest.Spec{Name: string(role), Role: role, Persons: []string{access.Anyone}, Rate: testRateMax})
	}
	s.start(t,
		node.Options{Log: slog.New(slog.NewJSONHandler(&c.out, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	t.Cleanup(func() { s.stop(t) })
	c.node, c.edge = s.Node, s.edge
	return c, s
}

// send sends one request over NATS and keeps its answer.
func (c *canaryNode) send(from *caller, subject, body string) {
	c.t.Helper()
	m := nats.NewMsg("ledger.main." + subject)
	m.Data = []byte(body)
	m.Header["ce-id"] = []string{fmt.Sprintf("canary-%d", rand.Uint64())}
	answer, err := from.RequestMsg(m, natsTimeout)
	if err != nil {
		c.t.Fatalf("%s: %v", subject, err)
	}
	status := answer.Header.Get("Nats-Service-Error-Code")
	if status >= "500" && !strings.Contains(subject, ".dead-letter") {
		c.t.Errorf("%s: got status %s, want less than 500: %s", subject, status, answer.Data)
	}
	_, err = io.WriteString(&c.out, fmt.Sprintf("%v\n%s\n", answer.Header, answer.Data))
	if err != nil {
		c.t.Fatal(err)
	}
}
