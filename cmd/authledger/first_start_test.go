package main

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"authledger/cmd/internal/node"
)

// TestFailedFirstStartLeavesALedger checks that the next start opens a directory after a start that
// failed with the ledger created. The test begins with the directory of a start that ended before it
// created the stream.
func TestFailedFirstStartLeavesALedger(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "ledger")
	mustDo(t, os.MkdirAll(filepath.Join(dir, node.LogDir, "jetstream", "$G", "streams"), 0o700))
	occupied, err := net.Listen("tcp", "127.0.0.1:0")
	mustDo(t, err)
	defer occupied.Close()
	code, output := runOn(t, dir,
		[]string{"serve", "--listen", "127.0.0.1:0", "--nats-listen", occupied.Addr().String()})
	if code != exitFailed || !strings.Contains(output, "address already in use") {
		t.Errorf("serve at a used address: got exit code %d, want %d: %s", code, exitFailed, output)
	}
	wantCode(t, exitDone, "accepted", dir, "do", "login.report", "user=alice", "outcome=succeeded")
}
