package main

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"authledger/access"
	"authledger/adapters/client"
	"authledger/adapters/httpapi"
	"authledger/adapters/natsapi"
)

// warned waits until the node is ready and warns of what holds text; of nothing if that
// is "".
func (s *overNATS) warned(t *testing.T, text string) {
	t.Helper()
	var r httpapi.Readiness
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for begun := time.Now(); time.Since(begun) < natsPatience; <-tick.C {
		r = s.edge.Readiness()
		warnings := strings.Join(r.Warnings, "\n")
		if r.Ready && r.Warnings != nil && (text == "") == (warnings == "") && strings.Contains(warnings, text) {
			return
		}
	}
	t.Fatalf("want a warning that holds %q: %+v", text, r)
}

// While NATS is away the node decides, and says to everybody what doesn't happen
// meanwhile; who asks for letters hears that they can't be reached.
func TestNATSAwayIsSeen(t *testing.T) {
	s := serveOverNATS(t)
	server := s.natsOwn(t)
	s.restart(t, nodeOptions{log: quietLog, nats: server.options()})
	s.warned(t, "")
	server.stop()
	s.warned(t, "nats is away")
	status, out, _ := typed(t, nil, "health", "--server", s.edge.url())
	if status != 0 || !strings.Contains(out, "warning") || !strings.Contains(out, "no deadline is recorded") {
		t.Errorf("health: %d, %s", status, out)
	}
	web := s.operator(t)
	if _, err := (lettersThere{web}).List(t.Context(), 0, 10); !errors.Is(err, client.ErrUnknown) || !strings.HasPrefix(err.Error(), "no answer in time: ask again") || !strings.Contains(err.Error(), "the NATS server that keeps the letters can't be reached") {
		t.Errorf("letters: %v", err)
	}
	server.start(t)
	s.warned(t, "")
}

// operator is a client over HTTP, with little patience.
func (s *overNATS) operator(t *testing.T) *client.Client {
	t.Helper()
	token, err := s.tokens.Add(access.Spec{Name: "web", Role: access.Operator})
	if err != nil {
		t.Fatal(err)
	}
	web, err := client.New(client.Options{URL: s.edge.url(), Token: token, Patience: natsPatience / 10})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(web.Close)
	return web
}

// A gateway that leaves nothing but rubbish fills the letters, and the intake waits for
// everybody, in sight of all. Its token revoked and its letters dropped, what others have
// left goes on, in order, with nothing lost.
func TestRubbishFillsTheLetters(t *testing.T) {
	const room, rubbish = 8 << 10, 1 << 10 // bytes
	s := serveOverNATS(t)
	s.add(t, access.Spec{Name: "faulty", Role: access.Gateway})
	s.restart(t, nodeOptions{log: quietLog, nats: &natsOptions{listen: "127.0.0.1:0", letterBytes: room}})
	faulty, gateway, letters := s.connect(t, "faulty"), s.connect(t, "gateway"), lettersThere{s.operator(t)}
	good := func(id string) {
		gateway.leave(t, leave("gateway", id, "login.report", time.Now(), `{"user":"alice","outcome":"succeeded"}`))
	}
	left := func() uint64 {
		b, err := s.messages.Backlog(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return b.Waiting
	}
	good("before")
	for range room / rubbish {
		faulty.leave(t, &nats.Msg{Subject: natsapi.IntakeSubject(realmDefault, "faulty"), Data: make([]byte, rubbish)})
	}
	good("behind")
	s.warned(t, "no room for letters")
	if left() < 2 {
		t.Fatal("what has no room among the letters is gone from the intake")
	}
	if err := s.tokens.Revoke("faulty"); err != nil {
		t.Fatal(err)
	}
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for begun := time.Now(); left() > 0; <-tick.C { // what was left behind them becomes letters, too
		chosen := chosenLetters{caller: "faulty"}
		if _, err := chosen.each(t.Context(), letters, nil, func(at uint64) error { return letters.Drop(t.Context(), at) }); err != nil {
			t.Fatal(err)
		}
		if time.Since(begun) > natsPatience {
			t.Fatal("the intake never goes on")
		}
	}
	s.warned(t, "")
	if got := strings.Join(s.recorded(t), " "); got != "gateway/gateway/before gateway/gateway/behind" {
		t.Error(got)
	}
}
