package main

import (
	"errors"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"authledger/access"
	"authledger/adapters/natsapi"
	"authledger/eventstore/natsd"
)

// elsewhere are subjects at which no answer to a caller may arrive: others', the
// node's, the server's.
var elsewhere = []string{
	"ledger.main.feed.login.failed", "_INBOX.importer.x", "ledger.main.intake.importer", "ledger.main.do.importer.login.report", "ledger.main.do.importer.batch",
	"ledger.main.ask.importer.policy", "ledger.main.log", "ledger.main.dlq.x", "$JS.API.STREAM.PURGE.INTAKE_main", "$JS.API.STREAM.DELETE.LEDGER_main",
	"$JS.API.CONSUMER.CREATE.DLQ_main", "$JS.ACK.INTAKE_main.x.1.1.1.1.1", "$SYS.REQ.SERVER.PING", "_R_.x", "$SRV.PING",
}

// By where it asks an answer to go, and by where it asks to be told of a message's
// way, nobody gets further than by publishing: nothing of it is told on the feed, comes
// into another's inbox, or becomes a request or a command of another's.
func TestNATSForgedWays(t *testing.T) {
	s := serveOverNATS(t)
	if err := s.messages.MakeStreams(t.Context()); err != nil {
		t.Fatal(err)
	}
	node, err1 := nats.Connect("", nats.InProcessServer(s.server), nats.UserInfo(natsd.NodeUser, ""))
	s.add(t, access.Spec{Name: "screen", Role: access.Dashboard})
	importer, screen := s.connect(t, "importer"), s.connect(t, "screen")
	inbox, err2 := importer.SubscribeSync(natsapi.InboxPrefix("importer") + ".>")
	feed, err3 := screen.SubscribeSync(natsapi.FeedSubject(realmDefault, ">"))
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
	for _, last := range []string{natsapi.FeedSubject(realmDefault, "last"), "ledger.last"} {
		if err := node.Publish(last, nil); err != nil {
			t.Fatal(err)
		}
	}
	passed := eachUntil(t, reached, "ledger.last", func(m *nats.Msg) {
		if strings.Contains(m.Subject, ".importer") || m.Subject == "ledger.main.log" || m.Subject == "ledger.main.dlq.x" {
			t.Errorf("the node is told %s: %.80s", m.Subject, m.Data)
		}
	})
	told := eachUntil(t, feed, "ledger.main.feed.last", func(m *nats.Msg) {
		if !strings.HasPrefix(string(m.Data), `{"specversion":"1.0","id":"`) {
			t.Errorf("the feed tells %s: %.80s", m.Subject, m.Data)
		}
	})
	if n, _, err := inbox.Pending(); err != nil || n > 0 {
		t.Errorf("%d messages in another's inbox, %v", n, err)
	}
	js, err := jetstream.New(node)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{natsapi.IntakeStream(realmDefault), natsapi.LetterStream(realmDefault)} {
		if _, err := js.Stream(t.Context(), name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	t.Logf("%d attempts: %d messages reached the node and %d the feed, none of them forged", attempts, passed, told)
}

// forge says all that c may say, with answers and traces to go elsewhere.
func (c *caller) forge(t *testing.T, role access.Role) (attempts int) {
	t.Helper()
	says, _ := natsapi.Permits(realmDefault, &access.Caller{Name: c.name, Role: role})
	for _, subject := range says {
		if strings.HasSuffix(subject, ">") {
			continue
		}
		for _, to := range elsewhere {
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
	// What was said before is through when this is answered.
	if _, err := c.Request("ledger.main.ask."+c.name+".policy", nil, natsPatience); err != nil {
		t.Fatal(err)
	}
	return attempts
}

// eachUntil looks at what is heard before last.
func eachUntil(t *testing.T, heard *nats.Subscription, last string, look func(*nats.Msg)) (n int) {
	t.Helper()
	for ; ; n++ {
		m, err := heard.NextMsg(natsPatience)
		if err != nil {
			t.Fatal(err)
		}
		if m.Subject == last {
			return n
		}
		look(m)
	}
}
