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

	"authledger/adapters/natsapi"
)

// What a letter held is on no disk any more once it is dropped: callers leave by mistake
// what nobody should keep.
func TestDroppedLetterIsErased(t *testing.T) {
	s := serveOverNATS(t)
	letters, gateway := s.messages.Letters(s.ledger), s.connect(t, "gateway")
	secret := []byte("password=correct-horse-battery-staple")
	for _, data := range [][]byte{secret, []byte("rubbish behind it")} {
		gateway.leave(t, &nats.Msg{Subject: natsapi.IntakeSubject(realmDefault, "gateway"), Data: data})
	}
	for s.letterCount(t, letters) < 2 { // the intake's own goroutine writes them
		if err := t.Context().Err(); err != nil {
			t.Fatal(err)
		}
	}
	kept := []byte(base64.StdEncoding.EncodeToString(secret))
	if files := s.filesWith(t, kept); len(files) == 0 {
		t.Fatal("a letter that is there is on no disk")
	}
	if err := letters.Drop(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for begun := time.Now(); ; <-tick.C { // NATS unlinks what it has purged from the intake a little later
		files := append(s.filesWith(t, kept), s.filesWith(t, secret)...)
		if len(files) == 0 {
			return
		}
		if time.Since(begun) > natsPatience {
			t.Fatalf("it is still in %v", files)
		}
	}
}

// filesWith are the files of the data directory that hold a text.
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
