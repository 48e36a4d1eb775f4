package main

import (
	"strings"
	"sync"
	"testing"

	"github.com/nats-io/nats.go"

	"authledger/access"
	"authledger/adapters/client"
	"authledger/adapters/natsapi"
)

// The letters of a node that runs are dealt with over HTTP and over NATS alike.
func TestLettersThere(t *testing.T) {
	s := serveOverNATS(t)
	token, err := s.tokens.Add(access.Spec{Name: "web", Role: access.Operator})
	if err != nil {
		t.Fatal(err)
	}
	web, err := client.New(client.Options{URL: s.edge.url(), Token: token})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(web.Close)
	gateway := s.connect(t, "gateway")
	for i, node := range []*client.Client{web, s.client(t, "operator", "nats://"+s.natsAddress())} {
		l, position := lettersThere{node}, uint64(i+1)
		gateway.leave(t, &nats.Msg{Subject: natsapi.IntakeSubject(realmDefault, "gateway"), Data: []byte("rubbish")})
		for s.letterCount(t, s.messages.Letters(s.ledger)) == 0 { // the intake's own goroutine writes it
			if err := t.Context().Err(); err != nil {
				t.Fatal(err)
			}
		}
		page, err := l.List(t.Context(), 0, 10)
		if err != nil || len(page.Letters) != 1 || page.Letters[0].Position != position {
			t.Fatalf("%+v %v", page, err)
		}
		if letter, err := l.Show(t.Context(), position); err != nil || string(letter.Payload) != "rubbish" {
			t.Errorf("%+v %v", letter, err)
		}
		if verdict, invalid, err := l.Retry(t.Context(), position); err != nil || !invalid || !strings.Contains(string(verdict), "malformed") {
			t.Errorf("%s %v", verdict, err)
		}
		if err := l.Drop(t.Context(), position); err != nil {
			t.Error(err)
		}
		if _, err := l.Show(t.Context(), position); err == nil || !strings.Contains(err.Error(), "there is no such letter") {
			t.Errorf("a letter that was dropped: %v", err)
		}
	}
}

// Two deal with the letters at once, on a node and in its process: what the other has
// dropped is passed over, and behind a letter that is gone are those behind its position.
func TestLettersOfTwoAtOnce(t *testing.T) {
	const all = 5
	s := serveOverNATS(t)
	gateway, here, there := s.connect(t, "gateway"), lettersHere{s.messages.Letters(s.ledger)}, lettersThere{s.operator(t)}
	for range all {
		gateway.leave(t, &nats.Msg{Subject: natsapi.IntakeSubject(realmDefault, "gateway"), Data: []byte("rubbish")})
	}
	for s.letterCount(t, here.Letters) < all { // the intake's own goroutine writes them
		if err := t.Context().Err(); err != nil {
			t.Fatal(err)
		}
	}
	for says, l := range map[string]letters{"here": here, "there": there} {
		first, err := l.List(t.Context(), 0, all)
		if err != nil || len(first.Letters) < 3 {
			t.Fatal(says, first, err)
		}
		gone := first.Letters[1].Position
		if err := here.Drop(t.Context(), gone); err != nil {
			t.Fatal(err)
		}
		page, err := l.List(t.Context(), gone, 1)
		if err != nil || len(page.Letters) != 1 || page.Letters[0].Position != gone+1 || !page.More {
			t.Errorf("%s, behind %d, which is gone: %+v, %v", says, gone, page, err)
		}
	}
	chosen := chosenLetters{caller: "gateway"}
	other := sync.OnceValue(func() error { return here.Drop(t.Context(), all) })
	done, err := chosen.each(t.Context(), there, nil, func(at uint64) error {
		if err := other(); err != nil {
			t.Error(err)
		}
		return there.Drop(t.Context(), at)
	})
	if err != nil || done != all-3 {
		t.Errorf("dropped %d, %v", done, err)
	}
}
