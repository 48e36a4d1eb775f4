package natsapi_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"authledger/adapters/natsapi"
	"authledger/eventstore/natsd"
)

// Who runs a node sees how much lies in the intake and since when, how many letters
// wait, and that nobody knows it.
func TestBacklog(t *testing.T) {
	s := start(t, natsd.Config{Dir: t.TempDir(), Edge: true})
	e, err := natsapi.Connect(natsapi.Options{Realm: "main", Server: natsapi.Server{Conns: s, User: natsd.NodeUser}, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() }) // the server is gone
	look := func() natsapi.Backlog {
		t.Helper()
		b, err := e.Backlog(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	if b := look(); b != (natsapi.Backlog{Connected: true}) {
		t.Errorf("before anything is left: %+v", b)
	}
	if err := e.MakeStreams(t.Context()); err != nil {
		t.Fatal(err)
	}
	conn, err := nats.Connect("", nats.InProcessServer(s), nats.UserInfo(natsd.NodeUser, ""))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	js, err := jetstream.New(conn)
	if err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	for _, subject := range []string{natsapi.IntakeSubject("main", "a"), natsapi.IntakeSubject("main", "b"), "ledger.main.dlq.1"} {
		if _, err := js.Publish(t.Context(), subject, []byte("{}")); err != nil {
			t.Fatal(err)
		}
	}
	if b := look(); !b.Connected || b.Waiting != 2 || b.Letters != 1 || b.LetterBytes == 0 || b.Oldest <= 0 || b.Oldest > time.Since(begun) {
		t.Errorf("%+v", b)
	}
	s.Close()
	soon, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if b, err := e.Backlog(soon); b != (natsapi.Backlog{}) { // it may have asked before it noticed
		t.Errorf("without a server: %+v, %v", b, err)
	}
}
