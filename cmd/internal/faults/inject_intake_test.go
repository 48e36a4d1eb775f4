//go:build faults

package faults

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"authledger/adapters/intake"
	"authledger/adapters/natsconn"
	"authledger/cmd/internal/node"
	"authledger/eventstore/natsd"
)

const (
	injectWaiting = 100 // messages that wait in the intake
	injectLetters = 100 // dead letters
	injectMinNATS = 20  // cases in which the system reported an error for a block of the intake
)

// TestFaultInjectIntake has the system report EACCES, EIO, EMFILE or ENOMEM when a node opens or reads a
// block of the intake or of the dead letters. Each message must still be in one of these streams
// afterwards: the caller of the waiting messages has no token, so that each becomes a dead letter.
func TestFaultInjectIntake(t *testing.T) {
	wantStrace(t)
	program, base := program(t), filepath.Join(fastDir(t), "base")
	must(t, withFaultNode(base, func(context.Context, *node.Node) error { return nil }))
	must(t, serveIntake(t.Context(), program, base)) // creates the streams
	must(t, withIntakeStreams(base, publishWaiting("letter-", injectLetters)))
	must(t, drainIntake(t.Context(), program, base, injectLetters))
	must(t, withIntakeStreams(base, publishWaiting("waiting-", injectWaiting)))
	tryInjections(t, base, intakeInjections(t, program, base), injectMinNATS)
}

// intakeInjections returns the combinations of stream, call and error. The state of index.db and the
// failing calls alternate.
func intakeInjections(t *testing.T, program, base string) (all []injection) {
	t.Helper()
	whens := []string{"", "2", "3", "4+"}
	for s, stream := range intakeStreams() {
		block := intakeBlock(t, base, stream)
		for c, call := range []string{"open", "read"} {
			for e, errno := range injectErrors {
				for _, w := range []int{0, 1 + (s+c+e)%3} {
					all = append(all, injection{program: program, command: "serve", index: (w+c+e)%2 == 0,
						file: block, call: call, errno: errno, when: whens[w], flags: intakeFlags(),
						later: checkIntake, keeps: outsideIntake})
				}
			}
		}
	}
	return all
}

func intakeStreams() []string {
	return []string{intake.StreamName(realmDefault), intake.DeadLetterStreamName(realmDefault)}
}

func intakeFlags() []string { return []string{"--nats-listen", "127.0.0.1:0"} }

// outsideIntake reports whether a file does not belong to the intake, which removes a message that has a
// verdict or a dead letter. The name of the file is relative to the directory of the server.
func outsideIntake(name string) bool {
	return !strings.Contains(name, intake.StreamName(realmDefault)) && !strings.HasSuffix(name, ".db")
}

// intakeBlock returns the newest block of a stream in base, as a function of the directory of a copy.
func intakeBlock(t *testing.T, base, stream string) func(dir string) string {
	t.Helper()
	msgs := filepath.Join(natsd.StreamDir(node.LogDir, natsd.NodeAccount, stream), "msgs")
	newest := ""
	entries, err := os.ReadDir(filepath.Join(base, msgs))
	must(t, err)
	for _, e := range entries {
		if name := e.Name(); strings.HasSuffix(name, ".blk") &&
			(len(name) > len(newest) || len(name) == len(newest) && name > newest) {
			newest = name
		}
	}
	if newest == "" {
		t.Fatalf("%s: got no block, want one", msgs)
	}
	return func(dir string) string { return filepath.Join(dir, msgs, newest) }
}

// checkIntake runs a node without the error, and checks that the two streams hold each message.
func checkIntake(program, dir string) error {
	ctx, cancel := context.WithTimeout(context.Background(), injectWithin)
	defer cancel()
	if err := serveIntake(ctx, program, dir); err != nil {
		return fmt.Errorf("serve, without the error: %w", err)
	}
	return withIntakeStreams(dir, func(ctx context.Context, js jetstream.JetStream) error {
		// A message can be in both streams after a crash between its dead letter and its removal.
		found := make(map[string]bool)
		for _, stream := range intakeStreams() {
			if err := addIDs(ctx, js, stream, found); err != nil {
				return err
			}
		}
		if want := injectWaiting + injectLetters; len(found) != want {
			return fmt.Errorf("without the error: got %d messages in the two streams, want all %d", len(found), want)
		}
		return nil
	})
}

// serveIntake runs a node with an intake until it is ready.
func serveIntake(ctx context.Context, program, dir string) error {
	c := injectCommand(ctx, program, "serve", dir)
	c.Args = append(c.Args, intakeFlags()...)
	out := &readyOutput{then: func() error { return c.Process.Signal(syscall.SIGTERM) }}
	c.Stderr = out
	if err := c.Run(); err != nil && !errors.As(err, new(*exec.ExitError)) {
		return err
	}
	if code := c.ProcessState.ExitCode(); code != exitDone || !out.sent {
		return fmt.Errorf("got exit code %d, want a ready node that stops cleanly:\n%s", code, out.text.String())
	}
	return nil
}

// drainIntake runs a node until it has made a dead letter of each of the messages in the intake.
func drainIntake(ctx context.Context, program, dir string, messages int) error {
	ctx, cancel := context.WithTimeout(ctx, injectWithin)
	defer cancel()
	serve := injectCommand(ctx, program, "serve", dir)
	serve.Args = append(serve.Args, intakeFlags()...)
	ready, ended := make(chan struct{}), make(chan error, 1)
	log := &readyOutput{then: func() error { close(ready); return nil }}
	serve.Stderr = log
	if err := serve.Start(); err != nil {
		return err
	}
	go func() { ended <- serve.Wait() }()
	select { // a list before this would open the directory itself, and the node would find it in use
	case <-ready:
	case err := <-ended:
		return fmt.Errorf("serve: got an ended process, want a ready node: %w\n%s", err, &log.text)
	}
	var out []byte
	var err error
	isDrained := poll(ctx, func() bool {
		list := exec.CommandContext(ctx, program, "dlq", "ls", "--data", dir, "--limit", fmt.Sprint(messages),
			"--json")
		list.Env = programEnv()
		if out, err = list.Output(); err != nil {
			return false
		}
		var letters struct{ Items []json.RawMessage }
		err = json.Unmarshal(out, &letters)
		return err == nil && len(letters.Items) == messages
	})
	if !isDrained {
		err = fmt.Errorf("got fewer dead letters than %d: %s: %w", messages, out, errors.Join(err, ctx.Err()))
	}
	return errors.Join(err, serve.Process.Signal(syscall.SIGTERM), <-ended)
}

// withIntakeStreams opens the streams of a stopped node with a server of their own.
func withIntakeStreams(dir string, use func(context.Context, jetstream.JetStream) error) (err error) {
	ctx, cancel := context.WithTimeout(context.Background(), injectWithin)
	defer cancel()
	server, err := natsd.Start(ctx, natsd.Config{Dir: filepath.Join(dir, node.LogDir), NodeAccount: true,
		Log: faultNode(dir).Log})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Stop()) }()
	conn, err := nats.Connect("", nats.InProcessServer(server), nats.UserInfo(natsd.NodeUser, ""))
	if err != nil {
		return err
	}
	defer conn.Close()
	js, err := jetstream.New(conn)
	if err != nil {
		return err
	}
	return use(ctx, js)
}

// publishWaiting stores messages of a caller without a token, as the admission does.
func publishWaiting(ids string, messages int) func(context.Context, jetstream.JetStream) error {
	return func(ctx context.Context, js jetstream.JetStream) error {
		for i := range messages {
			m := intakeMessage("gw", fmt.Sprint(ids, i), "login.report", time.Now(),
				`{"user":"alice","outcome":"succeeded"}`)
			m.Subject = natsconn.StoredSubject(realmDefault, "gw")
			if _, err := js.PublishMsg(ctx, m); err != nil {
				return err
			}
		}
		return nil
	}
}

// addIDs adds the ids of the commands in a stream to found. A dead letter contains the headers of its
// message.
func addIDs(ctx context.Context, js jetstream.JetStream, stream string, found map[string]bool) error {
	s, err := js.Stream(ctx, stream)
	if err != nil {
		return err
	}
	for i := range s.CachedInfo().State.Msgs {
		m, err := s.GetMsg(ctx, s.CachedInfo().State.FirstSeq+i)
		if err != nil {
			return fmt.Errorf("message %d of %s: %w", i, stream, err)
		}
		text := m.Header.Get("ce-id") + string(m.Data)
		id := injectID.FindString(text)
		if id == "" {
			return fmt.Errorf("message %d of %s: got no id: %s", i, stream, text)
		}
		found[id] = true
	}
	return nil
}

var injectID = regexp.MustCompile(`(letter|waiting)-[0-9]+`)
