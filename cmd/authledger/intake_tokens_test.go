package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"authledger/access"
)

// A file of tokens that can't be read is no fault of what was left: the intake waits, in
// sight of all, and takes it, in order and without a letter, once the file can.
func TestIntakeWaitsForTokens(t *testing.T) {
	s := serveOverNATS(t)
	server := s.natsOwn(t)
	gateway := s.connectAt(t, "gateway", server.address)
	s.stop(t)
	for _, id := range []string{"e-1", "e-2"} {
		gateway.leave(t, leave("gateway", id, "login.report", time.Now(), `{"user":"alice","outcome":"succeeded"}`))
	}
	path := filepath.Join(s.dir, tokensName)
	whole, err := os.ReadFile(path)
	if err == nil {
		err = os.WriteFile(path, whole[:len(whole)/2], 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	s.restart(t, nodeOptions{log: quietLog, nats: server.options()})
	s.warned(t, "the intake waits")
	if err := os.WriteFile(path, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	s.until(t, 2)
	if got := strings.Join(s.recorded(t), " "); got != "gateway/gateway/e-1 gateway/gateway/e-2" {
		t.Error(got)
	}
	if letters := s.letterCount(t, s.messages.Letters(s.ledger)); letters != 0 {
		t.Errorf("%d letters", letters)
	}
}

// A token that expires while the ledger is down was good when the command was left.
func TestIntakeTokenExpiresMeanwhile(t *testing.T) {
	s := serveOverNATS(t)
	server := s.natsOwn(t)
	s.add(t, access.Spec{Name: "brief", Role: access.Gateway, Expires: time.Now().Add(time.Hour)})
	brief := s.connectAt(t, "brief", server.address)
	s.stop(t)
	brief.leave(t, leave("brief", "e-1", "login.report", time.Now(), `{"user":"alice","outcome":"succeeded"}`))
	later := newLaterClock(2 * time.Hour)
	s.tokens = access.OpenTokens(filepath.Join(s.dir, tokensName), later.now)
	if _, err := s.tokens.Named("brief"); err == nil {
		t.Fatal("the token has not expired")
	}
	s.restart(t, nodeOptions{log: quietLog, now: later.now, nats: server.options()})
	s.until(t, 1)
	if got := s.verdicts(t, 1)[0]; !strings.Contains(got, `"accepted"`) {
		t.Error(got)
	}
}
