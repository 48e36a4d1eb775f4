package intake_test

import (
	"encoding/json"
	"path/filepath"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nkeys"

	"authledger/adapters/intake"
	"authledger/adapters/natsconn"
	"authledger/adapters/tokens/tokenstest"
	"authledger/domain/access"
)

// firstVersion contains the streams of a data directory that the first version of the program
// wrote, with the descriptions that the NATS server has stored for them.
var firstVersion = []jetstream.StreamConfig{
	{
		Name: "INTAKE_main", Subjects: []string{"ledger.main.stored.*"},
		Description: "commands that wait for the ledger; what has its verdict is removed",
		Storage:     jetstream.FileStorage, Retention: jetstream.LimitsPolicy, Discard: jetstream.DiscardNew,
		MaxBytes: 16 << 30, MaxMsgs: 50_000_000, MaxMsgSize: 132 << 10, Replicas: 1, DenyDelete: true,
		Duplicates: 100 * time.Millisecond,
	},
	{
		Name: "DLQ_main", Subjects: []string{"ledger.main.dlq.*"},
		Description: "commands of the intake that are invalid, until somebody deals with them",
		Storage:     jetstream.FileStorage, Retention: jetstream.LimitsPolicy, Discard: jetstream.DiscardNew,
		MaxBytes: 8 << 30, MaxMsgsPerSubject: 1, DiscardNewPerSubject: true, Replicas: 1,
	},
}

// firstDeadLetter is a dead letter as the first version wrote it.
const firstDeadLetter = `{"position":1,"caller":"portal","stored":"2026-03-02T12:00:00Z",` +
	`"reason":"missing_field","detail":"outcome: missing","headers":{"ce-id":["1"]},"payload":"e30="}`

// TestStreams_OfFirstVersion checks that the messages and dead letters of streams that the
// first version created stay readable after the streams are opened.
func TestStreams_OfFirstVersion(t *testing.T) {
	_, conn := startServer(t, t.TempDir())
	js, err := jetstream.New(conn.Conn)
	if err != nil {
		t.Fatal(err)
	}
	for _, config := range firstVersion {
		if _, err := js.CreateStream(t.Context(), config); err != nil {
			t.Fatal(err)
		}
	}
	for _, m := range []*nats.Msg{
		{Subject: "ledger.main.stored.portal", Data: []byte("{}")},
		{Subject: "ledger.main.dlq.1", Data: []byte(firstDeadLetter),
			Header: nats.Header{"Authledger-Caller": {"portal"}}},
		{Subject: "ledger.main.dlq.2",
			Data: []byte(`{"position":2,"caller":"portal","stored":"2026-03-02T12:00:01Z",` +
				`"reason":"denied","detail":""}`)},
	} {
		if _, err := js.PublishMsg(t.Context(), m); err != nil {
			t.Fatalf("publish to %s: %v", m.Subject, err)
		}
	}
	identities := filepath.Join(t.TempDir(), "intake.json")
	for range 2 { // the second time with known identities
		in, err := intake.Open(conn,
			intake.Options{Log: quietLog, IdentityFile: identities, Tokens: gatewayTokens(t, "portal")})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(in.Close)
		if err := in.CreateStreams(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got, err := in.Backlog(t.Context()); err != nil || got.Messages != 1 || got.DeadLetters != 2 {
			t.Errorf("backlog: got %+v, %v, want 1 message and 2 dead letters", got, err)
		}
		letters := in.DeadLetters(nil)
		page, err := letters.List(t.Context(), 0, 10)
		if err != nil || len(page.Items) != 2 || page.More {
			t.Errorf("list: got %+v, %v, want 2 dead letters", page, err)
		}
		got, err := letters.Show(t.Context(), 1)
		if err != nil {
			t.Fatal(err)
		}
		if text, err := json.Marshal(got); err != nil || string(text) != firstDeadLetter {
			t.Errorf("show: got %s, %v, want %s", text, err, firstDeadLetter)
		}
		if v, err := letters.Retry(t.Context(), "operator", 1); err != nil || v.Reason != "malformed" {
			t.Errorf("retry: got %+v, %v, want reason malformed", v, err)
		}
	}
	in, err := intake.Open(conn,
		intake.Options{Log: quietLog, IdentityFile: identities, Tokens: gatewayTokens(t, "portal")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(in.Close)
	if err := in.DeadLetters(nil).Drop(t.Context(), "operator", 2); err != nil {
		t.Errorf("drop: %v", err)
	}
	if err := in.Admit(t.Context()); err != nil {
		t.Fatal(err)
	}
	publish(t, conn, natsconn.IntakeSubject("main", "portal")) // beside the message of the first version
	if got, err := in.Backlog(t.Context()); err != nil || got.Messages != 2 || got.DeadLetters != 1 {
		t.Errorf("backlog at the end: got %+v, %v, want 2 messages and 1 dead letter", got, err)
	}
}

// gatewayTokens returns tokens of gateways with the names.
func gatewayTokens(t *testing.T, names ...string) *tokenstest.Table {
	t.Helper()
	file := tokenstest.New(time.Now)
	for _, name := range names {
		key, err := nkeys.CreateUser()
		if err != nil {
			t.Fatal(err)
		}
		public, err := key.PublicKey()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := file.Add(tokenstest.Spec{Name: name, Role: access.Gateway, NKey: public}); err != nil {
			t.Fatal(err)
		}
	}
	return file
}
