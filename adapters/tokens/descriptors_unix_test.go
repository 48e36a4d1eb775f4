//go:build unix

package tokens

import (
	"path/filepath"
	"testing"
	"time"

	"authledger/eventstore/childtest"
)

// TestCallersAreReadAgain checks that a process without free file descriptors admits callers
// again when descriptors are free, although the file has not changed since.
func TestCallersAreReadAgain(t *testing.T) { childtest.Run(t, callersAreReadAgain) }

func callersAreReadAgain(t *testing.T) {
	at := &clock{noon}
	path, table, key := filepath.Join(t.TempDir(), "callers.json"), NewTable(at.now), newKey(t)
	add(t, table, "portal", key)
	if err := WriteCallers(path, table.NATSCallers()); err != nil {
		t.Fatal(err)
	}
	file := OpenCallers(path, at.now)
	var without error
	childtest.LimitDescriptors(t, 0, func() { _, without = file.Holder(key) })
	if without == nil {
		t.Fatal("read the callers without a descriptor: got no error, want one")
	}
	at.at = noon.Add(time.Second)
	if c, err := file.Holder(key); err != nil || c.Name != "portal" {
		t.Errorf("caller after descriptors are free: got %+v, %v, want portal", c, err)
	}
}
