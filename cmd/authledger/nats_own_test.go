package main

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"authledger/adapters/natsapi"
	"authledger/eventstore/natsd"
	"authledger/eventstore/wire"
)

// ownServer is a NATS server apart from the node.
type ownServer struct {
	address, seed string
}

func (s *overNATS) natsOwn(t testing.TB) *ownServer {
	t.Helper()
	o := &ownServer{seed: filepath.Join(t.TempDir(), "node.nk")}
	public, err := writeSeed(o.seed)
	if err != nil {
		t.Fatal(err)
	}
	server, err := startNATS(t.Context(), natsd.Config{Dir: t.TempDir(), Log: quietLog, Listen: natsListening("127.0.0.1:0", realmDefault, public, nil, s.tokens, quietLog)}, realmDefault)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	o.address = server.Addr().String()
	return o
}

func (o *ownServer) options() *natsOptions {
	return &natsOptions{url: "nats://" + o.address, seedFile: o.seed}
}

// restart begins anew, where the node is up or was stopped.
func (s *overNATS) restart(t testing.TB, o nodeOptions) {
	t.Helper()
	s.stop(t)
	s.start(t, o)
}

func (s *overNATS) connectAt(t testing.TB, name, address string) *caller {
	t.Helper()
	public, err := s.keys[name].PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	conn, err := nats.Connect("nats://"+address, nats.Nkey(public, s.keys[name].Sign), nats.CustomInboxPrefix(natsapi.InboxPrefix(name)), nats.Timeout(natsPatience))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	return &caller{Conn: conn, name: name}
}

// verdicts are those of the first records, without the instants of this very run.
func (s *overNATS) verdicts(t testing.TB, most uint64) (all []string) {
	t.Helper()
	for r, err := range s.ledger.Records(t.Context(), 1, most, false) {
		if err != nil {
			t.Fatal(err)
		}
		text := fmt.Sprint(r.Seq, " ", r.Command.ID, " ", r.Status, " ", r.Reason, " late=", r.Late)
		for i := range r.Events {
			text += " " + r.Events[i].Data.EventType()
			if r.Events[i].Data.EventType() == "login.failed" {
				text += string(wire.AppendData(nil, r.Events[i].Data))
			}
		}
		all = append(all, text)
	}
	return all
}

// A server that doesn't let the node in, as it was started for another key, is tried
// until it does: what was left is taken then.
func TestOwnServerLetsInLate(t *testing.T) {
	const refusals = 4
	s := serveOverNATS(t)
	seed, files, refused := filepath.Join(t.TempDir(), "node.nk"), t.TempDir(), make(chan struct{}, refusals)
	public, err := writeSeed(seed)
	if err != nil {
		t.Fatal(err)
	}
	begin := func(address, nodeKey string) *natsd.Server {
		t.Helper()
		at := natsListening(address, realmDefault, nodeKey, nil, s.tokens, quietLog)
		admit := at.Admit
		at.Admit = func(key string) (natsd.Permit, bool) {
			permit, ok := admit(key)
			if !ok {
				select {
				case refused <- struct{}{}:
				default:
				}
			}
			return permit, ok
		}
		server, err := startNATS(t.Context(), natsd.Config{Dir: files, Log: quietLog, Listen: at}, realmDefault)
		if err != nil {
			t.Fatal(err)
		}
		return server
	}
	server := begin("127.0.0.1:0", "another")
	address := server.Addr().String()
	s.restart(t, nodeOptions{log: quietLog, nats: &natsOptions{url: "nats://" + address, seedFile: seed}})
	c := s.connectAt(t, "gateway", address)
	c.leave(t, leave("gateway", "e-1", "login.report", time.Now(), `{"user":"alice","outcome":"succeeded"}`))
	c.Close()
	for range refusals {
		select {
		case <-refused:
		case <-time.After(natsPatience):
			t.Fatal("the node gave up")
		}
	}
	server.Close()
	server = begin(address, public)
	t.Cleanup(server.Close)
	s.until(t, 1)
}
