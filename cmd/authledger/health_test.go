package main

import (
	"log/slog"
	"testing"
	"time"

	"authledger/cmd/internal/node"
	"authledger/cmd/internal/nodetest"
)

// TestHealthReadsNodeWithTLSOnSameMachine checks that the health command accepts any certificate of a
// node on the same machine, because the certificate contains the node's name for other machines.
func TestHealthReadsNodeWithTLSOnSameMachine(t *testing.T) {
	cert, key := nodetest.WriteCertificate(t, t.TempDir(), 1)
	e, err := node.StartServer(node.ServerOptions{Listen: "127.0.0.1:0", TLSCert: cert, TLSKey: key,
		Log: slog.New(slog.DiscardHandler), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := get(t.Context(), e.URL()+"/healthz"); err != nil {
		t.Errorf("GET /healthz: got %v, want no error", err)
	}
	if err := e.Shutdown(); err != nil {
		t.Error(err)
	}
}
