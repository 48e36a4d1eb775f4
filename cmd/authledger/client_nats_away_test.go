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

	"authledger/access"
	"authledger/adapters/client"
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

// reportOnce gives one command with little patience.
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

// Who is not let in hears so at once and as over HTTP, and who reaches nobody hears why.
func TestClientOverNATSIsTurnedAway(t *testing.T) {
	s := serveOverNATS(t)
	url, key := "nats://"+s.natsAddress(), s.keyOf(t, "gateway")
	unknown := filepath.Join(t.TempDir(), "unknown.nk")
	if _, err := access.MakeKey(unknown); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		says   string
		given  client.Options
		status int
		detail string
	}{
		{"a key without a token", client.Options{URL: url, NATS: client.NATS{Name: "gateway", Seed: unknown}, Patience: time.Minute}, http.StatusUnauthorized, "key"},
		{"another's name", client.Options{URL: url, NATS: client.NATS{Name: "auditor", Seed: key}, Patience: time.Minute}, http.StatusForbidden, "auditor"},
		{"another realm", client.Options{URL: url, NATS: client.NATS{Name: "gateway", Seed: key, Realm: "Other"}, Patience: time.Minute}, http.StatusForbidden, "Other"},
		{"nobody listens", client.Options{URL: "nats://127.0.0.1:1", NATS: client.NATS{Name: "gateway", Seed: key}}, 0, "refused"},
		{"no TLS there", client.Options{URL: "tls://" + s.natsAddress(), NATS: client.NATS{Name: "gateway", Seed: key}}, 0, "secure connection"},
	} {
		err := reportOnce(t, c.given)
		p := new(client.Problem)
		if c.status > 0 && (!errors.As(err, &p) || p.Status != c.status || !strings.Contains(p.Detail, c.detail)) {
			t.Errorf("%s: %v", c.says, err)
		}
		if c.status == 0 && (!errors.Is(err, client.ErrUnknown) || !strings.Contains(err.Error(), c.detail)) {
			t.Errorf("%s: %v", c.says, err)
		}
	}
	if err := s.tokens.Revoke("gateway"); err != nil {
		t.Fatal(err)
	}
	if p := new(client.Problem); !errors.As(reportOnce(t, client.Options{URL: url, NATS: client.NATS{Name: "gateway", Seed: key}, Patience: time.Minute}), &p) || p.Status != http.StatusUnauthorized {
		t.Errorf("a revoked token: %v", p)
	}
}

// Closing ends what is asked and what is followed: neither waits for a connection that
// will not come.
func TestClientOverNATSIsClosed(t *testing.T) {
	s := serveOverNATS(t)
	auditor := s.client(t, "auditor", "nats://"+s.natsAddress())
	ctx, cancel := context.WithTimeout(t.Context(), natsPatience)
	defer cancel()
	ended := error(nil)
	for _, err := range auditor.Follow(ctx, client.Filter{}) {
		if ended = err; err != nil {
			break
		}
		auditor.Close()
	}
	if !errors.Is(ended, nats.ErrConnectionClosed) || ctx.Err() != nil {
		t.Errorf("following ends with %v", ended)
	}
	if _, err := auditor.Ask(ctx, http.MethodGet, "/v1/lockouts", nil); !errors.Is(err, client.ErrUnknown) || ctx.Err() != nil {
		t.Errorf("asking ends with %v", err)
	}
	if _, err := auditor.Ask(ctx, http.MethodGet, "/v1/no/such/path/here", nil); err == nil || errors.Is(err, client.ErrUnknown) || ctx.Err() != nil {
		t.Errorf("a path without a subject ends with %v", err)
	}
}

// A certificate is trusted that the client was told of, and no other.
func TestClientOverNATSTrusts(t *testing.T) {
	s := serveOverNATS(t)
	cert, secret := writeCertificate(t, t.TempDir(), 1)
	config, err := newTLS(cert, secret, quietLog)
	if err != nil {
		t.Fatal(err)
	}
	s.restart(t, nodeOptions{log: quietLog, nats: &natsOptions{listen: "127.0.0.1:0", tls: config}})
	text, err := os.ReadFile(cert)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(text)
	o := client.Options{URL: "tls://" + s.natsAddress(), NATS: client.NATS{Name: "gateway", Seed: s.keyOf(t, "gateway"), TLS: &tls.Config{RootCAs: roots}}, Patience: natsPatience}
	if err := reportOnce(t, o); err != nil {
		t.Error(err)
	}
	o.NATS.TLS = nil
	if err := reportOnce(t, o); !errors.As(err, new(*tls.CertificateVerificationError)) || errors.Is(err, client.ErrUnknown) {
		t.Errorf("a certificate that nobody vouches for: %v", err)
	}
}
