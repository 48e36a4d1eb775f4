package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"authledger/adapters/natsconn"
	"authledger/adapters/webhooks"
	"authledger/domain"
)

// TestNATSRequests checks that commands and queries over NATS have the same answers as over
// HTTP, in the name of the caller.
func TestNATSRequests(t *testing.T) {
	s := serveOverNATS(t)
	gateway, auditor, support := s.connect(t, "gateway"), s.connect(t, "auditor"), s.connect(t, "support")
	ask := func(c *caller, subject, body string, headers ...string) (*nats.Msg, string) {
		t.Helper()
		m := nats.NewMsg("ledger.main." + subject)
		m.Data = []byte(body)
		for i := 0; i < len(headers); i += 2 {
			m.Header[headers[i]] = append(m.Header[headers[i]], headers[i+1])
		}
		answer, err := c.RequestMsg(m, natsTimeout)
		if err != nil {
			t.Fatalf("%s: %v", subject, err)
		}
		return answer, answer.Header.Get("Nats-Service-Error-Code")
	}
	report := `{"user":"alice","outcome":"failed","reason":"bad_credentials"}`
	now := time.Now().UTC().Format(time.RFC3339Nano)
	const binary = "command.gateway.login.report"
	for _, c := range []struct {
		name, subject, body string
		headers             []string
		status              string // "" for a verdict
		want                string
	}{
		{"bare data", binary, report, []string{"ce-id", "e-1"}, "", `"seq":1`},
		{"repeated id", binary, report, []string{"Ce-ID", "e-1"}, "", `"duplicate":true`},
		{"other data with a used id", binary, strings.Replace(report, "alice", "bob", 1), []string{"ce-id", "e-1"},
			"422", `"reason":"id_reused"`},
		{"missing id", binary, report, nil, "400", "Idempotency-Key"},
		{"id in two headers", binary, report, []string{"ce-id", "e-2", "CE-ID", "e-2"}, "400",
			"more than one header"},
		{"CloudEvent", binary, report,
			[]string{"ce-specversion", "1.0", "ce-id", "e-3", "ce-source", "gateway/gateway", "ce-type",
				"login.report", "ce-time", now}, "", `"seq":2`},
		{"CloudEvent of another type", binary, report,
			[]string{"ce-specversion", "1.0", "ce-id", "e-4", "ce-source", "gateway/gateway", "ce-type", "login.begin",
				"ce-time", now}, "400", "ce-type"},
		{"source of another caller", binary, report,
			[]string{"ce-specversion", "1.0", "ce-id", "e-4", "ce-source", "gateway/other", "ce-type", "login.report",
				"ce-time", now}, "403", "source"},
		{"unknown member", binary, `{"user":"alice","outcome":"succeeded","password":"x"}`,
			[]string{"ce-id", "e-5"}, "422", `"reason":"unknown_field"`},
		{"malformed data", binary, `{`, []string{"ce-id", "e-5"}, "422", `"reason":"malformed"`},
		{"batch", "command.gateway.batch",
			`[{"specversion":"1.0","id":"e-6","source":"gateway/gateway","type":"login.report","time":"` + now +
				`","data":` + report + `},{}]`, nil, "", `"reason":"malformed"`},
		{"query", "query.gateway.lockout", `{"user":"alice"}`, nil, "", `"failures":3`},
		{"query as of a record", "query.gateway.lockout", `{"user":"alice","asOf":1}`, nil, "", `"failures":1`},
		{"query without a user", "query.gateway.lockout", `{}`, nil, "400", "the member user"},
		{"query with a repeated member", "query.gateway.lockout", `{"user":"alice","user":"bob"}`, nil, "400",
			"more than once"},
		{"query with an unknown parameter", "query.gateway.lockout", `{"user":"alice","asof":1}`, nil, "400",
			"unknown parameter"},
		{"query with a path as user", "query.gateway.lockout", `{"user":"../../lockouts"}`, nil, "400", ""},
		{"query with follow", "query.gateway.lockout", `{"user":"alice","follow":true}`, nil, "400", "atLeast"},
	} {
		answer, status := ask(gateway, c.subject, c.body, c.headers...)
		if status != c.status || !strings.Contains(string(answer.Data), c.want) {
			t.Errorf("%s: got status %q, %v %s, want %q and %s", c.name, status, answer.Header, answer.Data,
				c.status, c.want)
		}
		var problem struct{ Type, Title, Detail string }
		err := json.Unmarshal(answer.Data, &problem)
		if c.subject != "command.gateway.batch" && (err != nil || (status == "") != (problem.Title == "")) {
			t.Errorf("%s: got %v %s, want a problem for an error only", c.name, err, answer.Data)
		}
	}
	if answer, status := ask(support, "command.support.lockout.release", `{"user":"alice","agent":"ann"}`,
		"ce-id", "r-1"); status != "403" {
		t.Errorf("command in the name of another agent: got %s, want status 403", answer.Data)
	}
	webhook := `{"name":"desk","url":"https://10.0.0.1/","secret":"` + webhooks.NewSecret() + `"}`
	if answer, status := ask(s.connect(t, "operator"), "command.operator.config.webhook_add", webhook,
		"ce-id", "w-1"); status != "422" || !strings.Contains(string(answer.Data), "allowPrivate") {
		t.Errorf("webhook in a private network: got %q %s, want status 422", status, answer.Data)
	}
	before := s.Rows.Position().Seq
	answer, status := ask(auditor, "query.auditor.records", `{"entity":"user/alice","limit":2}`)
	if lines := strings.Count(string(answer.Data), "\n"); status != "" || lines != 2 {
		t.Errorf("records: got status %q, %d lines, want 2 lines: %s", status, lines, answer.Data)
	}
	if after := s.Rows.Position().Seq; after != before+1 {
		t.Errorf("audit.read of the auditor's query: got %d records, want 1 (A-48)", after-before)
	}
}

// TestNATSIntake_NewNode checks that a new node stores the first intake message, also without
// a reply subject.
func TestNATSIntake_NewNode(t *testing.T) {
	s := serveOverNATS(t)
	gateway := s.connect(t, "gateway")
	m := intakeMessage("gateway", "e-1", "login.report", time.Now(), `{"user":"alice","outcome":"succeeded"}`)
	if err := errors.Join(gateway.PublishMsg(m), gateway.Flush()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), natsTimeout)
	defer cancel()
	if err := s.Rows.Wait(ctx, 1); err != nil {
		t.Errorf("wait for the record of the message: %v", err)
	}
}

// TestNATSLargeAnswer checks that an answer that exceeds the size of a message is status 413,
// and that a limit divides it.
func TestNATSLargeAnswer(t *testing.T) {
	s := serveOverNATS(t)
	for i := range 1000 {
		data := &domain.LoginReport{User: "alice", Outcome: domain.Succeeded, UserAgent: strings.Repeat("x", 512),
			IP: "192.0.2.1"}
		if _, err := s.Ledger.Submit(t.Context(),
			domain.Command{ID: fmt.Sprint(i), Source: "gateway/x" + strings.Repeat("y", 600), Time: time.Now(),
				Data: data, Backfill: true}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Rows.Wait(t.Context(), 1000); err != nil {
		t.Fatal(err)
	}
	auditor := s.connect(t, "auditor")
	answer, err := auditor.Request("ledger.main.query.auditor.records", []byte(`{"limit":1000}`), natsTimeout)
	if err != nil || answer.Header.Get("Nats-Service-Error-Code") != "413" ||
		!strings.Contains(string(answer.Data), "/problems/too-large") {
		t.Fatalf("1000 records: got %v %v, %d bytes, want status 413", err, answer.Header, len(answer.Data))
	}
	seen := 0
	for after := 0; after < 1000; after += 250 {
		answer, err := auditor.Request("ledger.main.query.auditor.records",
			fmt.Appendf(nil, `{"after":%d,"limit":250,"to":1000}`, after), natsTimeout)
		if err != nil || answer.Header.Get("Nats-Service-Error-Code") != "" {
			t.Fatalf("250 records: got %v %v, want no error", err, answer.Header)
		}
		seen += strings.Count(string(answer.Data), "\n")
	}
	if seen != 1000 {
		t.Errorf("pages of records: got %d records, want 1000", seen)
	}
}

// TestNATSEvents_Dashboard checks that a dashboard receives each event after its record.
// TestNATSRoles checks the permissions.
func TestNATSEvents_Dashboard(t *testing.T) {
	s := serveOverNATS(t)
	dashboard := s.connect(t, "dashboard")
	received := make(chan *nats.Msg, 64)
	for _, family := range []string{"login.>", "lockout.>"} {
		if _, err := dashboard.ChanSubscribe(natsconn.EventSubject(realmDefault, family), received); err != nil {
			t.Fatal(err)
		}
	}
	if err := dashboard.Flush(); err != nil {
		t.Fatal(err)
	}
	gateway := s.connect(t, "gateway")
	for i := range 10 {
		m := &nats.Msg{Subject: "ledger.main.command.gateway.login.report",
			Data:   []byte(`{"user":"alice","outcome":"failed","reason":"bad_credentials","ip":"192.0.2.77"}`),
			Header: nats.Header{"ce-id": {fmt.Sprint(i)}}}
		if _, err := gateway.RequestMsg(m, natsTimeout); err != nil {
			t.Fatal(err)
		}
	}
	var kinds []string
	for range 11 {
		select {
		case m := <-received:
			var e struct{ SpecVersion, ID, Source, Type, Time, Subject string }
			err := json.Unmarshal(m.Data, &e)
			if err != nil || e.Subject != "user/alice" || e.SpecVersion != "1.0" || e.Source != "ledger/main" ||
				strings.Contains(string(m.Data), "192.0.2.77") {
				t.Errorf("event: got %s, %v, want a CloudEvent about user/alice without its address", m.Data, err)
			}
			kinds = append(kinds, e.Type+"@"+e.ID)
		case <-time.After(natsTimeout):
			t.Fatalf("timed out: got events %v, want 11", kinds)
		}
	}
	if want := []string{"login.failed@10.0", "lockout.started@10.1"}; !slices.Equal(kinds[9:], want) {
		t.Errorf("last events: got %v, want %v", kinds, want)
	}
}
