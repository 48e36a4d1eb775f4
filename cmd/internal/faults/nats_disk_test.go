//go:build faults

package faults

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nkeys"

	"authledger/adapters/natsconn"
	"authledger/adapters/tokens"
	"authledger/domain/access"
)

// ownServerMiB is the size of a disk that a filler fills at once.
const ownServerMiB = 40

// TestFaultOwnServerDiskFull checks that a NATS server in its own process with a full disk
// acknowledges no message that it has not stored, and ends. After a restart with free
// space the server has every acknowledged message, and accepts more.
func TestFaultOwnServerDiskFull(t *testing.T) {
	wantRoot(t)
	disk := newTmpfs(t, ownServerMiB)
	key, err := nkeys.CreateUser()
	must(t, err)
	public, err := key.PublicKey()
	must(t, err)
	must(t, tokens.WriteCallers(filepath.Join(disk.dir, "callers.json"), []tokens.NATSCaller{{
		Name: "gateway", Role: access.Gateway, Source: "gateway/gateway", Made: time.Now(),
		Expires: time.Now().Add(time.Hour), Rate: access.RateDefault, NKey: public,
	}}))
	node, err := tokens.MakeKey(filepath.Join(t.TempDir(), "node.nk"))
	must(t, err)
	address := freeAddress(t)
	serve := func() *child {
		return startProgram(t, "nats", "serve", "--data", disk.dir, "--nats-listen", address, "--node-key", node)
	}
	server := serve()
	conn, err := nats.Connect("nats://"+address, nats.Nkey(public, key.Sign),
		nats.CustomInboxPrefix(natsconn.InboxPrefix("gateway")), nats.RetryOnFailedConnect(true),
		nats.MaxReconnects(-1), nats.ReconnectWait(50*time.Millisecond))
	must(t, err)
	defer conn.Close()
	js, err := jetstream.New(conn, jetstream.WithDefaultTimeout(time.Second))
	must(t, err)
	last := uint64(0) // the newest acknowledged message
	publishOne := func() error {
		ack, err := js.Publish(t.Context(), natsconn.IntakeSubject(realmDefault, "gateway"), make([]byte, 64<<10))
		if err == nil {
			if ack.Sequence != last+1 {
				t.Errorf("acknowledged message: got %d, want %d", ack.Sequence, last+1)
			}
			last = ack.Sequence
		}
		return err
	}
	until := func(failure string, done func(error) bool) {
		t.Helper()
		for begun := time.Now(); !done(publishOne()); {
			if time.Since(begun) > fullWithin {
				t.Fatalf("timed out after %v: %s", fullWithin, failure)
			}
		}
	}
	until("the server stores no message", func(err error) bool { return err == nil })
	filler := filepath.Join(disk.dir, "filler")
	_ = os.WriteFile(filler, make([]byte, ownServerMiB<<20), 0o600) // fails when no space is left
	until("the server stores messages on a full disk", func(err error) bool { return err != nil })
	select {
	case <-server.ended:
		code, errs := server.exitCode(), server.errors()
		if code != exitFailed || !strings.Contains(errs, "free space") {
			t.Errorf("server on a full disk: got exit code %d and %q, want %d and what to do", code, errs, exitFailed)
		}
	case <-time.After(fullWithin):
		t.Fatalf("server on a full disk after %v: got a running process, want an end", fullWithin)
	}
	must(t, os.Remove(filler))
	server = serve()
	until("the server stores nothing on a disk with space", func(err error) bool { return err == nil })
	must(t, server.cmd.Process.Signal(syscall.SIGTERM))
	<-server.ended
	if code := server.exitCode(); code != exitDone {
		t.Errorf("after SIGTERM: got exit code %d, want 0: %s", code, server.errors())
	}
	disk.unmount()
	announce("full disk of a server of its own: it ended, and had all %d acknowledged when it started again",
		last)
}
