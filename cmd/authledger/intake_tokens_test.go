package main

import (
	"strings"
	"testing"
	"time"

	"authledger/adapters/tokens/tokenstest"
	"authledger/cmd/internal/node"
	"authledger/domain/access"
)

// TestIntake_TokenExpiresWhileLedgerDown checks that the ledger accepts a command whose token was
// valid when the intake stored it.
func TestIntake_TokenExpiresWhileLedgerDown(t *testing.T) {
	s := serveOverNATS(t)
	server := s.natsOwn(t)
	s.add(t, tokenstest.Spec{Name: "brief", Role: access.Gateway, Expires: time.Now().Add(time.Hour)})
	brief := s.connectAt(t, "brief", server.address)
	s.stop(t)
	brief.mustPublish(t,
		intakeMessage("brief", "e-1", "login.report", time.Now(), `{"user":"alice","outcome":"succeeded"}`))
	later := newLaterClock(2 * time.Hour)
	s.tokens = s.tokens.At(later.now)
	if _, err := s.tokens.Named("brief"); err == nil {
		t.Fatal("look up the token by the later clock: got no error, want expired")
	}
	s.restart(t, node.Options{Log: quietLog, Now: later.now, NATS: server.options()})
	s.until(t, 1)
	if got := s.verdicts(t, 1)[0]; !strings.Contains(got, `"accepted"`) {
		t.Errorf("verdict of the command: got %s, want accepted", got)
	}
}
