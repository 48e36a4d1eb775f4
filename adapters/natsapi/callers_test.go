package natsapi_test

import (
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"authledger/adapters/natsapi"
	"authledger/eventstore/natsd"
)

// connectionsOfOne is how many connections one key may have.
const connectionsOfOne = 256

// everything lets whoever has a key say and hear all that there is.
func everything(string) (natsd.Permit, bool) {
	return natsd.Permit{Publish: []string{">"}, Subscribe: []string{">"}}, true
}

// An answer goes to nobody but who asked, whatever subject it was asked for: neither
// to who listens to the feed, nor into another's inbox, nor in another's name to the
// node.
func TestAnswersGoToWhoAsked(t *testing.T) {
	s := open(t, everything)
	node := within(t, s, natsd.NodeUser, "IN", "in.*")
	if _, err := node.Subscribe("svc.echo", func(m *nats.Msg) { _ = m.Respond(m.Data) }); err != nil {
		t.Fatal(err)
	}
	said := make(chan *nats.Msg, 16)
	if _, err := node.ChanSubscribe("svc.secret", said); err != nil {
		t.Fatal(err)
	}
	asks, err1 := newHolder(t).connect(s)
	listens, err2 := newHolder(t).connect(s)
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	defer asks.Close()
	defer listens.Close()
	heard, err := listens.SubscribeSync(">")
	if err = errors.Join(err, listens.Flush(), node.Flush()); err != nil {
		t.Fatal(err)
	}
	for _, reply := range []string{"feed.forged", "_INBOX.other.x", "in.other", "svc.secret", "svc.echo", "anything"} {
		for _, subject := range []string{"svc.echo", "in.me"} {
			if err := asks.PublishMsg(&nats.Msg{Subject: subject, Reply: reply, Data: []byte("forged")}); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, last := range []string{"svc.echo", "in.me"} { // all before is through
		if _, err := asks.Request(last, nil, patience); err != nil {
			t.Fatal(err)
		}
	}
	if err := node.Publish("feed.true", nil); err != nil {
		t.Fatal(err)
	}
	if m, err := heard.NextMsg(patience); err != nil || m.Subject != "feed.true" {
		t.Errorf("who only listens heard %+v, %v", m, err)
	}
	if len(said) > 0 {
		t.Errorf("an answer has become a request: %+v", <-said)
	}
	if at, err := state(t, s, natsd.NodeUser, "IN"); err != nil || at.Msgs != 7 {
		t.Errorf("the intake holds %d messages, want the 7 that were left: %v", at.Msgs, err)
	}
}

// A request has one answer, after which the server forgets it: also that to a
// service's own subjects, where nobody counts requests.
func TestOneAnswerToEach(t *testing.T) {
	s := start(t, natsd.Config{Dir: t.TempDir(), Listen: &natsd.Listening{
		Address: "127.0.0.1:0", Admit: everything, Crossing: natsd.Crossing{Asked: natsapi.Asked("main")},
	}})
	node, err := nats.Connect("", nats.InProcessServer(s), nats.UserInfo(natsd.NodeUser, ""))
	if err != nil {
		t.Fatal(err)
	}
	defer node.Close()
	subjects := []string{"$SRV.PING", "$SRV.INFO.authledger", "$SRV.STATS", "ledger.main.do.me.x", "ledger.main.ask.me.x"}
	for _, subject := range subjects {
		if _, err := node.Subscribe(subject, func(m *nats.Msg) { _, _ = m.Respond([]byte("1")), m.Respond([]byte("2")) }); err != nil {
			t.Fatal(err)
		}
	}
	conn, err := newHolder(t).connect(s)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	answers, err := conn.SubscribeSync("answers.>")
	if err = errors.Join(err, node.Flush()); err != nil {
		t.Fatal(err)
	}
	for _, subject := range subjects {
		if err := conn.PublishRequest(subject, "answers."+subject, nil); err != nil {
			t.Fatal(err)
		}
		if m, err := answers.NextMsg(patience); err != nil || string(m.Data) != "1" || m.Subject != "answers."+subject {
			t.Errorf("%s: %+v, %v", subject, m, err)
		}
	}
}

// One caller can't take the places of all.
func TestConnectionsOfOne(t *testing.T) {
	one, other := newHolder(t), newHolder(t)
	s := open(t, everything)
	for i := range connectionsOfOne {
		conn, err := one.connect(s)
		if err != nil {
			t.Fatalf("connection %d: %v", i, err)
		}
		defer conn.Close()
	}
	if conn, err := one.connect(s); err == nil {
		conn.Close()
		t.Errorf("%d connections with one key", connectionsOfOne+1)
	}
	conn, err := other.connect(s)
	if err != nil {
		t.Fatalf("another is kept out: %v", err)
	}
	conn.Close()
}

// Who comes in again after its permit has changed doesn't hide that it was in before.
func TestChangedWhoComesAgain(t *testing.T) {
	h := newHolder(t)
	var later atomic.Bool
	s := open(t, func(string) (natsd.Permit, bool) {
		if later.Load() {
			return natsd.Permit{Publish: []string{"svc.less"}}, true
		}
		return natsd.Permit{Publish: []string{"svc.>"}, Subscribe: []string{"feed.>"}}, true
	})
	ended := make(chan struct{})
	before, err := h.connect(s, nats.NoReconnect(), nats.ClosedHandler(func(*nats.Conn) { close(ended) }))
	if err != nil {
		t.Fatal(err)
	}
	defer before.Close()
	later.Store(true)
	after, err := h.connect(s)
	if err != nil {
		t.Fatal(err)
	}
	defer after.Close()
	select {
	case <-ended:
	case <-time.After(patience):
		t.Error("who came in before the change stays with what it had")
	}
}
