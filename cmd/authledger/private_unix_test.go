//go:build unix

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"authledger/cmd/internal/node"
)

func TestStartRefusesSecretsThatOthersCanRead(t *testing.T) {
	dir := writeAllTables(t)
	for _, name := range []string{node.MasterKeyName, node.KeysDir, filepath.Join(node.KeysDir, "keys"),
		node.CallersName, "tokens.json", "webhooks.json.migrated", "webhooks"} {
		path, mode := filepath.Join(dir, name), os.FileMode(0o600)
		info, err := os.Stat(path)
		switch {
		case err != nil:
			if err := os.WriteFile(path, []byte("{}"), mode); err != nil {
				t.Fatal(err)
			}
		case info.IsDir():
			mode = 0o700
		}
		for _, open := range []os.FileMode{0o040, 0o004} {
			if err := os.Chmod(path, mode|open); err != nil {
				t.Fatal(err)
			}
			n, err := node.Open(t.Context(), alteredNode(dir))
			if err == nil {
				_ = n.Close()
			}
			if err == nil || !strings.Contains(err.Error(), "chmod") || !strings.Contains(err.Error(), path) ||
				exitCode(err) != 1 {
				t.Errorf("%s with mode %v: got %v, want an error that contains the path and chmod", name, mode|open, err)
			}
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if info == nil {
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
		}
	}
	n, err := node.Open(t.Context(), alteredNode(dir))
	if err != nil {
		t.Fatal(err)
	}
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
}
