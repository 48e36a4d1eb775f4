//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"authledger/adapters/intake"
	"authledger/cmd/internal/node"
	"authledger/eventstore/natsd"
)

// refuseWithin bounds a command that must not wait for the writer of a FIFO.
const refuseWithin = time.Minute

// notRegular contains functions that create an entry that is not a regular file, by the kind of the
// entry.
var notRegular = map[string]func(path string) error{
	"directory":     func(path string) error { return os.Mkdir(path, 0o700) },
	"dangling link": func(path string) error { return os.Symlink("absent", path) },
	"FIFO":          func(path string) error { return syscall.Mkfifo(path, 0o600) },
}

// TestBlockThatIsNotRegular replaces a block by an entry that is not a regular file. Each command
// ends with exit code 1, changes no file, and succeeds after the block is restored.
func TestBlockThatIsNotRegular(t *testing.T) {
	commands := map[string][]string{
		"serve":  {"serve", "--listen", "127.0.0.1:0"},
		"verify": {"verify"}, "replay": {"replay"},
		"do": {"do", "login.report", "user=alice", "outcome=succeeded", "--id", "x"},
	}
	for kind, make := range notRegular {
		for command, args := range commands {
			t.Run(command+" "+kind, func(t *testing.T) {
				dir := newStoppedLedger(t)
				block := filepath.Join(natsd.StreamDir(filepath.Join(dir, node.LogDir), natsd.LogAccount,
					"LEDGER_"+realmDefault), "msgs", "1.blk")
				wantRefused(t, dir, block, make, args)
				if code, errs := runOn(t, dir, commands["do"]); code != exitDone {
					t.Errorf("do with the block restored: got exit code %d, want 0: %s", code, errs)
				}
				if code, errs := runOn(t, dir, commands["verify"]); code != exitDone {
					t.Errorf("verify with the block restored: got exit code %d, want 0: %s", code, errs)
				}
			})
		}
	}
}

// wantRefused replaces a file, runs a command that must end with exit code 1 and change
// nothing, and puts the file back.
func wantRefused(t *testing.T, dir, path string, make func(path string) error, args []string) {
	t.Helper()
	mustDo(t, errors.Join(os.Rename(path, path+".away"), make(path)))
	before := serverFiles(t, dir)
	ended := time.AfterFunc(refuseWithin, func() { panic("the command waits for " + path) })
	code, errs := runOn(t, dir, args)
	ended.Stop()
	if code != exitFailed || !strings.Contains(errs, filepath.Base(path)) {
		t.Errorf("%v: got exit code %d, want %d and a message that names %s: %s", args, code, exitFailed,
			filepath.Base(path), errs)
	}
	if after := serverFiles(t, dir); after != before {
		t.Errorf("files after %v: got\n%s\nwant\n%s", args, after, before)
	}
	mustDo(t, errors.Join(os.Remove(path), os.Rename(path+".away", path)))
}

// serverFiles describes the entries of the server's directory by path, kind and bytes.
func serverFiles(t *testing.T, dir string) string {
	t.Helper()
	var all strings.Builder
	mustDo(t,
		filepath.WalkDir(filepath.Join(dir, node.LogDir, "jetstream"),
			func(path string, e os.DirEntry, err error) error {
				if err != nil {
					return err
				}
				var data []byte
				if e.Type().IsRegular() {
					data, err = os.ReadFile(path)
				}
				fmt.Fprintln(&all, path, e.Type(), len(data), hashOf(data))
				return err
			}))
	return all.String()
}

// intakeMessages is the number of messages in each stream of the intake in these tests.
const intakeMessages = 20

// newStoppedIntake makes a ledger whose intake and dead letters hold messages.
func newStoppedIntake(t *testing.T) (dir string) {
	t.Helper()
	dir = newStoppedLedger(t)
	o := plainOptions(dir)
	o.NATS = new(node.NATSOptions)
	n, err := node.Open(t.Context(), o)
	mustDo(t, err)
	js := nodeJetStream(t, n)
	for _, name := range intakeStreams {
		subject := intakeSubject(t, js, name)
		for i := range intakeMessages {
			_, err := js.Publish(t.Context(), strings.Replace(subject, "*", fmt.Sprint(i+1), 1),
				fmt.Appendf(nil, `{"position":%d,"payload":""}`, i+1))
			mustDo(t, err)
		}
	}
	mustDo(t, n.Close())
	return dir
}

var intakeStreams = []string{intake.StreamName(realmDefault), intake.DeadLetterStreamName(realmDefault)}

func nodeJetStream(t *testing.T, n *node.Node) jetstream.JetStream {
	t.Helper()
	conn, err := nats.Connect("", nats.InProcessServer(n.LogServer), nats.UserInfo(natsd.NodeUser, ""))
	mustDo(t, err)
	t.Cleanup(conn.Close)
	js, err := jetstream.New(conn)
	mustDo(t, err)
	return js
}

func intakeSubject(t *testing.T, js jetstream.JetStream, name string) string {
	t.Helper()
	stream, err := js.Stream(t.Context(), name)
	mustDo(t, err)
	return stream.CachedInfo().Config.Subjects[0]
}

func intakeBlock(dir, stream string) string {
	files := natsd.StreamDir(filepath.Join(dir, node.LogDir), natsd.NodeAccount, stream)
	return filepath.Join(files, "msgs", "1.blk")
}

// TestIntakeFileThatIsNotRegular checks the same as TestBlockThatIsNotRegular for the blocks of the
// intake and of the dead letters.
func TestIntakeFileThatIsNotRegular(t *testing.T) {
	for _, stream := range intakeStreams {
		dir := newStoppedIntake(t)
		for kind, make := range notRegular {
			for _, name := range []string{"1.blk", "../meta.inf"} {
				t.Run(stream+" "+kind+" "+filepath.Base(name), func(t *testing.T) {
					wantRefused(t, dir, filepath.Join(filepath.Dir(intakeBlock(dir, stream)), name), make,
						[]string{"dlq", "ls"})
					wantIntake(t, dir)
				})
			}
		}
	}
}

// TestDamagedIntakeKeepsEveryByte damages a block of the intake and of the dead letters
// without index.db: the server would truncate the block.
func TestDamagedIntakeKeepsEveryByte(t *testing.T) {
	for _, stream := range intakeStreams {
		t.Run(stream, func(t *testing.T) {
			dir := newStoppedIntake(t)
			block := intakeBlock(dir, stream)
			mustDo(t, os.Remove(filepath.Join(filepath.Dir(block), "index.db")))
			flipAt(t, block, 200)
			before := serverFiles(t, dir)
			code, errs := runOn(t, dir, []string{"dlq", "ls"})
			if code != exitFault || !strings.Contains(errs, block) {
				t.Errorf("got exit code %d, want %d and a message that names %s: %s", code, exitFault, block, errs)
			}
			if after := serverFiles(t, dir); after != before {
				t.Errorf("files after the command: got\n%s\nwant\n%s", after, before)
			}
			flipAt(t, block, 200)
			wantIntake(t, dir)
		})
	}
}

func flipAt(t *testing.T, path string, at int) {
	t.Helper()
	data, err := os.ReadFile(path)
	mustDo(t, err)
	data[at] ^= 1
	mustDo(t, os.WriteFile(path, data, 0o600))
}

// wantIntake checks that the streams contain every message and every dead letter.
func wantIntake(t *testing.T, dir string) {
	t.Helper()
	o := plainOptions(dir)
	o.NATS = new(node.NATSOptions)
	n, err := node.Open(t.Context(), o)
	mustDo(t, err)
	js := nodeJetStream(t, n)
	for _, name := range intakeStreams {
		stream, err := js.Stream(context.WithoutCancel(t.Context()), name)
		mustDo(t, err)
		if got := stream.CachedInfo().State.Msgs; got != intakeMessages {
			t.Errorf("stream %s: got %d messages, want %d", name, got, intakeMessages)
		}
	}
	mustDo(t, n.Close())
}
