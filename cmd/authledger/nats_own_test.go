package main

import (
	"fmt"
	"path/filepath"
	"testing"

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
