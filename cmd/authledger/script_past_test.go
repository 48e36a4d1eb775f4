package main

import (
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

// wantBody checks that the body of a response contains a text: body URL TEXT FILE. FILE contains the token
// of the request.
func wantBody(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: [!] body URL TEXT FILE")
	}
	request, err := http.NewRequest(http.MethodGet, args[0], nil)
	ts.Check(err)
	request.Header.Set("Authorization", "Bearer "+strings.TrimSpace(ts.ReadFile(args[2])))
	answer, err := http.DefaultClient.Do(request)
	ts.Check(err)
	defer answer.Body.Close() // only read from
	text, err := io.ReadAll(answer.Body)
	ts.Check(err)
	body := string(text)
	if strings.Contains(body, args[1]) == neg {
		ts.Fatalf("%s answers %s, want a body with %q: %t", args[0], body, args[1], !neg)
	}
}
