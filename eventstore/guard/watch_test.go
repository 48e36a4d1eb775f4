package guard_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"authledger/eventstore"
	"authledger/eventstore/guard"
	"authledger/eventstore/jetstream"
	"authledger/eventstore/natsd"
)

// newest returns a function that changes the newest block file.
func newest(change func(path string) error) func(*testing.T, string) {
	return func(t *testing.T, msgs string) {
		t.Helper()
		must(t, change(filepath.Join(msgs, "2.blk")))
	}
}

func TestWatch_LostBytes(t *testing.T) {
	for name, c := range map[string]struct {
		change func(t *testing.T, msgs string)
		lost   bool
	}{
		"append only":       {func(*testing.T, string) {}, false},
		"directory deleted": {func(t *testing.T, msgs string) { must(t, os.RemoveAll(filepath.Dir(msgs))) }, true},
		"newest deleted":    {newest(os.Remove), true},
		"newest truncated":  {newest(func(path string) error { return os.Truncate(path, 100) }), true},
		"directory renamed": {func(t *testing.T, msgs string) { must(t, os.Rename(msgs, msgs+".away")) }, true},
		"newest replaced":   {replaceNewest, true},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filled(t)
			_, store, err := start(t, dir, false)
			must(t, err)
			watch := guard.NewWatch(dir, natsd.LogAccount, jetstream.StreamName(realm))
			must(t, watch.Check())
			add(t, store, messages)
			must(t, watch.Check())
			c.change(t, filepath.Join(dir, stream, "msgs"))
			// The server acknowledges the message, because it writes to the open file.
			select {
			case <-store.Append(t.Context(), make([]byte, 3000), messages+1):
			case <-t.Context().Done():
			}
			err = watch.Check()
			if fault := (*eventstore.Fault)(nil); errors.As(err, &fault) != c.lost {
				t.Errorf("got error %v, want a fault: %v", err, c.lost)
			}
		})
	}
}

// TestWatch_FirstBlockOfAnyNumber checks a stream whose first block is block 2 and is
// created after the first check.
func TestWatch_FirstBlockOfAnyNumber(t *testing.T) {
	dir := t.TempDir()
	msgs := filepath.Join(natsd.StreamDir(dir, natsd.LogAccount, jetstream.StreamName(realm)), "msgs")
	must(t, os.MkdirAll(msgs, 0o700))
	watch := guard.NewWatch(dir, natsd.LogAccount, jetstream.StreamName(realm))
	must(t, watch.Check())
	block := filepath.Join(msgs, "2.blk")
	must(t, os.WriteFile(block, make([]byte, 300), 0o600))
	must(t, watch.Check(), watch.Check())
	must(t, os.Truncate(block, 100))
	if err := watch.Check(); !errors.As(err, new(*eventstore.Fault)) {
		t.Errorf("got error %v, want a fault", err)
	}
}

func replaceNewest(t *testing.T, msgs string) {
	t.Helper()
	path := filepath.Join(msgs, "2.blk")
	data, err := os.ReadFile(path)
	must(t, err, os.WriteFile(path+".tmp", data, 0o600), os.Rename(path+".tmp", path))
}
