package node

import (
	"bytes"
	"crypto/tls"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"authledger/cmd/internal/nodetest"
)

// TestCertificate_Reload checks that a listener uses a renewed certificate without a restart. It
// logs an invalid new certificate and continues to use the old one.
func TestCertificate_Reload(t *testing.T) {
	dir := t.TempDir()
	cert, key := nodetest.WriteCertificate(t, dir, 1)
	var log bytes.Buffer
	o := ServerOptions{Listen: "127.0.0.1:0", TLSCert: cert, TLSKey: key,
		Log: slog.New(slog.NewTextHandler(&log, nil)), Now: time.Now}
	c := &certificate{cert: cert, key: key, log: o.Log}
	if err := c.load(); err != nil {
		t.Fatal(err)
	}
	serial := func() int64 {
		t.Helper()
		c.checkedAt = time.Time{} // the next call of get checks the files
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
		t.Errorf("first certificate: got serial number %d, want 1", at)
	}
	nodetest.WriteCertificate(t, dir, 2)
	later(time.Minute)
	if at := serial(); at != 2 {
		t.Errorf("renewed certificate: got serial number %d, want 2", at)
	}
	if err := os.WriteFile(cert, []byte("none"), 0o600); err != nil {
		t.Fatal(err)
	}
	later(2 * time.Minute)
	if at := serial(); at != 2 || !strings.Contains(log.String(), "the old one stays") {
		t.Errorf("invalid certificate: got serial number %d and log %s, want 2 and a line about the old "+
			"certificate", at, &log)
	}
	if _, err := NewTLS(cert, key, o.Log); err == nil {
		t.Error("NewTLS with an invalid certificate: got no error, want one")
	}
}

// TestTLS checks that a listener with a certificate accepts TLS 1.3 and neither TLS 1.1 nor
// plaintext.
func TestTLS(t *testing.T) {
	cert, key := nodetest.WriteCertificate(t, t.TempDir(), 1)
	e, err := StartServer(ServerOptions{Listen: "127.0.0.1:0", TLSCert: cert, TLSKey: key,
		Log: slog.New(slog.DiscardHandler), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := e.Shutdown(); err != nil {
			t.Error(err)
		}
	}()
	address := strings.TrimPrefix(e.URL(), "https://")
	if address == e.URL() {
		t.Fatalf("URL of the server: got %s, want https", e.URL())
	}
	connection, err := tls.Dial("tcp", address,
		&tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS13})
	if err != nil {
		t.Fatal(err)
	}
	connection.Close()
	old, err := tls.Dial("tcp", address, &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS11})
	if err == nil {
		old.Close()
		t.Error("connect with TLS 1.1: got no error, want one")
	}
	if answer, err := http.Get("http://" + address + "/healthz"); err == nil {
		answer.Body.Close()
		if answer.StatusCode != http.StatusBadRequest {
			t.Errorf("GET /healthz without TLS: got %s, want 400", answer.Status)
		}
	}
}
