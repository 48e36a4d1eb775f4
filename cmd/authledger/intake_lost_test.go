package main

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"authledger/adapters/intake"
	"authledger/cmd/internal/node"
	"authledger/eventstore"
	"authledger/eventstore/natsd"
)

// wantLost waits until the node reports a fault of its intake that contains message.
func (s *overNATS) wantLost(t *testing.T, message string) {
	t.Helper()
	select {
	case err := <-s.IntakeFailed():
		wantLost(t, err, message)
	case <-time.After(natsTimeout):
		t.Fatalf("timed out: got no fault of the intake, want %q", message)
	}
}

// stopAfterDeletion stops the node after the deletion of a stream, which the ledger may have noticed, too.
func (s *overNATS) stopAfterDeletion(t *testing.T) {
	t.Helper()
	err := errors.Join(s.edge.Shutdown(), s.Close())
	if err != nil && !strings.Contains(err.Error(), "was deleted or replaced while the node ran") {
		t.Error(err)
	}
	s.Node = nil
}

func wantLost(t *testing.T, err error, message string) {
	t.Helper()
	if !errors.As(err, new(*eventstore.Fault)) || !strings.Contains(err.Error(), message) ||
		!strings.Contains(err.Error(), "--accept-lost-intake") {
		t.Fatalf("got %v, want a fault that contains %q and names the flag", err, message)
	}
}

// publishAt publishes a command to the intake at address, and waits for its record.
func (s *overNATS) publishAt(t *testing.T, address, id string, records uint64) {
	t.Helper()
	c := s.connectAt(t, "gateway", address)
	defer c.Close()
	c.mustPublish(t,
		intakeMessage("gateway", id, "login.report", time.Now(), `{"user":"alice","outcome":"succeeded"}`))
	s.until(t, records)
}

// wantStoredPosition waits until the identity file holds the last position of the intake stream.
func (s *overNATS) wantStoredPosition(t *testing.T, last uint64) {
	t.Helper()
	s.wantStoredLast(t, intake.StreamName(realmDefault), last)
}

// wantStoredLast waits until the identity file holds the last position of a stream of a separate server.
func (s *overNATS) wantStoredLast(t *testing.T, stream string, last uint64) {
	t.Helper()
	for begun := time.Now(); ; {
		var stored struct {
			External map[string]struct{ Last uint64 }
		}
		text, err := os.ReadFile(filepath.Join(s.dir, node.IntakeName))
		if err == nil && json.Unmarshal(text, &stored) == nil && stored.External[stream].Last == last {
			return
		}
		if time.Since(begun) > natsTimeout {
			t.Fatalf("%s: got %s, %v, want position %d of %s", node.IntakeName, text, err, last, stream)
		}
	}
}

// empty deletes all files of the server's store while the server is stopped.
func (o *ownServer) empty(t *testing.T) {
	t.Helper()
	o.stop()
	if err := os.RemoveAll(o.config.Dir); err != nil {
		t.Fatal(err)
	}
	o.start(t)
}

// TestIntakeLost_EmptiedStore checks that an emptied store of a separate NATS server is a fault,
// for a node that starts and for a running node, until the operator accepts the loss once.
func TestIntakeLost_EmptiedStore(t *testing.T) {
	s := serveOverNATS(t)
	own := s.natsOwn(t)
	open := func(accept bool) {
		t.Helper()
		o := own.options()
		o.AcceptLost = accept
		s.restart(t, node.Options{Log: quietLog, NATS: o})
	}
	open(false)
	s.publishAt(t, own.address, "e-1", 1)
	s.wantStoredPosition(t, 1)
	if at, err := os.Stat(filepath.Join(s.dir, node.IntakeName)); err != nil || at.Mode().Perm() != 0o600 {
		t.Errorf("%s: got %v, %v, want mode 0600", node.IntakeName, at.Mode(), err)
	}

	s.stop(t)
	own.empty(t)
	open(false)
	s.wantLost(t, "was created at")

	open(true)
	s.publishAt(t, own.address, "e-2", 2)
	open(false) // the node has stored the identity of the new store
	s.publishAt(t, own.address, "e-3", 3)

	own.empty(t)
	s.wantLost(t, "was created at")
}

// TestIntakeLost_OldBackup checks that a store that was restored from an old backup is a fault,
// because it ends before the stored position.
func TestIntakeLost_OldBackup(t *testing.T) {
	s := serveOverNATS(t)
	own := s.natsOwn(t)
	s.restart(t, node.Options{Log: quietLog, NATS: own.options()})
	s.publishAt(t, own.address, "e-1", 1)
	s.wantStoredPosition(t, 1)
	s.stop(t)
	own.stop()
	backup := t.TempDir()
	if err := os.CopyFS(backup, os.DirFS(own.config.Dir)); err != nil {
		t.Fatal(err)
	}
	own.start(t)
	s.start(t, node.Options{Log: quietLog, NATS: own.options()})
	s.publishAt(t, own.address, "e-2", 2)
	s.wantStoredPosition(t, 2)
	s.stop(t)
	own.stop()
	err := errors.Join(os.RemoveAll(own.config.Dir), os.CopyFS(own.config.Dir, os.DirFS(backup)))
	if err != nil {
		t.Fatal(err)
	}
	own.start(t)
	s.start(t, node.Options{Log: quietLog, NATS: own.options()})
	s.wantLost(t, "ends at position 1; its last known position is 2")
}

// TestIntakeLost_OldDeadLetters checks that a stream of dead letters that alone was restored from an
// old backup is a fault.
func TestIntakeLost_OldDeadLetters(t *testing.T) {
	s := serveOverNATS(t)
	own := s.natsOwn(t)
	stream := intake.DeadLetterStreamName(realmDefault)
	path, backup := natsd.StreamDir(own.config.Dir, natsd.NodeAccount, stream), t.TempDir()
	s.stop(t)
	for n := 1; n <= 2; n++ {
		s.start(t, node.Options{Log: quietLog, NATS: own.options()})
		s.connectAt(t, "gateway", own.address).mustPublish(t, invalidMessage("gateway", n))
		s.wantStoredLast(t, stream, uint64(n))
		s.stop(t)
		own.stop()
		if n == 1 {
			mustDo(t, os.CopyFS(backup, os.DirFS(path)))
			own.start(t)
		}
	}
	mustDo(t, errors.Join(os.RemoveAll(path), os.CopyFS(path, os.DirFS(backup))))
	own.start(t)
	s.start(t, node.Options{Log: quietLog, NATS: own.options()})
	s.wantLost(t, "the stream "+stream+" of the NATS server ends at position 1; its last known position is 2")
}

// TestIntakeLost_MissingStream checks that a missing stream of messages or of dead letters is a
// fault, also in the embedded server, and that the node does not create a new one.
func TestIntakeLost_MissingStream(t *testing.T) {
	for _, name := range []string{intake.DeadLetterStreamName(realmDefault), intake.StreamName(realmDefault)} {
		t.Run(name, func(t *testing.T) {
			s := serveOverNATS(t)
			js, err := jetstream.New(s.inside(t).Conn, jetstream.WithDefaultTimeout(natsTimeout))
			if err == nil {
				err = js.DeleteStream(t.Context(), name)
			}
			if err != nil {
				t.Fatal(err)
			}
			s.wantLost(t, "the stream "+name+" is missing")
			if _, err := js.Stream(t.Context(), name); !errors.Is(err, jetstream.ErrStreamNotFound) {
				t.Errorf("stream %s after the fault: got %v, want %v", name, err, jetstream.ErrStreamNotFound)
			}
			s.stopAfterDeletion(t)
			_, err = node.Open(t.Context(),
				node.Options{Dir: s.dir, Realm: realmDefault, Name: nodeDefault, Log: quietLog,
					Tokens: s.tokens.Table, NATS: &node.NATSOptions{Listen: "127.0.0.1:0"}})
			wantLost(t, err, "the stream "+name+" is missing")
		})
	}
}

// TestIntakeLost_WhileTheNodeRuns moves the directory of a stream of the intake away from a running node.
// The server of the node does not notice that, so the node MUST end with exit code 3. The next start
// with --accept-lost-intake accepts the loss, and a start after it needs no flag.
func TestIntakeLost_WhileTheNodeRuns(t *testing.T) {
	for _, stream := range []string{intake.StreamName(realmDefault), intake.DeadLetterStreamName(realmDefault)} {
		t.Run(stream, func(t *testing.T) {
			dir := newStoppedLedger(t)
			address, err := node.UnusedAddress()
			mustDo(t, err)
			process := startNode(t, dir, "--nats-listen", address)
			path := natsd.StreamDir(filepath.Join(dir, node.LogDir), natsd.NodeAccount, stream)
			mustDo(t, os.Rename(path, filepath.Join(t.TempDir(), stream)))
			process.wantExit(t, exitFault)
			if errs := process.stderr.String(); !strings.Contains(errs, path+" was deleted or replaced") {
				t.Errorf("got %s, want the deleted directory %s", errs, path)
			}
			for _, flags := range [][]string{{"--accept-lost-intake"}, nil} {
				process = startNode(t, dir, append(flags, "--nats-listen", address)...)
				mustDo(t, process.cmd.Process.Kill())
				<-process.ended
			}
		})
	}
}
