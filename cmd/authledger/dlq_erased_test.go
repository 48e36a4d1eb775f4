package main

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"authledger/adapters/natsconn"
)

// TestDLQDrop_ErasesBytes checks that no file holds the payload of a dropped dead letter, because the
// payload may hold a password.
func TestDLQDrop_ErasesBytes(t *testing.T) {
	s := serveOverNATS(t)
	deadLetters, gateway := s.NATS.DeadLetters(s.Ledger), s.connect(t, "gateway")
	secret := []byte("password=correct-horse-battery-staple")
	for _, data := range [][]byte{secret, []byte("next message")} {
		gateway.mustPublish(t, &nats.Msg{Subject: natsconn.IntakeSubject(realmDefault, "gateway"), Data: data})
	}
	s.untilDeadLetters(t, deadLetters, 2)
	kept := []byte(base64.StdEncoding.EncodeToString(secret))
	if files := s.filesWith(t, kept); len(files) == 0 {
		t.Fatal("files with the payload before the drop: got none, want at least 1")
	}
	if err := deadLetters.Drop(t.Context(), "operator", 1); err != nil {
		t.Fatal(err)
	}
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for begun := time.Now(); ; <-tick.C { // NATS unlinks purged messages of the intake a little later
		files := append(s.filesWith(t, kept), s.filesWith(t, secret)...)
		if len(files) == 0 {
			return
		}
		if time.Since(begun) > natsTimeout {
			t.Fatalf("timed out: got files %v with the payload, want none", files)
		}
	}
}

// filesWith returns the files of the data directory that contain text.
func (s *overNATS) filesWith(t *testing.T, text []byte) (paths []string) {
	t.Helper()
	err := filepath.WalkDir(s.dir, func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // NATS has just unlinked it
		}
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		content, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if bytes.Contains(content, text) {
			paths = append(paths, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return paths
}
