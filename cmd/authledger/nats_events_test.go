package main

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"authledger/adapters/natsconn"
	"authledger/domain"
)

// TestNATSEvents_AuditorSession checks that an auditor receives live events only after the
// ledger has recorded an audit.read, and that one session is recorded once.
func TestNATSEvents_AuditorSession(t *testing.T) {
	s := serveOverNATS(t)
	auditor, gateway := s.connect(t, "auditor"), s.connect(t, "gateway")
	events, err := auditor.SubscribeSync(natsconn.SessionSubject(realmDefault, "auditor", ">"))
	if err = errors.Join(err, auditor.Flush()); err != nil {
		t.Fatal(err)
	}
	report := func(id string) {
		t.Helper()
		m := &nats.Msg{Subject: "ledger.main.command.gateway.login.report",
			Data: []byte(`{"user":"alice","outcome":"succeeded"}`), Header: nats.Header{"ce-id": {id}}}
		if answer, err := gateway.RequestMsg(m, natsTimeout); err != nil ||
			answer.Header.Get("Nats-Service-Error-Code") != "" {
			t.Fatalf("login.report %s: got %+v, %v, want an answer without an error", id, answer, err)
		}
	}
	report("before")
	var opened struct {
		Subject     string
		ReadSession uint64
		Until       time.Time
	}
	for i := range 2 {
		answer, err := auditor.Request("ledger.main.query.auditor.events", nil, natsTimeout)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(answer.Data, &opened); err != nil || opened.ReadSession != 2 ||
			opened.Subject != "ledger.main.read.auditor.>" || !opened.Until.After(time.Now()) {
			t.Fatalf("request %d: got %s, %v, want the session of record 2", i+1, answer.Data, err)
		}
	}
	record, err := s.Ledger.Record(t.Context(), opened.ReadSession)
	if err != nil {
		t.Fatal(err)
	}
	read, ok := record.Command.Data.(*domain.AuditRead)
	if !ok || read.Reader != "auditor" || read.Role != "auditor" {
		t.Fatalf("record %d: got %+v, want an audit.read of the auditor", opened.ReadSession, record.Command.Data)
	}
	report("after")
	for {
		m, err := events.NextMsg(natsTimeout)
		if err != nil {
			t.Fatal(err)
		}
		var event struct{ ID, Type string }
		if err := json.Unmarshal(m.Data, &event); err != nil || event.ID == "1.0" {
			t.Fatalf("live event on %s: got %s, %v, want no event of record 1, before the session", m.Subject, m.Data,
				err)
		}
		if event.Type == "login.succeeded" {
			break
		}
	}
}
