package natsd_test

import (
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"testing"

	"authledger/eventstore/natsd"
)

func start(t *testing.T, cfg natsd.Config) *natsd.Server {
	t.Helper()
	cfg.Log = slog.New(slog.DiscardHandler)
	s, err := natsd.Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func TestServer_SyncAlwaysByDefault(t *testing.T) {
	if !start(t, natsd.Config{Dir: t.TempDir()}).SyncAlways() {
		t.Error("SyncAlways of a server with default options: got false, want true")
	}
	if start(t, natsd.Config{Dir: t.TempDir(), Unsynced: true}).SyncAlways() {
		t.Error("SyncAlways of an unsynced server: got true, want false")
	}
}

func TestServer_NoPortBeforeListen(t *testing.T) {
	if addr := start(t, natsd.Config{Dir: t.TempDir()}).Addr(); addr != nil {
		t.Errorf("the server listens on %v, want no port", addr)
	}
	s := start(t, natsd.Config{Dir: t.TempDir()})
	if err := s.Listen(); err != nil || s.Addr() != nil {
		t.Errorf("the server listens on %v, want no port: %v", s.Addr(), err)
	}
	s = start(t, natsd.Config{Dir: t.TempDir(), Listen: &natsd.Listening{Address: "127.0.0.1:0"}})
	if s.Addr() != nil {
		t.Fatalf("the server listens on %v before Listen, want no port", s.Addr())
	}
	if err := s.Listen(); err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", s.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
}

func TestStart_InvalidConfig(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	quiet := slog.New(slog.DiscardHandler)
	for name, cfg := range map[string]natsd.Config{
		"no directory":       {},
		"directory is file":  {Dir: file},
		"bad listen address": {Dir: t.TempDir(), Listen: &natsd.Listening{Address: "nowhere"}},
	} {
		cfg.Log = quiet
		s, err := natsd.Start(t.Context(), cfg)
		if err == nil {
			s.Close()
			t.Errorf("Start with %s: got nil, want an error", name)
		}
	}
	s, err := natsd.Start(t.Context(),
		natsd.Config{Dir: t.TempDir(), Log: quiet, Listen: &natsd.Listening{Address: busy.Addr().String()}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Listen(); err == nil || s.Addr() != nil {
		t.Errorf("Listen on a port in use: got %v, want an error", err)
	}
}

func TestServer_CloseTwice(t *testing.T) {
	s := start(t, natsd.Config{Dir: t.TempDir()})
	s.Close()
	s.Close()
}
