package main

import (
	"errors"
	"strings"
	"testing"
	"time"

	"authledger/access"
	"authledger/adapters/client"
	"authledger/adapters/httpapi"
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
	if _, err := (lettersThere{web}).List(t.Context(), 0, 10); !errors.Is(err, client.ErrUnknown) || !strings.Contains(err.Error(), "the NATS server that keeps the letters can't be reached") {
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
