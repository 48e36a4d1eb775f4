package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"authledger/adapters/client"
	"authledger/adapters/tokens"
	"authledger/cmd/internal/node"
	"authledger/cmd/internal/nodetest"
	"authledger/domain"
)

// keyOf writes the seed of a caller's key to a file.
func (s *overNATS) keyOf(t *testing.T, name string) string {
	t.Helper()
	seed, err := s.keys[name].Seed()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), name+".nk")
	if err := os.WriteFile(path, seed, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// reportOnce submits one command with a short timeout.
func reportOnce(t *testing.T, o client.Options) error {
	t.Helper()
	if o.Patience == 0 {
		o.Patience = 2 * time.Second
	}
	c, err := client.New(o)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_, err = c.Do(t.Context(), "x", &domain.LoginReport{User: "alice", Outcome: domain.Succeeded})
	return err
}

// TestClientOverNATS_Errors checks that the client returns the errors of authentication and
// permission as over HTTP, at once, and the cause of a failed connection.
func TestClientOverNATS_Errors(t *testing.T) {
	t.Parallel()
	s := serveOverNATS(t)
	url, key := "nats://"+s.NATSAddress(), s.keyOf(t, "gateway")
	unknown := filepath.Join(t.TempDir(), "unknown.nk")
	if _, err := tokens.MakeKey(unknown); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		given  client.Options
		status int
		detail string
	}{
		{"key without a token",
			client.Options{URL: url, NATS: client.NATS{Name: "gateway", Seed: unknown}, Patience: time.Minute},
			http.StatusUnauthorized, "key"},
		{"name of another caller",
			client.Options{URL: url, NATS: client.NATS{Name: "auditor", Seed: key}, Patience: time.Minute},
			http.StatusForbidden, "auditor"},
		{"other realm", client.Options{URL: url, NATS: client.NATS{Name: "gateway", Seed: key, Realm: "Other"},
			Patience: time.Minute}, http.StatusForbidden, "Other"},
		{"port without a listener",
			client.Options{URL: "nats://127.0.0.1:1", NATS: client.NATS{Name: "gateway", Seed: key}}, 0, "refused"},
		{"server without TLS",
			client.Options{URL: "tls://" + s.NATSAddress(), NATS: client.NATS{Name: "gateway", Seed: key}},
			0, "secure connection"},
	} {
		err := reportOnce(t, c.given)
		p := new(client.Problem)
		if c.status > 0 && (!errors.As(err, &p) || p.Status != c.status || !strings.Contains(p.Detail, c.detail)) {
			t.Errorf("%s: got error %v, want status %d and %q", c.name, err, c.status, c.detail)
		}
		if c.status == 0 && (!errors.Is(err, client.ErrUnknown) || !strings.Contains(err.Error(), c.detail)) {
			t.Errorf("%s: got error %v, want status %d and %q", c.name, err, c.status, c.detail)
		}
	}
	s.tokens.Remove("gateway")
	p := new(client.Problem)
	o := client.Options{URL: url, NATS: client.NATS{Name: "gateway", Seed: key}, Patience: time.Minute}
	if err := reportOnce(t, o); !errors.As(err, &p) || p.Status != http.StatusUnauthorized {
		t.Errorf("revoked token: got %v, want status 401", err)
	}
}

// TestClientOverNATS_Close checks that Close ends requests and followers, and that later calls
// return at once.
func TestClientOverNATS_Close(t *testing.T) {
	s := serveOverNATS(t)
	auditor := s.client(t, "auditor", "nats://"+s.NATSAddress())
	ctx, cancel := context.WithTimeout(t.Context(), natsTimeout)
	defer cancel()
	ended := error(nil)
	for _, err := range auditor.Follow(ctx, client.Filter{}) {
		if ended = err; err != nil {
			break
		}
		auditor.Close()
	}
	if !errors.Is(ended, nats.ErrConnectionClosed) || ctx.Err() != nil {
		t.Errorf("Follow after Close: got error %v, want %v", ended, nats.ErrConnectionClosed)
	}
	_, err := auditor.Ask(ctx, http.MethodGet, "/v1/lockouts", nil)
	if !errors.Is(err, client.ErrUnknown) || ctx.Err() != nil {
		t.Errorf("Ask after Close: got error %v, want %v before the timeout", err, client.ErrUnknown)
	}
	if _, err := auditor.Ask(ctx, http.MethodGet, "/v1/no/such/path/here", nil); err == nil ||
		errors.Is(err, client.ErrUnknown) || ctx.Err() != nil {
		t.Errorf("path without a subject: got error %v, want an error other than %v", err, client.ErrUnknown)
	}
}

// TestClientOverNATS_Certificate checks that the client trusts only the configured certificates.
func TestClientOverNATS_Certificate(t *testing.T) {
	s := serveOverNATS(t)
	cert, secret := nodetest.WriteCertificate(t, t.TempDir(), 1)
	config, err := node.NewTLS(cert, secret, quietLog)
	if err != nil {
		t.Fatal(err)
	}
	s.restart(t, node.Options{Log: quietLog, NATS: &node.NATSOptions{Listen: "127.0.0.1:0", TLS: config}})
	text, err := os.ReadFile(cert)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(text)
	o := client.Options{URL: "tls://" + s.NATSAddress(),
		NATS:     client.NATS{Name: "gateway", Seed: s.keyOf(t, "gateway"), TLS: &tls.Config{RootCAs: roots}},
		Patience: natsTimeout}
	if err := reportOnce(t, o); err != nil {
		t.Error(err)
	}
	o.NATS.TLS = nil
	if err := reportOnce(t, o); !errors.As(err, new(*tls.CertificateVerificationError)) ||
		errors.Is(err, client.ErrUnknown) {
		t.Errorf("unknown certificate: got error %v, want a failed verification", err)
	}
}
