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

// everything lets whoever has a key say and hear all that there is.
func everything(string) (natsd.Permit, bool) {
	return natsd.Permit{Publish: []string{">"}, Subscribe: []string{">"}}, true
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
