package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"authledger/cmd/internal/node"
	"authledger/cmd/internal/nodetest"
)

var instants = regexp.MustCompile(`\d{4}-\d\d-\d\dT[0-9:.]+Z`)

// TestIntake_LedgerDown checks that messages that the intake stores while the ledger is down for
// ten minutes get the same verdicts as without the interruption, byte for byte: no clock skew,
// no lapsed attempt before its finish, and no deadline before an earlier command. The timers of
// the node run before NATS is connected again.
func TestIntake_LedgerDown(t *testing.T) {
	t.Parallel()
	now := time.Now()
	run := func(down bool) []string {
		s := serveOverNATS(t)
		server := s.natsOwn(t)
		o := node.Options{Log: quietLog, NATS: server.options()}
		s.restart(t, o)
		c := s.connectAt(t, "gateway", server.address)
		begin := func(user string, at time.Duration) {
			c.mustPublish(t,
				intakeMessage("gateway", "b-"+user, "login.begin", now.Add(at),
					`{"user":"`+user+`","attempt":"a-`+user+`","platform":"client_portal"}`))
		}
		finish := func(user, outcome string, at time.Duration) {
			c.mustPublish(t,
				intakeMessage("gateway", "f-"+user, "login.finish", now.Add(at),
					`{"user":"`+user+`","attempt":"a-`+user+`",`+outcome+`}`))
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
			c.mustPublish(t,
				intakeMessage("gateway", fmt.Sprint("r-", i), "login.report",
					now.Add(time.Duration(i+4)*time.Millisecond),
					`{"user":"carol","outcome":"failed","reason":"bad_credentials"}`))
		}
		begin("carol", 20*time.Millisecond)
		finish("dave", succeeded, 4*time.Minute) // the sender's time does not make it lapse
		if down {
			server.stop()
			clock := newLaterClock(10 * time.Minute)
			o.Now = clock.now
			s.restart(t, o)
			clock.await(t)
			server.start(t)
		}
		s.until(t, 18)
		if down { // then the attempt without a finish lapses
			s.until(t, 19)
			if last := s.verdicts(t, 19)[18]; !strings.Contains(last, "login.abandoned") {
				t.Errorf("record 19: got %s, want login.abandoned", last)
			}
		}
		verdicts := s.verdicts(t, 18)
		for i := range verdicts { // logins are decided when the intake stored them, each run at its own time
			verdicts[i] = instants.ReplaceAllString(verdicts[i], "TIME")
		}
		return verdicts
	}
	up, down := run(false), run(true)
	if !slices.Equal(up, down) {
		t.Errorf("verdicts with the interruption: got\n%s\nwant\n%s", strings.Join(down, "\n"),
			strings.Join(up, "\n"))
	}
	for at, want := range map[int]string{4: `"accepted"`, 5: "login.failed", 15: "lockout.started",
		16: `"refused"`, 17: "login.succeeded"} {
		if !strings.Contains(up[at], want) {
			t.Errorf("verdict %d: got %s, want %s", at, up[at], want)
		}
	}
}

// TestDeadlines_SilentConnection checks that no deadline falls due while the connection to the
// NATS server is open and delivers nothing, because earlier commands may be stored there.
func TestDeadlines_SilentConnection(t *testing.T) {
	t.Parallel()
	s := serveOverNATS(t)
	server := s.natsOwn(t)
	proxy := newSilentProxy(t, server.address)
	clock := newLaterClock(0)
	o := node.Options{Log: quietLog, Now: clock.now, NATS: server.options()}
	o.NATS.URL = "nats://" + proxy.Addr().String()
	c := s.connectAt(t, "gateway", server.address)
	s.restart(t, o)
	now := time.Now()
	c.mustPublish(t,
		intakeMessage("gateway", "b", "login.begin", now,
			`{"user":"alice","attempt":"a","platform":"client_portal"}`))
	isPast := func() bool { return s.NATS.Watermark(time.Now()).After(now.Add(time.Second)) }
	for tick := time.Tick(10 * time.Millisecond); !isPast(); <-tick {
		if err := t.Context().Err(); err != nil {
			t.Fatal(err)
		}
	}
	proxy.passes.Lock()
	c.mustPublish(t,
		intakeMessage("gateway", "f", "login.finish", time.Now(),
			`{"user":"alice","attempt":"a","outcome":"succeeded"}`))
	silent := time.Now()
	clock.away.Store(&silent)
	clock.await(t)
	proxy.passes.Unlock()
	s.until(t, 2)
	if got := s.verdicts(t, 2)[1]; !strings.Contains(got, `"id":"f"`) || !strings.Contains(got, `"accepted"`) {
		t.Errorf("verdict of f: got %s, want accepted", got)
	}
}

// TestDeadlines_CommandWithoutIntake checks that a command that opens the ledger itself records
// no deadlines if NATS is configured, because it does not read the intake.
func TestDeadlines_CommandWithoutIntake(t *testing.T) {
	t.Parallel()
	s := serveOverNATS(t)
	c := s.connect(t, "gateway")
	c.mustPublish(t,
		intakeMessage("gateway", "b", "login.begin", time.Now(),
			`{"user":"alice","attempt":"a","platform":"client_portal"}`))
	s.until(t, 1)
	s.stop(t)
	for name, with := range map[string]func(*node.Options){
		"dead letters":      func(o *node.Options) { o.NATS = new(node.NATSOptions) },
		"configured intake": func(o *node.Options) { o.HasIntake = true },
		"no intake":         func(*node.Options) {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clock := newLaterClock(time.Hour)
			o := node.Options{Dir: t.TempDir(), Realm: realmDefault, Name: nodeDefault, Log: quietLog,
				Now: clock.now}
			if err := nodetest.CopyDirectory(o.Dir, s.dir); err != nil {
				t.Fatal(err)
			}
			with(&o)
			n, err := node.Open(t.Context(), o)
			if err != nil {
				t.Fatal(err)
			}
			clock.await(t)
			if lapsed := n.Rows.Position().Seq > 1; lapsed != (name == "no intake") {
				t.Errorf("%s: got lapsed %t, want %t", name, lapsed, name == "no intake")
			}
			if err := n.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}
