package natsapi_test

import (
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"authledger/adapters/natsconn"
	"authledger/eventstore/natsd"
)

// connectionsMax is the maximum number of connections with one key.
const connectionsMax = 256

// permitAll permits every key to publish and subscribe to all subjects.
func permitAll(string) (natsd.Permit, bool) {
	return natsd.Permit{Publish: []string{">"}, Subscribe: []string{">"}}, true
}

// TestReply_ReachesOnlyRequester checks that a reply reaches only the caller that sent the
// request, for every reply subject in the request: it reaches no subscriber of events, no inbox of
// another caller, and no subject of the node.
func TestReply_ReachesOnlyRequester(t *testing.T) {
	s := startWithStreams(t, permitAll)
	node := connectAs(t, s, natsd.NodeUser, "IN", "in.*")
	if _, err := node.Subscribe("svc.echo", func(m *nats.Msg) { _ = m.Respond(m.Data) }); err != nil {
		t.Fatal(err)
	}
	secret := make(chan *nats.Msg, 16)
	if _, err := node.ChanSubscribe("svc.secret", secret); err != nil {
		t.Fatal(err)
	}
	requester, err1 := newClient(t).connect(s)
	subscriber, err2 := newClient(t).connect(s)
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	defer requester.Close()
	defer subscriber.Close()
	received, err := subscriber.SubscribeSync(">")
	if err = errors.Join(err, subscriber.Flush(), node.Flush()); err != nil {
		t.Fatal(err)
	}
	for _, reply := range []string{"events.forged", "_INBOX.other.x", "in.other", "svc.secret", "svc.echo",
		"anything"} {
		for _, subject := range []string{"svc.echo", "in.me"} {
			forged := &nats.Msg{Subject: subject, Reply: reply, Data: []byte("forged")}
			if err := requester.PublishMsg(forged); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, last := range []string{"svc.echo", "in.me"} { // the server has processed all earlier messages then
		if _, err := requester.Request(last, nil, timeout); err != nil {
			t.Fatal(err)
		}
	}
	if err := node.Publish("events.true", nil); err != nil {
		t.Fatal(err)
	}
	if m, err := received.NextMsg(timeout); err != nil || m.Subject != "events.true" {
		t.Errorf("first message of the subscriber: got %+v, %v, want subject events.true", m, err)
	}
	if len(secret) > 0 {
		t.Errorf("svc.secret of the node: got the reply %+v, want no message", <-secret)
	}
	if at, err := streamState(t, s, natsd.NodeUser, "IN"); err != nil || at.Msgs != 7 {
		t.Errorf("intake: got %d messages, %v, want the 7 published ones", at.Msgs, err)
	}
}

// TestReply_OnlyFirst checks that a requester receives only the first reply to a request,
// also on the subjects of the NATS service protocol.
func TestReply_OnlyFirst(t *testing.T) {
	s := startServer(t, natsd.Config{Dir: t.TempDir(), Listen: &natsd.Listening{
		Address: "127.0.0.1:0", Admit: permitAll,
		Crossing: natsd.Crossing{Requests: natsconn.RequestSubjects("main")},
	}})
	node, err := nats.Connect("", nats.InProcessServer(s), nats.UserInfo(natsd.NodeUser, ""))
	if err != nil {
		t.Fatal(err)
	}
	defer node.Close()
	subjects := []string{"$SRV.PING", "$SRV.INFO.authledger", "$SRV.STATS",
		natsconn.CommandSubject("main", "me", "x"), natsconn.QuerySubject("main", "me", "x")}
	for _, subject := range subjects {
		if _, err := node.Subscribe(subject,
			func(m *nats.Msg) { _, _ = m.Respond([]byte("1")), m.Respond([]byte("2")) }); err != nil {
			t.Fatal(err)
		}
	}
	conn, err := newClient(t).connect(s)
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
		if m, err := answers.NextMsg(timeout); err != nil || string(m.Data) != "1" ||
			m.Subject != "answers."+subject {
			t.Errorf("reply to %s: got %+v, %v, want 1", subject, m, err)
		}
	}
}

func TestConnect_LimitOfOneKey(t *testing.T) {
	one, other := newClient(t), newClient(t)
	s := startWithStreams(t, permitAll)
	for i := range connectionsMax {
		conn, err := one.connect(s)
		if err != nil {
			t.Fatalf("connection %d: %v", i, err)
		}
		defer conn.Close()
	}
	if conn, err := one.connect(s); err == nil {
		conn.Close()
		t.Errorf("connection %d with one key: got no error, want one", connectionsMax+1)
	}
	conn, err := other.connect(s)
	if err != nil {
		t.Fatalf("connection with another key: %v", err)
	}
	conn.Close()
}

// TestPermit_ReconnectAfterChange checks that a new connection with a changed permit does
// not keep the server from closing the caller's older connection.
func TestPermit_ReconnectAfterChange(t *testing.T) {
	c := newClient(t)
	var hasChanged atomic.Bool
	s := startWithStreams(t, func(string) (natsd.Permit, bool) {
		if hasChanged.Load() {
			return natsd.Permit{Publish: []string{"svc.less"}}, true
		}
		return natsd.Permit{Publish: []string{"svc.>"}, Subscribe: []string{"events.>"}}, true
	})
	closed := make(chan struct{})
	before, err := c.connect(s, nats.NoReconnect(), nats.ClosedHandler(func(*nats.Conn) { close(closed) }))
	if err != nil {
		t.Fatal(err)
	}
	defer before.Close()
	hasChanged.Store(true)
	after, err := c.connect(s)
	if err != nil {
		t.Fatal(err)
	}
	defer after.Close()
	select {
	case <-closed:
	case <-time.After(timeout):
		t.Error("timed out: got an open connection with the old permit, want it closed")
	}
}
