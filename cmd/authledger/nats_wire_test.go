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

	"authledger/adapters/natsapi"
)

// raw is a connection without a client library.
type raw struct {
	net.Conn
	lines *bufio.Reader
}

func (s *overNATS) raw(t *testing.T) *raw {
	t.Helper()
	conn, err := net.Dial("tcp", s.natsAddress())
	if err == nil {
		err = conn.SetDeadline(time.Now().Add(natsPatience))
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return &raw{conn, bufio.NewReader(conn)}
}

// answers says all, and returns what comes until the server hangs up, or answers the ping.
func (r *raw) answers(say string) string {
	fmt.Fprint(r, say)
	var heard strings.Builder
	for {
		line, err := r.lines.ReadString('\n')
		heard.WriteString(line)
		if err != nil || strings.HasPrefix(line, "PONG") {
			return heard.String()
		}
	}
}

// Whoever has not proved to hold a key gets nothing, whatever protocol it speaks and
// whatever it says that it is.
func TestNATSStrangers(t *testing.T) {
	s := serveOverNATS(t)
	public, err := s.keys["gateway"].PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	for says, text := range map[string]string{
		"nobody":               "CONNECT {}\r\nPING\r\n",
		"without a connect":    "SUB ledger.main.feed.> 1\r\nPUB ledger.main.do.gateway.login.report 2\r\n{}\r\nPING\r\n",
		"the node by name":     `CONNECT {"user":"node"}` + "\r\nPING\r\n",
		"no name, as the log":  `CONNECT {"user":"","pass":""}` + "\r\nPING\r\n",
		"a password":           `CONNECT {"user":"gateway","pass":"gateway"}` + "\r\nPING\r\n",
		"a token":              `CONNECT {"auth_token":"gateway"}` + "\r\nPING\r\n",
		"a jwt":                `CONNECT {"jwt":"eyJ0eXAiOiJKV1QiLCJhbGciOiJlZDI1NTE5LW5rZXkifQ.e30.x","sig":"x"}` + "\r\nPING\r\n",
		"a key, no signature":  `CONNECT {"nkey":"` + public + `"}` + "\r\nPING\r\n",
		"another's account":    `CONNECT {"nkey":"` + public + `","account":"NODE","new_account":true}` + "\r\nPING\r\n",
		"a route":              "INFO {\"server_id\":\"x\"}\r\nRS+ NODE >\r\nPING\r\n",
		"a leaf node":          "LS+ >\r\nLMSG ledger.main.log 2\r\n{}\r\nPING\r\n",
		"a gateway of servers": "RMSG NODE ledger.main.log 2\r\n{}\r\nPING\r\n",
		"http":                 "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\nPING\r\n",
		"a leaf over http":     "GET /leafnode HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nPING\r\n",
		"mqtt":                 "\x10\x0c\x00\x04MQTT\x04\x02\x00\x3c\x00\x00\r\nPING\r\n",
		"without an end":       "CONNECT " + strings.Repeat("x", 1<<20),
	} {
		heard := s.raw(t).answers(text)
		if strings.Contains(heard, "PONG") || strings.Contains(heard, "MSG") || strings.Contains(heard, "101 ") {
			t.Errorf("%s: %s", says, heard)
		}
		if !strings.Contains(heard, "-ERR") && says != "without an end" {
			t.Errorf("%s is not told that it is refused: %q", says, heard)
		}
	}
	if at := s.rows.Position().Seq; at != 0 {
		t.Errorf("strangers have %d records made", at)
	}
}

// Who is in and says anew who it is must prove it anew, and may then no more than that.
func TestNATSConnectTwice(t *testing.T) {
	s := serveOverNATS(t)
	r := s.raw(t)
	info, err := r.lines.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	var told struct{ Nonce string }
	if err := json.Unmarshal([]byte(strings.TrimPrefix(info, "INFO ")), &told); err != nil {
		t.Fatal(err)
	}
	if heard := r.answers(s.connectLine(t, "gateway", "gateway", told.Nonce) + "PING\r\n"); !strings.Contains(heard, "PONG") {
		t.Fatalf("the gateway is refused: %s", heard)
	}
	if heard := r.answers(s.connectLine(t, "auditor", "gateway", told.Nonce) + "SUB ledger.main.feed.> 1\r\nPING\r\n"); strings.Contains(heard, "PONG") {
		t.Errorf("the gateway is taken for the auditor: %s", heard)
	}
}

// connectLine says that it is one, and signs with the key of another.
func (s *overNATS) connectLine(t *testing.T, name, signs, nonce string) string {
	t.Helper()
	public, err1 := s.keys[name].PublicKey()
	signature, err2 := s.keys[signs].Sign([]byte(nonce))
	line, err3 := json.Marshal(map[string]any{"nkey": public, "sig": base64.RawURLEncoding.EncodeToString(signature), "lang": "go", "version": "1", "protocol": 1, "verbose": false, "pedantic": false})
	if err := errors.Join(err1, err2, err3); err != nil {
		t.Fatal(err)
	}
	return "CONNECT " + string(line) + "\r\n"
}

// With a certificate nothing is said in the clear, and no old TLS is spoken: not even
// to a client that would.
func TestNATSTLS(t *testing.T) {
	cert, key := writeCertificate(t, t.TempDir(), 1)
	p := newProgram(nil, nil, nil, func(string) string { return "" })
	p.log, p.set.natsListen, p.set.tlsCert, p.set.tlsKey = quietLog, "127.0.0.1:0", cert, key
	o, err := p.natsOptions(&edgeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	s := serveOverNATS(t)
	s.restart(t, nodeOptions{log: quietLog, nats: o})
	if heard := s.raw(t).answers("CONNECT {\"verbose\":false}\r\nPING\r\n"); !strings.Contains(heard, `"tls_required":true`) || strings.Count(heard, "\n") > 1 {
		t.Errorf("in the clear: %q", heard)
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
		conn, err := nats.Connect("nats://"+s.natsAddress(), nats.Nkey(public, s.keys["gateway"].Sign), nats.Secure(config), nats.CustomInboxPrefix(natsapi.InboxPrefix("gateway")), nats.Timeout(natsPatience))
		if err != nil {
			return err
		}
		defer conn.Close()
		_, err = conn.Request("ledger.main.ask.gateway.policy", nil, natsPatience)
		return err
	}
	if err := connect(&tls.Config{RootCAs: trusted}); err != nil {
		t.Errorf("who trusts the certificate: %v", err)
	}
	if err := connect(&tls.Config{RootCAs: x509.NewCertPool()}); err == nil {
		t.Error("a certificate that nobody has vouched for is taken")
	}
	if err := connect(&tls.Config{RootCAs: trusted, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}); err == nil {
		t.Error("it speaks TLS 1.1")
	}
}
