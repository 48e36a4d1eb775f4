package main

import (
	"encoding/binary"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/nats-io/nats.go"

	"authledger/adapters/client"
	"authledger/adapters/natsconn"
	"authledger/adapters/tokens/tokenstest"
	"authledger/domain/access"
	"authledger/domain/operations"
	"authledger/eventstore/wire"
)

// TestRemoteDeadLetters checks that the commands for dead letters work on a running node, over HTTP
// and over NATS.
func TestRemoteDeadLetters(t *testing.T) {
	s := serveOverNATS(t)
	token, err := s.tokens.Add(tokenstest.Spec{Name: "web", Role: access.Operator})
	if err != nil {
		t.Fatal(err)
	}
	web, err := client.New(client.Options{URL: s.edge.URL(), Token: token})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(web.Close)
	gateway := s.connect(t, "gateway")
	for i, node := range []*client.Client{web, s.client(t, "operator", "nats://"+s.NATSAddress())} {
		l, position := remoteDeadLetters{node}, uint64(i+1)
		gateway.mustPublish(t,
			&nats.Msg{Subject: natsconn.IntakeSubject(realmDefault, "gateway"), Data: []byte("invalid")})
		s.untilDeadLetters(t, s.NATS.DeadLetters(s.Ledger), 1)
		page, err := l.List(t.Context(), deadLetterValues(t, 10, 0))
		if err != nil || len(page.Items) != 1 || page.Items[0].Position != position {
			t.Fatalf("list dead letters: got %+v, %v, want one at position %d", page, err, position)
		}
		if deadLetter, err := l.Show(t.Context(), position); err != nil || string(deadLetter.Payload) != "invalid" {
			t.Errorf("show dead letter %d: got %+v, %v, want the payload \"invalid\"", position, deadLetter, err)
		}
		if verdict, invalid, err := l.Retry(t.Context(), position); err != nil || !invalid ||
			!strings.Contains(string(verdict), "malformed") {
			t.Errorf("retry dead letter %d: got %s, invalid %t, %v, want an invalid verdict with reason malformed",
				position, verdict, invalid, err)
		}
		if err := l.Drop(t.Context(), position); err != nil {
			t.Error(err)
		}
		if _, err := l.Show(t.Context(), position); err == nil ||
			!strings.Contains(err.Error(), "the dead letter does not exist") {
			t.Errorf("show a dropped dead letter: got error %v, want not found", err)
		}
	}
}

// deadLetterValues selects a page of dead letters after a position, the oldest first.
func deadLetterValues(t *testing.T, limit int, after uint64) operations.Values {
	t.Helper()
	v, err := deadLettersFrom("")
	if after > 0 {
		v, err = deadLettersFrom(v.Next(binary.BigEndian.AppendUint64(nil, after)))
	}
	if err != nil {
		t.Fatal(err)
	}
	query := map[string][]string{"order": {"oldest"}, "limit": {fmt.Sprint(limit)}, "after": {v.Text("after")}}
	v, err = operations.Find("dead-letters").Parse(nil, query, wire.ReadTime)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// TestDeadLetters_TwoOperators checks that a filter skips dead letters that another operator drops,
// and that a list continues after a dropped dead letter.
func TestDeadLetters_TwoOperators(t *testing.T) {
	const all = 5
	s := serveOverNATS(t)
	gateway, here, there := s.connect(t, "gateway"), localDeadLetters{s.NATS.DeadLetters(s.Ledger)},
		remoteDeadLetters{s.operator(t, natsTimeout)}
	for range all {
		gateway.mustPublish(t,
			&nats.Msg{Subject: natsconn.IntakeSubject(realmDefault, "gateway"), Data: []byte("invalid")})
	}
	s.untilDeadLetters(t, here.DeadLetters, all)
	for name, l := range map[string]deadLetters{"local": here, "remote": there} {
		first, err := l.List(t.Context(), deadLetterValues(t, all, 0))
		if err != nil || len(first.Items) < 3 {
			t.Fatalf("%s: got %+v, %v, want at least 3 dead letters", name, first, err)
		}
		gone := first.Items[1].Position
		if err := here.Drop(t.Context(), gone); err != nil {
			t.Fatal(err)
		}
		page, err := l.List(t.Context(), deadLetterValues(t, 1, gone))
		if err != nil || len(page.Items) != 1 || page.Items[0].Position != gone+1 || page.Next == "" {
			t.Errorf("%s, list after the dropped dead letter %d: got %+v, %v, want only %d and more", name, gone, page,
				err, gone+1)
		}
	}
	chosen := dlqSelection{caller: "gateway"}
	other := sync.OnceValue(func() error { return here.Drop(t.Context(), all) })
	done, err := chosen.each(t.Context(), there, nil, func(at uint64) error {
		if err := other(); err != nil {
			t.Error(err)
		}
		return there.Drop(t.Context(), at)
	})
	if err != nil || done != all-3 {
		t.Errorf("drop the dead letters of gateway: got %d, %v, want %d", done, err, all-3)
	}
}
