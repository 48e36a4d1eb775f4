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

	"authledger/adapters/natsapi"
	"authledger/domain"
)

// A command and a question over NATS come to what they come to over HTTP, in the
// caller's own name.
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
		answer, err := c.RequestMsg(m, natsPatience)
		if err != nil {
			t.Fatalf("%s: %v", subject, err)
		}
		return answer, answer.Header.Get("Nats-Service-Error-Code")
	}
	report := `{"user":"alice","outcome":"failed","reason":"bad_credentials"}`
	now := time.Now().UTC().Format(time.RFC3339Nano)
	const binary = "do.gateway.login.report"
	for _, c := range []struct {
		says, subject, body string
		headers             []string
		status              string // "" for a verdict
		want                string
	}{
		{"bare data", binary, report, []string{"ce-id", "e-1"}, "", `"seq":1`},
		{"again", binary, report, []string{"Ce-ID", "e-1"}, "", `"duplicate":true`},
		{"another under its id", binary, strings.Replace(report, "alice", "bob", 1), []string{"ce-id", "e-1"}, "422", `"reason":"id_reused"`},
		{"no id", binary, report, nil, "422", `"reason":"malformed"`},
		{"an id twice, in two cases", binary, report, []string{"ce-id", "e-2", "CE-ID", "e-2"}, "422", `"reason":"malformed"`},
		{"a whole event", binary, report, []string{"ce-specversion", "1.0", "ce-id", "e-3", "ce-source", "gateway/gateway", "ce-type", "login.report", "ce-time", now}, "", `"seq":2`},
		{"an event of another type", binary, report, []string{"ce-specversion", "1.0", "ce-id", "e-4", "ce-source", "gateway/gateway", "ce-type", "login.begin", "ce-time", now}, "400", "ce-type"},
		{"another's source", binary, report, []string{"ce-specversion", "1.0", "ce-id", "e-4", "ce-source", "gateway/other", "ce-type", "login.report", "ce-time", now}, "403", "source"},
		{"an unknown member", binary, `{"user":"alice","outcome":"succeeded","password":"x"}`, []string{"ce-id", "e-5"}, "422", `"reason":"unknown_field"`},
		{"rubbish", binary, `{`, []string{"ce-id", "e-5"}, "422", `"reason":"malformed"`},
		{"a batch", "do.gateway.batch", `[{"specversion":"1.0","id":"e-6","source":"gateway/gateway","type":"login.report","time":"` + now + `","data":` + report + `},{}]`, nil, "", `"reason":"malformed"`},
		{"a question", "ask.gateway.lockout", `{"user":"alice"}`, nil, "", `"failures":3`},
		{"as of a record", "ask.gateway.lockout", `{"user":"alice","asOf":1}`, nil, "", `"failures":1`},
		{"of nobody", "ask.gateway.lockout", `{}`, nil, "400", "the member user"},
		{"twice", "ask.gateway.lockout", `{"user":"alice","user":"bob"}`, nil, "400", "more than once"},
		{"misspelt", "ask.gateway.lockout", `{"user":"alice","asof":1}`, nil, "400", "unknown parameter"},
		{"of a path", "ask.gateway.lockout", `{"user":"../../lockouts"}`, nil, "400", ""},
		{"without an end", "ask.gateway.lockout", `{"user":"alice","follow":true}`, nil, "400", "atLeast"},
	} {
		answer, status := ask(gateway, c.subject, c.body, c.headers...)
		if status != c.status || !strings.Contains(string(answer.Data), c.want) {
			t.Errorf("%s: %s %v %s", c.says, status, answer.Header, answer.Data)
		}
		var problem struct{ Type, Title, Detail string }
		if err := json.Unmarshal(answer.Data, &problem); c.subject != "do.gateway.batch" && (err != nil || (status == "") != (problem.Title == "")) {
			t.Errorf("%s: %v %s", c.says, err, answer.Data)
		}
	}
	if answer, status := ask(support, "do.support.lockout.release", `{"user":"alice","agent":"ann"}`, "ce-id", "r-1"); status != "403" {
		t.Errorf("support speaks for another: %s", answer.Data)
	}
	before := s.rows.Position().Seq
	answer, status := ask(auditor, "ask.auditor.records", `{"entity":"user/alice","limit":2}`)
	if lines := strings.Count(string(answer.Data), "\n"); status != "" || lines != 2 {
		t.Errorf("%s, %d lines: %s", status, lines, answer.Data)
	}
	if after := s.rows.Position().Seq; after != before+1 {
		t.Errorf("the auditor's question is recorded %d times, want once (A-48)", after-before)
	}
}

// Who finds a new node up can leave a command there: also one that waits for no word.
func TestNATSIntakeFromTheFirst(t *testing.T) {
	s := serveOverNATS(t)
	gateway := s.connect(t, "gateway")
	m := leave("gateway", "e-1", "login.report", time.Now(), `{"user":"alice","outcome":"succeeded"}`)
	if err := errors.Join(gateway.PublishMsg(m), gateway.Flush()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), natsPatience)
	defer cancel()
	if err := s.rows.Wait(ctx, 1); err != nil {
		t.Errorf("it is lost: %v", err)
	}
}

// An answer larger than a message says so, and is had in parts.
func TestNATSLargeAnswer(t *testing.T) {
	s := serveOverNATS(t)
	for i := range 1000 {
		data := &domain.LoginReport{User: "alice", Outcome: domain.Succeeded, UserAgent: strings.Repeat("x", 512), IP: "192.0.2.1"}
		if _, err := s.ledger.Submit(t.Context(), domain.Command{ID: fmt.Sprint(i), Source: "gateway/x" + strings.Repeat("y", 600), Time: time.Now(), Data: data, Backfill: true}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.rows.Wait(t.Context(), 1000); err != nil {
		t.Fatal(err)
	}
	auditor := s.connect(t, "auditor")
	answer, err := auditor.Request("ledger.main.ask.auditor.records", []byte(`{"limit":1000}`), natsPatience)
	if err != nil || answer.Header.Get("Nats-Service-Error-Code") != "413" || !strings.Contains(string(answer.Data), "#too-large") {
		t.Fatalf("%v %v, %d bytes", err, answer.Header, len(answer.Data))
	}
	seen := 0
	for after := 0; after < 1000; after += 250 {
		answer, err := auditor.Request("ledger.main.ask.auditor.records", fmt.Appendf(nil, `{"after":%d,"limit":250,"to":1000}`, after), natsPatience)
		if err != nil || answer.Header.Get("Nats-Service-Error-Code") != "" {
			t.Fatalf("%v %v", err, answer.Header)
		}
		seen += strings.Count(string(answer.Data), "\n")
	}
	if seen != 1000 {
		t.Errorf("%d records in parts", seen)
	}
}

// The feed tells each event after its record, and only to who may hear it (TestNATSRoles).
func TestNATSFeed(t *testing.T) {
	s := serveOverNATS(t)
	dashboard := s.connect(t, "dashboard")
	heard := make(chan *nats.Msg, 64)
	if _, err := dashboard.ChanSubscribe(natsapi.FeedSubject(realmDefault, ">"), heard); err != nil {
		t.Fatal(err)
	}
	if err := dashboard.Flush(); err != nil {
		t.Fatal(err)
	}
	gateway := s.connect(t, "gateway")
	for i := range 10 {
		m := &nats.Msg{Subject: "ledger.main.do.gateway.login.report", Data: []byte(`{"user":"alice","outcome":"failed","reason":"bad_credentials","ip":"192.0.2.77"}`), Header: nats.Header{"ce-id": {fmt.Sprint(i)}}}
		if _, err := gateway.RequestMsg(m, natsPatience); err != nil {
			t.Fatal(err)
		}
	}
	var kinds []string
	for range 11 {
		select {
		case m := <-heard:
			var e struct{ SpecVersion, ID, Source, Type, Time, Subject string }
			if err := json.Unmarshal(m.Data, &e); err != nil || e.Subject != "user/alice" || e.SpecVersion != "1.0" || e.Source != "ledger/main" || strings.Contains(string(m.Data), "192.0.2.77") {
				t.Errorf("%s: %v", m.Data, err)
			}
			kinds = append(kinds, e.Type+"@"+e.ID)
		case <-time.After(natsPatience):
			t.Fatalf("only %v", kinds)
		}
	}
	if want := []string{"login.failed@10.0", "lockout.started@10.1"}; !slices.Equal(kinds[9:], want) {
		t.Errorf("%v, want %v at the end", kinds, want)
	}
}
