package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"authledger/cmd/internal/node"
	"authledger/domain"
)

// pastAttempt records an unattributed attempt on a node whose clock is at an instant: attempt INSTANT DIR.
func pastAttempt(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: attempt INSTANT DIR")
	}
	at, err := time.Parse(time.RFC3339, args[0])
	ts.Check(err)
	ctx, cancel := context.WithTimeout(context.Background(), answerWithin)
	defer cancel()
	n, err := node.Open(ctx, node.Options{Dir: ts.MkAbs(args[1]), Realm: realmDefault, Name: nodeDefault,
		Log: quietLog, Now: func() time.Time { return at }})
	ts.Check(err)
	v, err := n.Ledger.Do(ctx, domain.Command{
		Source: "gateway/portal", ID: "e-1", Stamped: true, Caller: "portal",
		Data: &domain.LoginReport{User: "mallory", Outcome: domain.Failed, Reason: domain.UnknownUser,
			IP: "192.0.2.7"}})
	if err == nil && v.Status != domain.Accepted {
		err = errors.New(string(v.Status))
	}
	ts.Check(errors.Join(err, n.Close()))
}

// wantBody checks that a response with status 200 has a body with a text, or without it after "!":
// body URL TEXT FILE. FILE contains the token of the request.
func wantBody(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: [!] body URL TEXT FILE")
	}
	request, err := http.NewRequest(http.MethodGet, args[0], nil)
	ts.Check(err)
	request.Header.Set("Authorization", "Bearer "+strings.TrimSpace(ts.ReadFile(args[2])))
	answer, err := (&http.Client{Timeout: answerWithin}).Do(request)
	ts.Check(err)
	defer answer.Body.Close() // only read from
	text, err := io.ReadAll(answer.Body)
	ts.Check(err)
	body := string(text)
	if answer.StatusCode != http.StatusOK || strings.Contains(body, args[1]) == neg {
		ts.Fatalf("%s answers %s %s, want status 200 and a body with %q: %t", args[0], answer.Status, body,
			args[1], !neg)
	}
}

// compareSlot checks that two files of a key ring have the same first slot, or different ones after "!":
// cmpslot RING BEFORE.
func compareSlot(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: [!] cmpslot RING BEFORE")
	}
	const slotBytes = 128
	slot := func(name string) []byte {
		b := []byte(ts.ReadFile(name))
		if len(b) < slotBytes {
			ts.Fatalf("%s has %d bytes, want at least %d", name, len(b), slotBytes)
		}
		return b[:slotBytes]
	}
	if bytes.Equal(slot(args[0]), slot(args[1])) == neg {
		ts.Fatalf("%s and %s: got an equal first slot: %t, want %t", args[0], args[1], neg, !neg)
	}
}
