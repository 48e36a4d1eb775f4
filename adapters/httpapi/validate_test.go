package httpapi

import (
	"fmt"
	"strings"
	"testing"

	"authledger/domain"
	"authledger/domain/access"
	"authledger/domain/operations"
)

// A record holds no text of a parameter that is invalid, and neither does the node's log.
func TestAuditReadHoldsValidTextOnly(t *testing.T) {
	s := newTestServer(t)
	s.reportFailures("alice", 1)
	const canary = "Hunter2%21canary" // no name contains "!"
	for _, o := range operations.All() {
		if !o.ReadsLedger {
			continue
		}
		valid := strings.NewReplacer("{user}", "alice", "{account}", "a-1", "{seq}", "1").Replace(o.Path)
		invalid := strings.NewReplacer("{user}", canary, "{account}", canary+"%20", "{seq}", canary).Replace(o.Path)
		paths := []string{invalid, valid + "?" + canary + "=1"}
		for _, p := range o.Parameters {
			if p.In == operations.InQuery && p.Name != operations.Purpose {
				paths = append(paths, valid+"?"+p.Name+"="+canary)
			}
		}
		for _, kind := range []string{"user", "source", "system", "Hunter"} {
			paths = append(paths, valid+"?entity="+kind+"/"+canary)
		}
		for _, path := range paths {
			for _, role := range []access.Role{access.Auditor, access.Support} {
				s.get(role, path)
				join := "?"
				if strings.Contains(path, "?") {
					join = "&"
				}
				s.get(role, path+join+"reveal=true&purpose=test")
			}
		}
	}
	for seq := uint64(1); seq <= s.ledger.Health().Position.Seq; seq++ {
		record, err := s.ledger.Record(t.Context(), seq)
		if err != nil {
			t.Fatal(err)
		}
		text := fmt.Sprintf("%+v", record.Command.Data)
		if strings.Contains(text, "canary") || strings.Contains(text, "Hunter") {
			t.Errorf("record %d: got %s, want no canary", seq, text)
		}
	}
	if strings.Contains(s.log.String(), "canary") {
		t.Errorf("got a log with the canary, want none: %s", s.log)
	}
}

// For an invalid name, a record holds the position and the invalid character only.
func TestAuditReadHoldsPositionOfInvalidName(t *testing.T) {
	for name, want := range map[string]string{
		"hunter2%21secret":   "{position 8, character %21}",
		"with%20blank":       "{position 5, character %20}",
		"tab%09":             "{position 4, character %09}",
		"caf%C3%A9":          "{position 4, character %C3%A9}",
		"%7Bposition%201%7D": "{position 1, character %7B}",
	} {
		s := newTestServer(t)
		path := "/v1/users/" + name + "/troubleshoot"
		s.get(access.Auditor, path).want(t, 200)
		record, err := s.ledger.Record(t.Context(), 1)
		if err != nil {
			t.Fatal(err)
		}
		read, ok := record.Command.Data.(*domain.AuditRead)
		if !ok || read.Query != "/v1/users/"+want+"/troubleshoot" {
			t.Errorf("read of user %s: got %+v, want %s in its query", name, record.Command.Data, want)
		}
	}
	if got := describeBadName(&domain.BadName{Position: 3}); got != "{position 3, a character is missing}" {
		t.Errorf("a name that is too short: got %s, want position 3", got)
	}
}

func TestStreamFinishedAnswers204AndRecordsNothing(t *testing.T) {
	s := newTestServer(t)
	s.reportFailures("alice", 5)
	before := s.ledger.Health().Position.Seq
	for _, last := range []string{"3", "4"} {
		s.request(access.Auditor, "GET", "/v1/records?follow=true&to=3", "", "Last-Event-ID", last).want(t, 204)
	}
	s.request(access.Auditor, "GET", "/v1/records?follow=true", "", "Last-Event-ID", "999").
		want(t, 400, "record 999 does not exist", `"status":400`)
	s.request(access.Auditor, "GET", "/v1/records?follow=true", "", "Last-Event-ID", "1", "Last-Event-ID", "2").
		want(t, 400, "more than one header")
	if after := s.ledger.Health().Position.Seq; after != before {
		t.Errorf("got newest record %d, want %d as before", after, before)
	}
	// No record of the span has the type. The id at the end makes the client stop.
	r := s.request(access.Auditor, "GET", "/v1/records?follow=true&to=5&type=policy.adopt", "")
	r.want(t, 200, "id: 5\n\n")
}
