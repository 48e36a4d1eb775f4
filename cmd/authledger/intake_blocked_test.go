package main

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"authledger/adapters/client"
	"authledger/adapters/httpapi"
	"authledger/adapters/natsconn"
	"authledger/adapters/tokens/tokenstest"
	"authledger/cmd/internal/node"
	"authledger/domain/access"
)

// wantWarning waits until the node is ready with a warning that contains text, or without a
// warning for "".
func (s *overNATS) wantWarning(t *testing.T, text string) {
	t.Helper()
	var r httpapi.Readiness
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for begun := time.Now(); time.Since(begun) < natsTimeout; <-tick.C {
		r = s.edge.Readiness()
		warnings := strings.Join(r.Warnings, "\n")
		if r.Ready && r.Warnings != nil && (text == "") == (warnings == "") && strings.Contains(warnings, text) {
			return
		}
	}
	t.Fatalf("readiness: got %+v, want a warning that contains %q", r, text)
}

// TestNATSDisconnected_Warning checks that a node without its NATS server is ready with a warning,
// and that a request for dead letters fails with that cause.
func TestNATSDisconnected_Warning(t *testing.T) {
	t.Parallel()
	s := serveOverNATS(t)
	server := s.natsOwn(t)
	s.restart(t, node.Options{Log: quietLog, NATS: server.options()})
	s.wantWarning(t, "")
	server.stop()
	s.wantWarning(t, "the NATS server can't be reached")
	status, out, _ := typed(t, nil, "health", "--server", s.edge.URL())
	if status != 0 || !strings.Contains(out, "warning") || !strings.Contains(out, "records no deadlines") {
		t.Errorf("health: got exit code %d, %s, want 0 with a warning", status, out)
	}
	web := s.operator(t, natsTimeout/12) // the request fails after this time
	_, err := (remoteDeadLetters{web}).List(t.Context(), deadLetterValues(t, 10, 0))
	if !errors.Is(err, client.ErrUnknown) ||
		!strings.HasPrefix(err.Error(), "timed out: send the query again") ||
		!strings.Contains(err.Error(), "the NATS server that stores the dead letters can't be reached") {
		t.Errorf("list dead letters: got error %v, want the unreachable NATS server", err)
	}
	server.start(t)
	s.wantWarning(t, "")
}

// operator returns an HTTP client with an operator's token and a patience.
func (s *overNATS) operator(t *testing.T, patience time.Duration) *client.Client {
	t.Helper()
	token, err := s.tokens.Add(tokenstest.Spec{Name: "web", Role: access.Operator})
	if err != nil {
		t.Fatal(err)
	}
	web, err := client.New(client.Options{URL: s.edge.URL(), Token: token, Patience: patience})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(web.Close)
	return web
}

// TestDeadLettersFull_BlocksIntake checks that a full stream of dead letters blocks the intake with
// a warning. After the operator has revoked the token and dropped its dead letters, the node
// handles the messages of other callers in order, and loses none.
func TestDeadLettersFull_BlocksIntake(t *testing.T) {
	const capacity, messageBytes = 8 << 10, 1 << 10 // bytes
	s := serveOverNATS(t)
	s.add(t, tokenstest.Spec{Name: "faulty", Role: access.Gateway})
	s.restart(t,
		node.Options{Log: quietLog, NATS: &node.NATSOptions{Listen: "127.0.0.1:0", DeadLetterBytes: capacity}})
	faulty, gateway, deadLetters := s.connect(t, "faulty"), s.connect(t, "gateway"),
		remoteDeadLetters{s.operator(t, natsTimeout)}
	good := func(id string) {
		gateway.mustPublish(t,
			intakeMessage("gateway", id, "login.report", time.Now(), `{"user":"alice","outcome":"succeeded"}`))
	}
	left := func() uint64 {
		b, err := s.NATS.Backlog(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return b.Messages
	}
	good("before")
	for range capacity / messageBytes {
		faulty.mustPublish(t,
			&nats.Msg{Subject: natsconn.IntakeSubject(realmDefault, "faulty"), Data: make([]byte, messageBytes)})
	}
	good("behind")
	s.wantWarning(t, "the stream of dead letters is full")
	if left() < 2 {
		t.Fatalf("intake with full dead letters: got %d messages, want at least 2", left())
	}
	s.tokens.Remove("faulty")
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for begun := time.Now(); left() > 0; <-tick.C { // further messages of the caller become dead letters, too
		chosen := dlqSelection{caller: "faulty"}
		_, err := chosen.each(t.Context(), deadLetters, nil,
			func(at uint64) error { return deadLetters.Drop(t.Context(), at) })
		if err != nil {
			t.Fatal(err)
		}
		if time.Since(begun) > natsTimeout {
			t.Fatal("timed out: the intake is still blocked")
		}
	}
	s.wantWarning(t, "")
	if got := strings.Join(s.recorded(t), " "); got != "gateway/gateway/before gateway/gateway/behind" {
		t.Errorf("records: got %s, want gateway/gateway/before gateway/gateway/behind", got)
	}
}
