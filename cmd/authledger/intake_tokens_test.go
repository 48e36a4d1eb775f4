package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"authledger/adapters/tokens"
	"authledger/cmd/internal/node"
	"authledger/domain/access"
)

// TestIntake_UnreadableTokenFile checks that an unreadable token file blocks the intake with a
// warning, and that the node handles the messages in order, without dead letters, after the file
// is readable again.
func TestIntake_UnreadableTokenFile(t *testing.T) {
	s := serveOverNATS(t)
	server := s.natsOwn(t)
	gateway := s.connectAt(t, "gateway", server.address)
	s.stop(t)
	for _, id := range []string{"e-1", "e-2"} {
		gateway.mustPublish(t,
			intakeMessage("gateway", id, "login.report", time.Now(), `{"user":"alice","outcome":"succeeded"}`))
	}
	path := filepath.Join(s.dir, node.TokensName)
	whole, err := os.ReadFile(path)
	if err == nil {
		err = os.WriteFile(path, whole[:len(whole)/2], 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	s.restart(t, node.Options{Log: quietLog, NATS: server.options()})
	s.wantWarning(t, "the intake is blocked")
	if err := os.WriteFile(path, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	s.until(t, 2)
	if got := strings.Join(s.recorded(t), " "); got != "gateway/gateway/e-1 gateway/gateway/e-2" {
		t.Errorf("records: got %s, want gateway/gateway/e-1 gateway/gateway/e-2", got)
	}
	if deadLetters := s.deadLetterCount(t, s.NATS.DeadLetters(s.Ledger)); deadLetters != 0 {
		t.Errorf("dead letters: got %d, want 0", deadLetters)
	}
}

// TestIntake_TokenExpiresWhileLedgerDown checks that the ledger accepts a command whose token was
// valid when the intake stored it.
func TestIntake_TokenExpiresWhileLedgerDown(t *testing.T) {
	s := serveOverNATS(t)
	server := s.natsOwn(t)
	s.add(t, tokens.Spec{Name: "brief", Role: access.Gateway, Expires: time.Now().Add(time.Hour)})
	brief := s.connectAt(t, "brief", server.address)
	s.stop(t)
	brief.mustPublish(t,
		intakeMessage("brief", "e-1", "login.report", time.Now(), `{"user":"alice","outcome":"succeeded"}`))
	later := newLaterClock(2 * time.Hour)
	s.tokens = tokens.Open(filepath.Join(s.dir, node.TokensName), later.now)
	if _, err := s.tokens.Named("brief"); err == nil {
		t.Fatal("look up the token by the later clock: got no error, want expired")
	}
	s.restart(t, node.Options{Log: quietLog, Now: later.now, NATS: server.options()})
	s.until(t, 1)
	if got := s.verdicts(t, 1)[0]; !strings.Contains(got, `"accepted"`) {
		t.Errorf("verdict of the command: got %s, want accepted", got)
	}
}
