package main

import (
	"bytes"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/nats-io/nats.go"

	"authledger/adapters/natsconn"
	"authledger/cmd/internal/node"
)

// lockedLog is a log that goroutines of the node write. It is safe for concurrent use.
type lockedLog struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lockedLog) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(line)
}

func (l *lockedLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// TestActs_LogNamesCaller checks that the log of the node names the caller of each act on a dead
// letter and on deliveries.
func TestActs_LogNamesCaller(t *testing.T) {
	s := serveOverNATS(t)
	log := new(lockedLog)
	s.restart(t, node.Options{Log: slog.New(slog.NewTextHandler(log, nil))})
	s.connect(t, "gateway").mustPublish(t,
		&nats.Msg{Subject: natsconn.IntakeSubject(realmDefault, "gateway"), Data: []byte("{}")})
	deadLetters := s.NATS.DeadLetters(s.Ledger)
	s.untilDeadLetters(t, deadLetters, 1)
	operator := s.operator(t, natsTimeout)
	if _, isInvalid, err := (remoteDeadLetters{operator}).Retry(t.Context(), 1); err != nil || !isInvalid {
		t.Fatalf("retry: got invalid %t, %v, want an invalid command", isInvalid, err)
	}
	if err := (remoteDeadLetters{operator}).Drop(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	if _, err := operator.Ask(t.Context(), "POST", "/v1/webhooks/lost/redrive", nil); !isNotFound(err) {
		t.Fatalf("redrive to an unknown endpoint: got %v, want not found", err)
	}
	for _, want := range []string{
		`msg="a caller redrives webhook deliveries" caller=web endpoint=lost ids=0`,
		`msg="a caller retries a dead letter" caller=web position=1`,
		`msg="a caller drops a dead letter" caller=web position=1`,
	} {
		if got := log.String(); !strings.Contains(got, want) {
			t.Errorf("log: got %s, want %s", got, want)
		}
	}
}
