package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// writeCertificate makes a pair of files for 127.0.0.1.
func writeCertificate(t *testing.T, dir string, serial int64) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(serial), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	public, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for path, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: public}, key: {Type: "PRIVATE KEY", Bytes: secret}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key
}

// A renewed certificate is used without a restart; one that is wrong is not, and
// the log says so.
func TestCertificateIsReadAgain(t *testing.T) {
	dir := t.TempDir()
	cert, key := writeCertificate(t, dir, 1)
	var log bytes.Buffer
	o := edgeOptions{listen: "127.0.0.1:0", tlsCert: cert, tlsKey: key, log: slog.New(slog.NewTextHandler(&log, nil)), now: time.Now}
	c := &certificate{cert: cert, key: key, log: o.log}
	if err := c.load(); err != nil {
		t.Fatal(err)
	}
	serial := func() int64 {
		t.Helper()
		c.looked = time.Time{} // a look is due
		pair, err := c.get(nil)
		if err != nil {
			t.Fatal(err)
		}
		return pair.Leaf.SerialNumber.Int64()
	}
	later := func(by time.Duration) {
		for _, path := range []string{cert, key} {
			if err := os.Chtimes(path, time.Now(), time.Now().Add(by)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if at := serial(); at != 1 {
		t.Errorf("certificate %d, want 1", at)
	}
	writeCertificate(t, dir, 2)
	later(time.Minute)
	if at := serial(); at != 2 {
		t.Errorf("certificate %d after it was renewed, want 2", at)
	}
	if err := os.WriteFile(cert, []byte("none"), 0o600); err != nil {
		t.Fatal(err)
	}
	later(2 * time.Minute)
	if at := serial(); at != 2 || !strings.Contains(log.String(), "the old one stays") {
		t.Errorf("certificate %d of files that are wrong: %s", at, &log)
	}
	if _, err := newTLS(cert, key, o.log); err == nil {
		t.Error("a node starts with a certificate that is wrong")
	}
}

// A node with a certificate speaks TLS and nothing else.
func TestTLS(t *testing.T) {
	cert, key := writeCertificate(t, t.TempDir(), 1)
	e, err := startEdge(edgeOptions{listen: "127.0.0.1:0", tlsCert: cert, tlsKey: key, log: slog.New(slog.DiscardHandler), now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := e.drain(); err != nil {
			t.Error(err)
		}
	}()
	address := strings.TrimPrefix(e.url(), "https://")
	if address == e.url() {
		t.Fatal(e.url())
	}
	connection, err := tls.Dial("tcp", address, &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS13})
	if err != nil {
		t.Fatal(err)
	}
	connection.Close()
	if old, err := tls.Dial("tcp", address, &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS11}); err == nil {
		old.Close()
		t.Error("it speaks TLS 1.1")
	}
	if _, err := get(t.Context(), e.url()+"/healthz"); err != nil {
		t.Errorf("health, on the machine itself: %v", err)
	}
	if _, err := get(t.Context(), "http://"+address+"/healthz"); err == nil {
		t.Error("it answers in the clear")
	}
}

// Tokens don't cross a network in the clear unless that was asked for.
func TestPlaintextIsAskedFor(t *testing.T) {
	for _, c := range []struct {
		listen, cert, key string
		allow, ok         bool
	}{
		{"127.0.0.1:8080", "", "", false, true}, {"[::1]:8080", "", "", false, true}, {"localhost:8080", "", "", false, true},
		{"0.0.0.0:8080", "", "", false, false}, {":8080", "", "", false, false}, {"192.0.2.1:8080", "", "", false, false},
		{"0.0.0.0:8080", "", "", true, true}, {"0.0.0.0:8080", "c", "k", false, true}, {"127.0.0.1:8080", "c", "", false, false},
	} {
		p := newProgram(nil, nil, nil, func(string) string { return "" })
		p.set.listen, p.set.tlsCert, p.set.tlsKey, p.set.allowPlaintext = c.listen, c.cert, c.key, c.allow
		if _, err := p.edgeOptions(); (err == nil) != c.ok {
			t.Errorf("%+v: %v", c, err)
		}
	}
}
