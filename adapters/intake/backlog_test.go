package intake_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"authledger/adapters/intake"
	"authledger/adapters/natsconn"
	"authledger/eventstore"
	"authledger/eventstore/natsd"
)

var quietLog = slog.New(slog.DiscardHandler)

// startServer starts a NATS server in a directory, until the end of the test, and connects
// the node to it.
func startServer(t *testing.T, dir string) (*natsd.Server, *natsconn.Conn) {
	t.Helper()
	s, err := natsd.Start(t.Context(), natsd.Config{Dir: dir, NodeAccount: true, Log: quietLog})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	conn, err := natsconn.Dial(natsconn.Server{InProcess: s, User: natsd.NodeUser}, "main", quietLog)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	return s, conn
}

func publish(t *testing.T, conn *natsconn.Conn, subjects ...string) {
	t.Helper()
	js, err := jetstream.New(conn.Conn)
	if err != nil {
		t.Fatal(err)
	}
	for _, subject := range subjects {
		if _, err := js.Publish(t.Context(), subject, []byte("{}")); err != nil {
			t.Fatalf("publish to %s: %v", subject, err)
		}
	}
}

func TestBacklogCountsMessagesAndDeadLetters(t *testing.T) {
	s, conn := startServer(t, t.TempDir())
	in, err := intake.Open(conn, intake.Options{Log: quietLog, Tokens: gatewayTokens(t, "a", "b")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(in.Close)
	backlog := func() eventstore.Backlog {
		t.Helper()
		b, err := in.Backlog(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	if got, want := backlog(), (eventstore.Backlog{Connected: true}); got != want {
		t.Errorf("backlog without streams: got %+v, want %+v", got, want)
	}
	if err := in.CreateStreams(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := in.Admit(t.Context()); err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	publish(t, conn, natsconn.IntakeSubject("main", "a"), natsconn.IntakeSubject("main", "b"),
		natsconn.DeadLetterSubject("main", "1"))
	got := backlog()
	if !got.Connected || got.Messages != 2 || got.DeadLetters != 1 || got.DeadLetterBytes == 0 ||
		got.OldestAge <= 0 || got.OldestAge > time.Since(begun) {
		t.Errorf("backlog: got %+v, want 2 messages and 1 dead letter, at most %v old", got, time.Since(begun))
	}
	s.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	// an error, if the client has not noticed the disconnect yet
	if got, err := in.Backlog(ctx); got != (eventstore.Backlog{}) {
		t.Errorf("backlog without a server: got %+v, %v, want the zero backlog", got, err)
	}
}
