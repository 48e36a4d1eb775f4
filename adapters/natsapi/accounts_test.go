package natsapi_test

import (
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nkeys"

	"authledger/eventstore/natsd"
)

func start(t *testing.T, cfg natsd.Config) *natsd.Server {
	t.Helper()
	cfg.Log = slog.New(slog.DiscardHandler)
	s, err := natsd.Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	if err := s.Listen(); err != nil {
		t.Fatal(err)
	}
	return s
}

const patience = 10 * time.Second

type holder struct {
	public string
	sign   nats.Option
}

func newHolder(t *testing.T) holder {
	t.Helper()
	key, err := nkeys.CreateUser()
	if err != nil {
		t.Fatal(err)
	}
	public, err := key.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	return holder{public, nats.Nkey(public, key.Sign)}
}

func (h holder) connect(s *natsd.Server, more ...nats.Option) (*nats.Conn, error) {
	return nats.Connect("nats://"+s.Addr().String(), append(more, h.sign, nats.Timeout(patience))...)
}

// open is a server with a log and a node's own stream, and somebody outside who may
// say and hear everything.
func open(t *testing.T, permit func(key string) (natsd.Permit, bool)) *natsd.Server {
	t.Helper()
	s := start(t, natsd.Config{Dir: t.TempDir(), Listen: &natsd.Listening{
		Address: "127.0.0.1:0", Admit: permit,
		Crossing: natsd.Crossing{Asked: []string{"svc.>", "in.*"}, Heard: []string{"feed.>"}},
	}})
	within(t, s, "", "LOG", "log")
	within(t, s, natsd.NodeUser, "IN", "in.*")
	return s
}

// within makes a stream in an account of the process, with a message in it.
func within(t *testing.T, s *natsd.Server, user, name, subject string) *nats.Conn {
	t.Helper()
	conn, err := nats.Connect("", nats.InProcessServer(s), nats.UserInfo(user, ""))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	js, err := jetstream.New(conn)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := js.CreateOrUpdateStream(t.Context(), jetstream.StreamConfig{Name: name, Subjects: []string{subject}}); err != nil {
		t.Fatal(err)
	}
	return conn
}

// state is what a stream of the process holds.
func state(t *testing.T, s *natsd.Server, user, name string) (jetstream.StreamState, error) {
	t.Helper()
	conn, err := nats.Connect("", nats.InProcessServer(s), nats.UserInfo(user, ""))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	js, err := jetstream.New(conn)
	if err != nil {
		t.Fatal(err)
	}
	stream, err := js.Stream(t.Context(), name)
	if err != nil {
		return jetstream.StreamState{}, err
	}
	info, err := stream.Info(t.Context())
	if err != nil {
		return jetstream.StreamState{}, err
	}
	return info.State, nil
}

// Whoever comes from outside reaches neither the log nor the node's streams, even
// with leave to say anything: by name, by the server's interface, or by having an
// answer sent there.
func TestCallersHaveNoWayIn(t *testing.T) {
	anybody := newHolder(t)
	s := open(t, func(string) (natsd.Permit, bool) {
		return natsd.Permit{Publish: []string{">"}, Subscribe: []string{">"}}, true
	})
	node := within(t, s, natsd.NodeUser, "IN", "in.*")
	if _, err := node.Subscribe("svc.echo", func(m *nats.Msg) { _ = m.Respond(m.Data) }); err != nil {
		t.Fatal(err)
	}
	conn, err := anybody.connect(s)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if m, err := conn.Request("svc.echo", []byte("here"), patience); err != nil || string(m.Data) != "here" {
		t.Fatalf("the node's service is not reached: %v", err)
	}
	if _, err := conn.Request("in.me", []byte("one"), patience); err != nil {
		t.Fatalf("the intake is not reached: %v", err)
	}
	bodies := []string{"", "{}", `{"seq":1}`, `{"name":"LOG","subjects":["log"]}`, `{"deliver_subject":"log"}`}
	attempts, left := 0, 2
	try := func(subject, reply, body string) {
		attempts++
		if subject == "in.me" {
			left++
		}
		if err := conn.PublishMsg(&nats.Msg{Subject: subject, Reply: reply, Data: []byte(body)}); err != nil {
			t.Fatal(err)
		}
	}
	for _, stream := range []string{"LOG", "IN"} {
		for _, verb := range []string{
			"STREAM.CREATE.", "STREAM.UPDATE.", "STREAM.DELETE.", "STREAM.PURGE.", "STREAM.MSG.DELETE.", "STREAM.MSG.GET.", "STREAM.SNAPSHOT.",
			"STREAM.RESTORE.", "STREAM.LEADER.STEPDOWN.", "STREAM.PEER.REMOVE.", "CONSUMER.CREATE.", "CONSUMER.DURABLE.CREATE.", "DIRECT.GET.",
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
	// What was asked before is through when this is answered.
	for _, last := range []string{"svc.echo", "in.me"} {
		if _, err := conn.Request(last, []byte("last"), patience); err != nil {
			t.Fatal(err)
		}
	}
	if at, err := state(t, s, "", "LOG"); err != nil || at.LastSeq != 0 || at.Consumers != 0 {
		t.Errorf("the log: %+v, %v", at, err)
	}
	at, err := state(t, s, natsd.NodeUser, "IN")
	if err != nil || at.FirstSeq != 1 || at.Msgs != uint64(left) || at.LastSeq != at.Msgs || at.Consumers != 0 {
		t.Errorf("the intake: %+v, %v", at, err)
	}
	t.Logf("%d attempts with leave to say anything: the log has 0 messages, the intake all %d of its own", attempts, at.Msgs)
}

func TestWhoIsLetIn(t *testing.T) {
	known, stranger := newHolder(t), newHolder(t)
	s := open(t, func(key string) (natsd.Permit, bool) { return natsd.Permit{}, key == known.public })
	conn, err := known.connect(s)
	if err != nil {
		t.Fatalf("the holder of a known key: %v", err)
	}
	conn.Close()
	liar := holder{known.public, nats.Nkey(known.public, func([]byte) ([]byte, error) { return make([]byte, 64), nil })}
	other, err := nkeys.CreateUser()
	if err != nil {
		t.Fatal(err)
	}
	forger := holder{known.public, nats.Nkey(known.public, other.Sign)}
	for says, h := range map[string]holder{
		"a stranger": stranger, "one who signs nothing": liar, "one who signs with another key": forger,
		"one without a key":                 {"", nats.Name("")},
		"one who names the node":            {"", nats.UserInfo(natsd.NodeUser, "")},
		"one who names the node with a key": {"", nats.UserInfo(natsd.NodeUser, known.public)},
		"one with a token":                  {"", nats.Token(known.public)},
	} {
		if conn, err := h.connect(s); err == nil {
			conn.Close()
			t.Errorf("%s is let in", says)
		} else if !errors.Is(err, nats.ErrAuthorization) {
			t.Errorf("%s: %v", says, err)
		}
	}
}

// Who may nothing can say and hear nothing: no list is not all.
func TestEmptyPermitIsNone(t *testing.T) {
	h := newHolder(t)
	s := open(t, func(string) (natsd.Permit, bool) { return natsd.Permit{}, true })
	wrong := make(chan error, 8)
	conn, err := h.connect(s, nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { wrong <- err }))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.Publish("svc.echo", nil); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.SubscribeSync("feed.>"); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		select {
		case err := <-wrong:
			if !errors.Is(err, nats.ErrPermissionViolation) {
				t.Errorf("%v", err)
			}
		case <-time.After(patience):
			t.Fatal("nothing was refused")
		}
	}
}

// Whose permit changes or ends is cut off, and no one else.
func TestRevoked(t *testing.T) {
	gone, changed, stays := newHolder(t), newHolder(t), newHolder(t)
	var later atomic.Bool
	s := open(t, func(key string) (natsd.Permit, bool) {
		if key == changed.public && later.Load() {
			return natsd.Permit{Publish: []string{"svc.less"}}, true
		}
		return natsd.Permit{Publish: []string{"svc.>"}}, key != gone.public || !later.Load()
	})
	ended := make(chan string, 8)
	join := func(says string, h holder) *nats.Conn {
		conn, err := h.connect(s, nats.NoReconnect(), nats.ClosedHandler(func(*nats.Conn) { ended <- says }))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(conn.Close)
		return conn
	}
	join("gone", gone)
	join("changed", changed)
	still := join("stays", stays)
	later.Store(true)
	seen := map[string]bool{}
	for range 2 {
		select {
		case says := <-ended:
			seen[says] = true
		case <-time.After(patience):
			t.Fatalf("only %v were cut off", seen)
		}
	}
	if !seen["gone"] || !seen["changed"] || !still.IsConnected() {
		t.Errorf("cut off: %v", fmt.Sprint(seen))
	}
	if conn, err := gone.connect(s); err == nil {
		conn.Close()
		t.Error("who was revoked comes in again")
	}
}

// What the node's account keeps is there after a restart, and so is the log.
func TestAccountsOverRestart(t *testing.T) {
	dir := t.TempDir()
	for i := range 3 {
		s := start(t, natsd.Config{Dir: dir, Edge: true})
		log, in := within(t, s, "", "LOG", "log"), within(t, s, natsd.NodeUser, "IN", "in.*")
		for _, say := range []struct {
			conn    *nats.Conn
			subject string
		}{{log, "log"}, {in, "in.me"}, {in, "in.me"}} {
			if _, err := say.conn.Request(say.subject, []byte("x"), patience); err != nil {
				t.Fatal(err)
			}
		}
		a, err1 := state(t, s, "", "LOG")
		b, err2 := state(t, s, natsd.NodeUser, "IN")
		if err := errors.Join(err1, err2); err != nil || a.Msgs != uint64(i+1) || b.Msgs != uint64(2*i+2) {
			t.Fatalf("start %d: %d and %d messages, %v", i, a.Msgs, b.Msgs, err)
		}
		s.Close()
	}
}
