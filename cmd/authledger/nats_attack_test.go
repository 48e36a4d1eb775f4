package main

import (
	"errors"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"authledger/adapters/intake"
	"authledger/adapters/natsapi"
	"authledger/adapters/natsconn"
	"authledger/adapters/tokens/tokenstest"
	"authledger/domain/access"
	"authledger/eventstore/natsd"
)

// foreignSubjects are subjects on which no message of a caller may arrive: those of other
// callers, of the node and of the server.
var foreignSubjects = []string{
	"ledger.main.events.login.failed", "_INBOX.importer.x", "ledger.main.intake.importer",
	"ledger.main.command.importer.login.report", "ledger.main.command.importer.batch",
	"ledger.main.query.importer.policy", "ledger.main.log", "ledger.main.dlq.x",
	"$JS.API.STREAM.PURGE.INTAKE_main", "$JS.API.STREAM.DELETE.LEDGER_main",
	"$JS.API.CONSUMER.CREATE.DLQ_main", "$JS.ACK.INTAKE_main.x.1.1.1.1.1", "$SYS.REQ.SERVER.PING", "_R_.x",
	"$SRV.PING",
}

// TestNATS_ForgedReplyAndTraceSubjects checks that a caller reaches no foreign subject with a
// reply subject or a trace header: no message arrives among the live events, in the inbox of
// another caller, or as a request or command of another caller.
func TestNATS_ForgedReplyAndTraceSubjects(t *testing.T) {
	s := serveOverNATS(t)
	if err := s.NATS.CreateStreams(t.Context()); err != nil {
		t.Fatal(err)
	}
	node, err1 := nats.Connect("", nats.InProcessServer(s.LogServer), nats.UserInfo(natsd.NodeUser, ""))
	s.add(t, tokenstest.Spec{Name: "screen", Role: access.Dashboard})
	importer, screen := s.connect(t, "importer"), s.connect(t, "screen")
	inbox, err2 := importer.SubscribeSync(natsconn.InboxPrefix("importer") + ".>")
	feed, err3 := screen.SubscribeSync(natsconn.EventSubject(realmDefault, "login.>"))
	if err := errors.Join(err1, err2, err3, importer.Flush(), screen.Flush()); err != nil {
		t.Fatal(err)
	}
	defer node.Close()
	reached, err := node.SubscribeSync("ledger.>")
	if err = errors.Join(err, node.Flush()); err != nil {
		t.Fatal(err)
	}
	attempts := 0
	for _, role := range access.Roles() {
		if role != access.Importer {
			attempts += s.connect(t, string(role)).forge(t, role)
		}
	}
	for _, last := range []string{natsconn.EventSubject(realmDefault, "login.last"), "ledger.last"} {
		if err := node.Publish(last, nil); err != nil {
			t.Fatal(err)
		}
	}
	passed := eachUntil(t, reached, "ledger.last", func(m *nats.Msg) {
		if strings.Contains(m.Subject, ".importer") || m.Subject == "ledger.main.log" ||
			m.Subject == "ledger.main.dlq.x" {
			t.Errorf("messages to the node: got a forged one on %s, want none: %.80s", m.Subject, m.Data)
		}
	})
	delivered := eachUntil(t, feed, "ledger.main.events.login.last", func(m *nats.Msg) {
		if !strings.HasPrefix(string(m.Data), `{"specversion":"1.0","id":"`) {
			t.Errorf("events of the dashboard: got a forged one on %s, want none: %.80s", m.Subject, m.Data)
		}
	})
	if n, _, err := inbox.Pending(); err != nil || n > 0 {
		t.Errorf("inbox of another caller: got %d messages, %v, want 0", n, err)
	}
	js, err := jetstream.New(node, jetstream.WithDefaultTimeout(natsTimeout))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{intake.StreamName(realmDefault), intake.DeadLetterStreamName(realmDefault)} {
		if _, err := js.Stream(t.Context(), name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	t.Logf("%d attempts: %d messages reached the node and %d the dashboard, none of them forged", attempts,
		passed, delivered)
}

// forge publishes to all subjects that the caller may publish to, with foreign subjects for
// replies and traces.
func (c *caller) forge(t *testing.T, role access.Role) (attempts int) {
	t.Helper()
	subjects, _ := natsapi.Permissions(realmDefault, &access.Caller{Name: c.name, Role: role})
	for _, subject := range subjects {
		if strings.HasSuffix(subject, ">") {
			continue
		}
		for _, to := range foreignSubjects {
			for _, m := range []*nats.Msg{
				{Subject: subject, Reply: to},
				{Subject: subject, Header: nats.Header{"Nats-Trace-Dest": {to}}},
				{Subject: subject, Header: nats.Header{"Nats-Trace-Dest": {to}, "Nats-Trace-Only": {"true"}}},
			} {
				attempts++
				if err := c.PublishMsg(m); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	// The server has processed all earlier messages when it answers this request.
	if _, err := c.Request("ledger.main.query."+c.name+".policy", nil, natsTimeout); err != nil {
		t.Fatal(err)
	}
	return attempts
}

// eachUntil calls handle with each message before the message on the subject last, and returns
// their number.
func eachUntil(t *testing.T, received *nats.Subscription, last string, handle func(*nats.Msg)) (n int) {
	t.Helper()
	for ; ; n++ {
		m, err := received.NextMsg(natsTimeout)
		if err != nil {
			t.Fatal(err)
		}
		if m.Subject == last {
			return n
		}
		handle(m)
	}
}
