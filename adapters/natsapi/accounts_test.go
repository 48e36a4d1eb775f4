package natsapi_test

import (
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"

	"authledger/eventstore/natsd"
)

// TestAccounts_CallerCannotReachStreams checks that a caller with all permissions reaches
// neither the log nor the node's streams: not by subject, not by the API of the server, and
// not as a reply subject.
func TestAccounts_CallerCannotReachStreams(t *testing.T) {
	s := startWithStreams(t, permitAll)
	node := connectAs(t, s, natsd.NodeUser, "IN", "in.*")
	_, err := node.Subscribe("svc.echo", func(m *nats.Msg) { _ = m.Respond(m.Data) })
	if err = errors.Join(err, node.Flush()); err != nil {
		t.Fatal(err)
	}
	conn, err := newClient(t).connect(s)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if m, err := conn.Request("svc.echo", []byte("here"), timeout); err != nil || string(m.Data) != "here" {
		t.Fatalf("request to the node's service: got %v, %v, want an echo", m, err)
	}
	if _, err := conn.Request("in.me", []byte("one"), timeout); err != nil {
		t.Fatalf("publish to the intake: %v", err)
	}
	bodies := []string{"", "{}", `{"seq":1}`, `{"name":"LOG","subjects":["log"]}`, `{"deliver_subject":"log"}`}
	attempts, toIntake := 0, 2
	try := func(subject, reply, body string) {
		attempts++
		if subject == "in.me" {
			toIntake++
		}
		if err := conn.PublishMsg(&nats.Msg{Subject: subject, Reply: reply, Data: []byte(body)}); err != nil {
			t.Fatal(err)
		}
	}
	for _, stream := range []string{"LOG", "IN"} {
		for _, verb := range []string{
			"STREAM.CREATE.", "STREAM.UPDATE.", "STREAM.DELETE.", "STREAM.PURGE.", "STREAM.MSG.DELETE.",
			"STREAM.MSG.GET.", "STREAM.SNAPSHOT.",
			"STREAM.RESTORE.", "STREAM.LEADER.STEPDOWN.", "STREAM.PEER.REMOVE.", "CONSUMER.CREATE.",
			"CONSUMER.DURABLE.CREATE.", "DIRECT.GET.",
		} {
			for _, body := range bodies {
				try("$JS.API."+verb+stream, "in.me", body)
				try("svc.echo", "$JS.API."+verb+stream, body)
				try("in.me", "$JS.API."+verb+stream, body)
			}
		}
	}
	for _, body := range bodies {
		try("log", "", body)
		try("svc.echo", "log", body)
		try("in.me", "log", body)
	}
	if err := conn.Flush(); err != nil {
		t.Fatal(err)
	}
	// The server has processed all attempts when it answers a later request.
	for _, last := range []string{"svc.echo", "in.me"} {
		if _, err := conn.Request(last, []byte("last"), timeout); err != nil {
			t.Fatal(err)
		}
	}
	if at, err := streamState(t, s, "", "LOG"); err != nil || at.LastSeq != 0 || at.Consumers != 0 {
		t.Errorf("log: got %+v, %v, want no message and no consumer", at, err)
	}
	// nats-server 2.15.3 drops messages with a forged reply subject, older versions stored them.
	at, err := streamState(t, s, natsd.NodeUser, "IN")
	if err != nil || at.FirstSeq != 1 || at.Msgs < 2 || at.Msgs > uint64(toIntake) || at.LastSeq != at.Msgs ||
		at.Consumers != 0 {
		t.Errorf("intake: got %+v, %v, want 2 to %d messages and no consumer", at, err, toIntake)
	}
	t.Logf("%d attempts with all permissions: the log has 0 messages, the intake %d", attempts, at.Msgs)
}

func TestConnect_OnlyKnownKeys(t *testing.T) {
	known, unknown := newClient(t), newClient(t)
	s := startWithStreams(t,
		func(key string) (natsd.Permit, bool) { return natsd.Permit{}, key == known.public })
	conn, err := known.connect(s)
	if err != nil {
		t.Fatalf("connect with a known key: %v", err)
	}
	conn.Close()
	noSignature := client{known.public,
		nats.Nkey(known.public, func([]byte) ([]byte, error) { return make([]byte, 64), nil })}
	other, err := nkeys.CreateUser()
	if err != nil {
		t.Fatal(err)
	}
	wrongSignature := client{known.public, nats.Nkey(known.public, other.Sign)}
	for name, c := range map[string]client{
		"unknown key": unknown, "empty signature": noSignature, "signature of another key": wrongSignature,
		"no credentials":                     {"", nats.Name("")},
		"name of the node's user":            {"", nats.UserInfo(natsd.NodeUser, "")},
		"name of the node's user with a key": {"", nats.UserInfo(natsd.NodeUser, known.public)},
		"public key as a token":              {"", nats.Token(known.public)},
	} {
		conn, err := c.connect(s)
		if err == nil {
			conn.Close()
		}
		if !errors.Is(err, nats.ErrAuthorization) {
			t.Errorf("connect with %s: got error %v, want %v", name, err, nats.ErrAuthorization)
		}
	}
}

// TestPermit_EmptyListsPermitNothing checks that a permit without subjects permits neither
// to publish nor to subscribe.
func TestPermit_EmptyListsPermitNothing(t *testing.T) {
	s := startWithStreams(t, func(string) (natsd.Permit, bool) { return natsd.Permit{}, true })
	refused := make(chan error, 8)
	conn, err := newClient(t).connect(s,
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { refused <- err }))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.Publish("svc.echo", nil); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.SubscribeSync("events.>"); err != nil {
		t.Fatal(err)
	}
	for _, request := range []string{"publish", "subscribe"} {
		select {
		case err := <-refused:
			if !errors.Is(err, nats.ErrPermissionViolation) {
				t.Errorf("%s: got error %v, want %v", request, err, nats.ErrPermissionViolation)
			}
		case <-time.After(timeout):
			t.Fatalf("%s: timed out, want error %v", request, nats.ErrPermissionViolation)
		}
	}
}

// TestPermit_ChangeClosesConnections checks that the server closes the connections of
// callers whose permit was revoked or changed, and no other connection.
func TestPermit_ChangeClosesConnections(t *testing.T) {
	revoked, changed, unchanged := newClient(t), newClient(t), newClient(t)
	var hasChanged atomic.Bool
	s := startWithStreams(t, func(key string) (natsd.Permit, bool) {
		if key == changed.public && hasChanged.Load() {
			return natsd.Permit{Publish: []string{"svc.less"}}, true
		}
		return natsd.Permit{Publish: []string{"svc.>"}}, key != revoked.public || !hasChanged.Load()
	})
	closed := make(chan string, 8)
	connect := func(name string, c client) *nats.Conn {
		conn, err := c.connect(s, nats.NoReconnect(), nats.ClosedHandler(func(*nats.Conn) { closed <- name }))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(conn.Close)
		return conn
	}
	connect("revoked", revoked)
	connect("changed", changed)
	open := connect("unchanged", unchanged)
	hasChanged.Store(true)
	got := map[string]bool{}
	for range 2 {
		select {
		case name := <-closed:
			got[name] = true
		case <-time.After(timeout):
			t.Fatalf("closed connections: got %v, want revoked and changed", got)
		}
	}
	if !got["revoked"] || !got["changed"] || !open.IsConnected() {
		t.Errorf("closed connections: got %v, want revoked and changed", got)
	}
	if conn, err := revoked.connect(s); err == nil {
		conn.Close()
		t.Error("connect with the revoked key: got no error, want one")
	}
}

// TestAccounts_KeepStreamsAfterRestart checks that the streams of the log and of the node
// keep their messages when the server restarts.
func TestAccounts_KeepStreamsAfterRestart(t *testing.T) {
	dir := t.TempDir()
	for i := range 3 {
		s := startServer(t, natsd.Config{Dir: dir, NodeAccount: true})
		log, in := connectAs(t, s, "", "LOG", "log"), connectAs(t, s, natsd.NodeUser, "IN", "in.*")
		for _, publish := range []struct {
			conn    *nats.Conn
			subject string
		}{{log, "log"}, {in, "in.me"}, {in, "in.me"}} {
			if _, err := publish.conn.Request(publish.subject, []byte("x"), timeout); err != nil {
				t.Fatal(err)
			}
		}
		a, err1 := streamState(t, s, "", "LOG")
		b, err2 := streamState(t, s, natsd.NodeUser, "IN")
		if err := errors.Join(err1, err2); err != nil || a.Msgs != uint64(i+1) || b.Msgs != uint64(2*i+2) {
			t.Fatalf("start %d: got %d and %d messages, %v, want %d and %d", i, a.Msgs, b.Msgs, err, i+1, 2*i+2)
		}
		s.Close()
	}
}
