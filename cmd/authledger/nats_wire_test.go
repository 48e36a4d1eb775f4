package main

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"authledger/adapters/natsconn"
	"authledger/cmd/internal/node"
	"authledger/cmd/internal/nodetest"
)

// raw is a connection without a client library.
type raw struct {
	net.Conn
	lines *bufio.Reader
}

func (s *overNATS) raw(t *testing.T) *raw {
	t.Helper()
	conn, err := net.Dial("tcp", s.NATSAddress())
	if err == nil {
		err = conn.SetDeadline(time.Now().Add(natsTimeout))
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return &raw{conn, bufio.NewReader(conn)}
}

// exchange sends text, and returns the answers up to PONG or the end of the connection.
func (r *raw) exchange(say string) string {
	fmt.Fprint(r, say)
	var received strings.Builder
	for {
		line, err := r.lines.ReadString('\n')
		received.WriteString(line)
		if err != nil || strings.HasPrefix(line, "PONG") {
			return received.String()
		}
	}
}

// TestNATS_Unauthenticated checks that the server refuses every connection that has not proved
// the possession of a key, in each protocol of the server.
func TestNATS_Unauthenticated(t *testing.T) {
	s := serveOverNATS(t)
	public, err := s.keys["gateway"].PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"no credentials": "CONNECT {}\r\nPING\r\n",
		"no CONNECT": "SUB ledger.main.events.> 1\r\nPUB ledger.main.command.gateway.login.report " +
			"2\r\n{}\r\nPING\r\n",
		"user name of the node": `CONNECT {"user":"node"}` + "\r\nPING\r\n",
		"empty user name":       `CONNECT {"user":"","pass":""}` + "\r\nPING\r\n",
		"password":              `CONNECT {"user":"gateway","pass":"gateway"}` + "\r\nPING\r\n",
		"token":                 `CONNECT {"auth_token":"gateway"}` + "\r\nPING\r\n",
		"JWT": `CONNECT {"jwt":"eyJ0eXAiOiJKV1QiLCJhbGciOiJlZDI1NTE5LW5rZXkifQ.e30.x",` +
			`"sig":"x"}` + "\r\nPING\r\n",
		"key without signature": `CONNECT {"nkey":"` + public + `"}` + "\r\nPING\r\n",
		"other account": `CONNECT {"nkey":"` + public + `","account":"NODE","new_account":true}` +
			"\r\nPING\r\n",
		"route":              "INFO {\"server_id\":\"x\"}\r\nRS+ NODE >\r\nPING\r\n",
		"leaf node":          "LS+ >\r\nLMSG ledger.main.log 2\r\n{}\r\nPING\r\n",
		"gateway of servers": "RMSG NODE ledger.main.log 2\r\n{}\r\nPING\r\n",
		"WebSocket": "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: " +
			"Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\nPING\r\n",
		"leaf node over WebSocket": "GET /leafnode HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: " +
			"Upgrade\r\n\r\nPING\r\n",
		"MQTT":         "\x10\x0c\x00\x04MQTT\x04\x02\x00\x3c\x00\x00\r\nPING\r\n",
		"endless line": "CONNECT " + strings.Repeat("x", 1<<20),
	} {
		received := s.raw(t).exchange(text)
		if strings.Contains(received, "PONG") || strings.Contains(received, "MSG") ||
			strings.Contains(received, "101 ") {
			t.Errorf("%s: got %s, want no answer", name, received)
		}
		if !strings.Contains(received, "-ERR") && name != "endless line" {
			t.Errorf("%s: got %q, want -ERR", name, received)
		}
	}
	if at := s.Rows.Position().Seq; at != 0 {
		t.Errorf("records of unauthenticated connections: got %d, want 0", at)
	}
}

// TestNATS_SecondConnect checks that a connection that names another key later must prove its
// possession, too.
func TestNATS_SecondConnect(t *testing.T) {
	s := serveOverNATS(t)
	r := s.raw(t)
	info, err := r.lines.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	var server struct{ Nonce string }
	if err := json.Unmarshal([]byte(strings.TrimPrefix(info, "INFO ")), &server); err != nil {
		t.Fatal(err)
	}
	received := r.exchange(s.connectLine(t, "gateway", "gateway", server.Nonce) + "PING\r\n")
	if !strings.Contains(received, "PONG") {
		t.Fatalf("CONNECT of the gateway: got %s, want PONG", received)
	}
	if received := r.exchange(s.connectLine(t, "auditor", "gateway", server.Nonce) +
		"SUB ledger.main.events.> 1\r\nPING\r\n"); strings.Contains(received, "PONG") {
		t.Errorf("CONNECT as the auditor with the gateway's signature: got %s, want an error", received)
	}
}

// connectLine returns a CONNECT line for the key of name, signed with the key of signs.
func (s *overNATS) connectLine(t *testing.T, name, signs, nonce string) string {
	t.Helper()
	public, err1 := s.keys[name].PublicKey()
	signature, err2 := s.keys[signs].Sign([]byte(nonce))
	line, err3 := json.Marshal(map[string]any{"nkey": public,
		"sig": base64.RawURLEncoding.EncodeToString(signature), "lang": "go", "version": "1", "protocol": 1,
		"verbose": false, "pedantic": false})
	if err := errors.Join(err1, err2, err3); err != nil {
		t.Fatal(err)
	}
	return "CONNECT " + string(line) + "\r\n"
}

// TestNATSTLS checks that a listener with a certificate accepts neither plaintext nor TLS 1.1.
func TestNATSTLS(t *testing.T) {
	cert, key := nodetest.WriteCertificate(t, t.TempDir(), 1)
	p := newProgram(nil, nil, nil, func(string) string { return "" })
	p.log, p.set.NATSListen, p.set.TLSCert, p.set.TLSKey = quietLog, "127.0.0.1:0", cert, key
	o, err := p.natsOptions()
	if err != nil {
		t.Fatal(err)
	}
	s := serveOverNATS(t)
	s.restart(t, node.Options{Log: quietLog, NATS: o})
	received := s.raw(t).exchange("CONNECT {\"verbose\":false}\r\nPING\r\n")
	if !strings.Contains(received, `"tls_required":true`) || strings.Count(received, "\n") > 1 {
		t.Errorf("plaintext connection: got %q, want only INFO with tls_required", received)
	}
	text, err := os.ReadFile(cert)
	if err != nil {
		t.Fatal(err)
	}
	trusted := x509.NewCertPool()
	trusted.AppendCertsFromPEM(text)
	public, err := s.keys["gateway"].PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	connect := func(config *tls.Config) error {
		conn, err := nats.Connect("nats://"+s.NATSAddress(), nats.Nkey(public, s.keys["gateway"].Sign),
			nats.Secure(config), nats.CustomInboxPrefix(natsconn.InboxPrefix("gateway")), nats.Timeout(natsTimeout))
		if err != nil {
			return err
		}
		defer conn.Close()
		_, err = conn.Request("ledger.main.query.gateway.policy", nil, natsTimeout)
		return err
	}
	if err := connect(&tls.Config{RootCAs: trusted}); err != nil {
		t.Errorf("connect with the trusted certificate: %v", err)
	}
	if err := connect(&tls.Config{RootCAs: x509.NewCertPool()}); err == nil {
		t.Error("connect without the trusted certificate: got no error, want a failed verification")
	}
	if err := connect(&tls.Config{RootCAs: trusted, MinVersion: tls.VersionTLS10,
		MaxVersion: tls.VersionTLS11}); err == nil {
		t.Error("connect with TLS 1.1: got no error, want one")
	}
}
