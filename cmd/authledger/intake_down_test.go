package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"authledger/adapters/natsapi"
	"authledger/eventstore/natsd"
)

// What is left while the ledger is down, ten minutes by its clock, gets the verdicts
// that it would have got, byte for byte: no clock skew, no lapse before its finish, no
// deadline before what was left in time, although the node's timers run before NATS
// is back with what was left.
func TestIntakeWhileDown(t *testing.T) {
	now := time.Now()
	play := func(down bool) []string {
		s := serveOverNATS(t)
		server := s.natsOwn(t)
		o := nodeOptions{log: quietLog, nats: server.options()}
		s.restart(t, o)
		c := s.connectAt(t, "gateway", server.address)
		begin := func(user string, at time.Duration) {
			c.leave(t, leave("gateway", "b-"+user, "login.begin", now.Add(at), `{"user":"`+user+`","attempt":"a-`+user+`","platform":"client_portal"}`))
		}
		finish := func(user, outcome string, at time.Duration) {
			c.leave(t, leave("gateway", "f-"+user, "login.finish", now.Add(at), `{"user":"`+user+`","attempt":"a-`+user+`",`+outcome+`}`))
		}
		const failed, succeeded = `"outcome":"failed","reason":"bad_credentials"`, `"outcome":"succeeded"`
		begin("dave", -4*time.Minute)
		begin("erin", -4*time.Minute)
		begin("alice", 0)
		begin("bob", time.Millisecond)
		s.until(t, 4)
		if down {
			s.stop(t)
		}
		finish("alice", succeeded, 2*time.Millisecond)
		finish("bob", failed, 3*time.Millisecond)
		for i := range 10 {
			c.leave(t, leave("gateway", fmt.Sprint("r-", i), "login.report", now.Add(time.Duration(i+4)*time.Millisecond), `{"user":"carol","outcome":"failed","reason":"bad_credentials"}`))
		}
		begin("carol", 20*time.Millisecond)
		finish("dave", succeeded, 4*time.Minute) // it has lapsed by then
		if down {
			server.stop()
			clock := newLaterClock(10 * time.Minute)
			o.now = clock.now
			s.restart(t, o)
			clock.await(t)
			server.start(t)
		}
		s.until(t, 18)
		if down { // then what nobody has finished lapses
			s.until(t, 19)
			if last := s.verdicts(t, 19)[18]; !strings.Contains(last, "login.abandoned") {
				t.Error(last)
			}
		}
		return s.verdicts(t, 18)
	}
	up, down := play(false), play(true)
	if !slices.Equal(up, down) {
		t.Errorf("up:\n%s\ndown:\n%s", strings.Join(up, "\n"), strings.Join(down, "\n"))
	}
	for at, want := range map[int]string{4: `"accepted"`, 5: "login.failed", 15: "lockout.started", 16: `"refused"`, 17: "login.abandoned"} {
		if !strings.Contains(up[at], want) {
			t.Errorf("want %s: %s", want, up[at])
		}
	}
}

// While the server of the intake is there and nothing comes from it, no deadline falls
// due: of a connection that is merely silent nobody knows what lies at its other end.
func TestDeadlinesWaitForSilence(t *testing.T) {
	s := serveOverNATS(t)
	server := s.natsOwn(t)
	proxy := newSilentProxy(t, server.address)
	clock := newLaterClock(0)
	o := nodeOptions{log: quietLog, now: clock.now, nats: server.options()}
	o.nats.url = "nats://" + proxy.Addr().String()
	c := s.connectAt(t, "gateway", server.address)
	s.restart(t, o)
	now := time.Now()
	c.leave(t, leave("gateway", "b", "login.begin", now, `{"user":"alice","attempt":"a","platform":"client_portal"}`))
	for tick := time.Tick(10 * time.Millisecond); !s.messages.Horizon(time.Now()).After(now.Add(time.Second)); <-tick {
		if err := t.Context().Err(); err != nil {
			t.Fatal(err)
		}
	}
	proxy.passes.Lock()
	c.leave(t, leave("gateway", "f", "login.finish", time.Now(), `{"user":"alice","attempt":"a","outcome":"succeeded"}`))
	silent := time.Now()
	clock.away.Store(&silent)
	clock.await(t)
	proxy.passes.Unlock()
	s.until(t, 2)
	if got := s.verdicts(t, 2)[1]; !strings.Contains(got, `"id":"f"`) || !strings.Contains(got, `"accepted"`) {
		t.Error(got)
	}
}

// A command that opens the ledger while its node is down (dlq ls, or any where NATS is
// set up) leaves the deadlines alone: nobody looks at the intake meanwhile.
func TestDeadlinesWaitForANode(t *testing.T) {
	s := serveOverNATS(t)
	c := s.connect(t, "gateway")
	c.leave(t, leave("gateway", "b", "login.begin", time.Now(), `{"user":"alice","attempt":"a","platform":"client_portal"}`))
	s.until(t, 1)
	s.stop(t)
	for says, with := range map[string]func(*nodeOptions){
		"letters":         func(o *nodeOptions) { o.nats = &natsOptions{tokens: s.tokens} },
		"anything":        func(o *nodeOptions) { o.intake = true },
		"without intakes": func(*nodeOptions) {},
	} {
		clock := newLaterClock(time.Hour)
		o := nodeOptions{dir: t.TempDir(), realm: realmDefault, name: nodeDefault, log: quietLog, now: clock.now}
		if err := os.CopyFS(o.dir, os.DirFS(s.dir)); err != nil {
			t.Fatal(err)
		}
		with(&o)
		n, err := openNode(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		clock.await(t)
		if lapsed := n.rows.Position().Seq > 1; lapsed != (says == "without intakes") {
			t.Errorf("%s: lapsed %t", says, lapsed)
		}
		if err := n.close(); err != nil {
			t.Error(err)
		}
	}
}

// An intake that is lost is made anew under a node that runs, and its positions begin
// anew: nothing of it is taken for what had the position before. Where that has a letter
// all waits until somebody has dealt with it.
func TestIntakeBeginsAnew(t *testing.T) {
	s := serveOverNATS(t)
	c := s.connect(t, "gateway")
	rubbish := func(text string) *nats.Msg {
		return &nats.Msg{Subject: natsapi.IntakeSubject(realmDefault, "gateway"), Data: []byte(text)}
	}
	good := func(id string) *nats.Msg {
		return leave("gateway", id, "login.report", time.Now(), `{"user":"alice","outcome":"succeeded"}`)
	}
	c.leave(t, good("e-1"))
	c.leave(t, rubbish("first"))
	c.leave(t, good("e-2"))
	s.until(t, 2)
	letters := s.messages.Letters(s.ledger)
	written := func() {
		t.Helper()
		for begun := time.Now(); s.letterCount(t, letters) == 0; {
			if time.Since(begun) > natsPatience {
				t.Fatal("the letter is never written")
			}
		}
	}
	written()
	conn, err := nats.Connect("", nats.InProcessServer(s.server), nats.UserInfo(natsd.NodeUser, ""))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	js, err := jetstream.New(conn)
	if err == nil {
		err = js.DeleteStream(t.Context(), natsapi.IntakeStream(realmDefault))
	}
	if err != nil {
		t.Fatal(err)
	}
	for begun := time.Now(); ; { // until it is there again
		if _, err := js.PublishMsg(t.Context(), good("e-3")); err == nil {
			break
		} else if time.Since(begun) > natsPatience {
			t.Fatal(err)
		}
	}
	c.leave(t, rubbish("second"))
	c.leave(t, good("e-4"))
	s.until(t, 4)
	if first, err := letters.Show(t.Context(), 2); err != nil || string(first.Payload) != "first" {
		t.Fatalf("%+v, %v", first, err)
	}
	if err := letters.Drop(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	written()
	if second, err := letters.Show(t.Context(), 2); err != nil || string(second.Payload) != "second" {
		t.Fatalf("%+v, %v", second, err)
	}
}
