//go:build faults

package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nkeys"

	"authledger/access"
	"authledger/adapters/natsapi"
)

// ownServerMiB is a disk that a filler fills at once.
const ownServerMiB = 40

// TestFaultOwnServerDiskFull: a server of its own whose disk is full acknowledges nothing
// that it has not kept, and ends, so that it is started again; then it has all that it
// acknowledged, and takes more.
func TestFaultOwnServerDiskFull(t *testing.T) {
	wantRoot(t)
	disk := newTmpfs(t, ownServerMiB)
	key, err := nkeys.CreateUser()
	must(t, err)
	public, err := key.PublicKey()
	must(t, err)
	_, err = access.OpenTokens(filepath.Join(disk.dir, tokensName), time.Now).Add(access.Spec{Name: "gateway", Role: access.Gateway, NKey: public})
	must(t, err)
	node, err := access.MakeKey(filepath.Join(t.TempDir(), "node.nk"))
	must(t, err)
	address, err := unusedAddress()
	must(t, err)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	type ended struct {
		code int
		errs string
	}
	serve := func() <-chan ended {
		end := make(chan ended, 1)
		go func() {
			var out, errs bytes.Buffer
			code := run(ctx, []string{"nats", "serve", "--data", disk.dir, "--nats-listen", address, "--node-key", node}, strings.NewReader(""), &out, &errs, func(string) string { return "" })
			end <- ended{code, errs.String()}
		}()
		return end
	}
	end := serve()
	conn, err := nats.Connect("nats://"+address, nats.Nkey(public, key.Sign), nats.CustomInboxPrefix(natsapi.InboxPrefix("gateway")), nats.RetryOnFailedConnect(true), nats.MaxReconnects(-1), nats.ReconnectWait(50*time.Millisecond))
	must(t, err)
	defer conn.Close()
	js, err := jetstream.New(conn, jetstream.WithDefaultTimeout(time.Second))
	must(t, err)
	last := uint64(0) // that was acknowledged
	leaveOne := func() error {
		ack, err := js.Publish(ctx, natsapi.IntakeSubject(realmDefault, "gateway"), make([]byte, 64<<10))
		if err == nil {
			if ack.Sequence != last+1 {
				t.Errorf("number %d comes behind %d", ack.Sequence, last)
			}
			last = ack.Sequence
		}
		return err
	}
	until := func(says string, done func(error) bool) {
		t.Helper()
		for begun := time.Now(); !done(leaveOne()); {
			if time.Since(begun) > fullWithin {
				t.Fatal(says)
			}
		}
	}
	until("nothing is ever kept", func(err error) bool { return err == nil })
	filler := filepath.Join(disk.dir, "filler")
	_ = os.WriteFile(filler, make([]byte, ownServerMiB<<20), 0o600) // until there is no space
	until("a full disk keeps all", func(err error) bool { return err != nil })
	select {
	case e := <-end:
		if e.code != 1 || !strings.Contains(e.errs, "make space") {
			t.Errorf("exit %d, %s", e.code, e.errs)
		}
	case <-time.After(fullWithin):
		t.Fatal("it goes on, and keeps nothing")
	}
	must(t, os.Remove(filler))
	end = serve()
	until("with space nothing is kept", func(err error) bool { return err == nil })
	stop()
	if e := <-end; e.code != 0 {
		t.Errorf("exit %d, %s", e.code, e.errs)
	}
	disk.unmount()
	announce("full disk of a server of its own: it ended, and had all %d acknowledged when it started again", last)
}
