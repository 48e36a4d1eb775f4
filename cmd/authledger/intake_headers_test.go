package main

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"authledger/adapters/natsconn"
)

// publishRaw publishes to the intake with headers that a client library would not write,
// and waits for the acknowledgement.
func (s *overNATS) publishRaw(t *testing.T, name, headers string) {
	t.Helper()
	conn, err := net.Dial("tcp", s.NATSAddress())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	lines := bufio.NewReader(conn)
	line, err := lines.ReadString('\n')
	var info struct{ Nonce string }
	err = errors.Join(err, json.Unmarshal([]byte(strings.TrimPrefix(line, "INFO ")), &info),
		conn.SetDeadline(time.Now().Add(natsTimeout)))
	if err != nil {
		t.Fatal(err)
	}
	signature, err1 := s.keys[name].Sign([]byte(info.Nonce))
	public, err2 := s.keys[name].PublicKey()
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	headers = "NATS/1.0\r\n" + headers + "\r\n\r\n"
	inbox := natsconn.InboxPrefix(name) + ".raw"
	_, err = fmt.Fprintf(conn,
		"CONNECT {\"nkey\":%q,\"sig\":%q,\"headers\":true,\"protocol\":1}\r\nSUB %s 1\r\nHPUB %s %s "+
			"%d %d\r\n%s\r\n",
		public, base64.RawURLEncoding.EncodeToString(signature), inbox, natsconn.IntakeSubject(realmDefault, name),
		inbox, len(headers), len(headers), headers)
	for err == nil && !strings.HasPrefix(line, `{`) {
		line, err = lines.ReadString('\n')
		if strings.HasPrefix(line, "-ERR") {
			t.Fatalf("publish headers %q: got %s, want an acknowledgement", headers, line)
		}
	}
	if err != nil || !strings.Contains(line, `"seq":`) || strings.Contains(line, "error") {
		t.Fatalf("publish headers %q: got %q, %v, want an acknowledgement with a position", headers, line, err)
	}
}

// TestIntake_RemovesServerHeaders checks that the admission removes the headers on which a NATS
// server acts, because it publishes on a connection of the node, which may publish everywhere.
func TestIntake_RemovesServerHeaders(t *testing.T) {
	s := serveOverNATS(t)
	node := s.inside(t)
	traces, err := node.SubscribeSync("forged.>")
	if err = errors.Join(err, node.Flush()); err != nil {
		t.Fatal(err)
	}
	forged := []string{ // the server itself refuses Nats-Trace-Dest on a line of its own
		"Foo: a\nNats-Trace-Dest: forged.trace", "Foo: a\nNats-Trace-Dest: forged.trace\nNats-Trace-Only: true",
		"nats-trace-dest: forged.trace", "Foo: a\nNats-Expected-Last-Sequence: 77",
		"Foo: a\nNats-Expected-Stream: other", "Foo: a\nnats-Expected-Stream: other",
	}
	for _, headers := range forged {
		s.publishRaw(t, "gateway", headers)
	}
	deadLetters := s.NATS.DeadLetters(s.Ledger)
	for begun := time.Now(); s.deadLetterCount(t, deadLetters) < len(forged); {
		if time.Since(begun) > natsTimeout {
			t.Fatalf("timed out: got %d dead letters, want %d", s.deadLetterCount(t, deadLetters), len(forged))
		}
	}
	if err := node.Publish("forged.last", nil); err != nil {
		t.Fatal(err)
	}
	eachUntil(t, traces, "forged.last",
		func(m *nats.Msg) { t.Errorf("forged subject: got message on %s, want none: %.80s", m.Subject, m.Data) })
}
