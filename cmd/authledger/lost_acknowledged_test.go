package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"authledger/adapters/tokens/tokenstest"
	"authledger/cmd/internal/node"
	"authledger/domain/access"
	"authledger/eventstore/natsd"
)

const (
	lossSenders = 4
	lossAfter   = 60          // acknowledged commands before the loss
	lossWithin  = time.Minute // maximum time in which a node must stop, on a loaded machine
)

// TestNothingIsAcknowledgedAfterALoss sends commands to a node in a process of its own
// while the test removes files of the log. A command that a sender submits after the loss gets no
// verdict, the node ends with exit code 3, and the log holds every acknowledged command up
// to the loss.
func TestNothingIsAcknowledgedAfterALoss(t *testing.T) {
	for name, take := range map[string]func(t *testing.T, block string){
		"half of the newest block": func(t *testing.T, block string) {
			info, err := os.Stat(block)
			mustDo(t, err)
			mustDo(t, os.Truncate(block, info.Size()/2))
		},
		"newest block": func(t *testing.T, block string) { mustDo(t, os.Remove(block)) },
		"stream": func(t *testing.T, block string) {
			mustDo(t, os.RemoveAll(filepath.Dir(filepath.Dir(block))))
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := newStoppedLedger(t)
			texts, err := tokenstest.WriteLegacy(filepath.Join(dir, "tokens.json"), time.Now(),
				tokenstest.Spec{Name: "portal", Role: access.Gateway, Source: "gateway/portal"})
			mustDo(t, err)
			token := texts[0]
			process := startNode(t, dir)
			s := &lossSender{url: process.url + "/v1/commands", token: token, enough: make(chan struct{})}
			block := filepath.Join(natsd.StreamDir(filepath.Join(dir, node.LogDir), natsd.LogAccount,
				"LEDGER_"+realmDefault), "msgs", "1.blk")
			kept := linkStream(t, filepath.Dir(filepath.Dir(block)))
			ctx, cancel := context.WithTimeout(t.Context(), lossWithin)
			defer cancel()
			var senders sync.WaitGroup
			for i := range lossSenders {
				senders.Go(func() { s.send(ctx, fmt.Sprint(i)) })
			}
			select {
			case <-s.enough:
			case <-ctx.Done():
				t.Fatalf("timed out: got %d acknowledged commands, want %d", len(s.acked), lossAfter)
			}
			take(t, block)
			s.lost()
			process.wantExit(t, exitFault)
			senders.Wait()
			restoreStream(t, block, kept)
			s.check(t, dir)
		})
	}
}

// nodeProcess is `authledger serve` in a process of its own.
type nodeProcess struct {
	url    string
	ended  chan struct{} // closed when the process has ended
	cmd    *exec.Cmd
	stderr bytes.Buffer // complete when it has ended
}

func startNode(t *testing.T, dir string, flags ...string) *nodeProcess {
	t.Helper()
	address, err := node.UnusedAddress()
	mustDo(t, err)
	n := &nodeProcess{url: "http://" + address, ended: make(chan struct{})}
	arguments := append([]string{"--data", dir, "serve", "--listen", address}, flags...)
	n.cmd = programCommand(t.Context(), arguments...)
	n.cmd.Stderr = &n.stderr
	mustDo(t, n.cmd.Start())
	go func() {
		_ = n.cmd.Wait() // the exit code is in ProcessState
		close(n.ended)
	}()
	t.Cleanup(func() { n.cmd.Process.Kill(); <-n.ended })
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.After(lossWithin); ; {
		if body, err := get(t.Context(), n.url+"/readyz"); err == nil &&
			bytes.Contains(body, []byte(`"ready":true`)) {
			return n
		}
		select {
		case <-tick.C:
		case <-n.ended:
			t.Fatalf("start of the node: got an ended process, want a ready node: %s", &n.stderr)
		case <-deadline:
			t.Fatalf("timed out after %v: got a node that is not ready, want a ready node", lossWithin)
		}
	}
}

// programCommand is the program in a process of its own: TestMain runs main under this name.
func programCommand(ctx context.Context, args ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, os.Args[0])
	c.Args = append([]string{"authledger"}, args...)
	return c
}

func (n *nodeProcess) wantExit(t *testing.T, code int) {
	t.Helper()
	select {
	case <-n.ended:
	case <-time.After(lossWithin):
		t.Fatalf("timed out %v after the loss: got a running node, want exit code %d", lossWithin, code)
	}
	if got := n.cmd.ProcessState.ExitCode(); got != code {
		t.Errorf("node after the loss: got exit code %d, want %d: %s", got, code, &n.stderr)
	}
}

// lossSender sends commands and stores the ids of the acknowledged ones. It is safe for concurrent
// use.
type lossSender struct {
	url, token string
	enough     chan struct{} // closed after lossAfter acknowledged commands

	mu      sync.Mutex
	acked   map[uint64]string // ids by seq
	isLost  bool
	tooLate []string // ids of commands that were sent after the loss and acknowledged
}

func (s *lossSender) lost() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.isLost = true
}

// send sends one command after another until the node no longer responds.
func (s *lossSender) send(ctx context.Context, sender string) {
	for i := 0; ctx.Err() == nil; i++ {
		s.mu.Lock()
		afterLoss := s.isLost
		s.mu.Unlock()
		id := fmt.Sprintf("%s-%d", sender, i)
		seq, err := s.one(ctx, id)
		if err != nil {
			return
		}
		s.keep(seq, id, afterLoss)
	}
}

// keep stores an acknowledged command. It ignores a command without a verdict, whose seq is 0.
func (s *lossSender) keep(seq uint64, id string, afterLoss bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if seq == 0 {
		return
	}
	if s.acked == nil {
		s.acked = make(map[uint64]string)
	}
	s.acked[seq] = id
	if len(s.acked) == lossAfter {
		close(s.enough)
	}
	if afterLoss {
		s.tooLate = append(s.tooLate, id)
	}
}

// one sends a command and returns the position of its record, 0 without a verdict.
func (s *lossSender) one(ctx context.Context, id string) (seq uint64, err error) {
	body := fmt.Sprintf(`{"specversion":"1.0","id":%q,"source":"gateway/portal","type":"login.report",`+
		`"time":%q,"data":{"user":"u%s","outcome":"succeeded"}}`, id, time.Now().UTC().Format(time.RFC3339Nano), id)
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url, strings.NewReader(body))
	if err != nil {
		return 0, err
	}
	r.Header.Set("Content-Type", "application/cloudevents+json")
	r.Header.Set("Authorization", "Bearer "+s.token)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	var v struct{ Seq uint64 }
	err = json.NewDecoder(answer.Body).Decode(&v)
	return v.Seq, err
}

// linkStream creates hard links to the files of a stream. The links keep the bytes that the server
// writes to a file after the test has removed the file's original name.
func linkStream(t *testing.T, stream string) (kept string) {
	t.Helper()
	kept = filepath.Join(t.TempDir(), "kept")
	mustDo(t, os.MkdirAll(filepath.Join(kept, "msgs"), 0o700))
	for _, name := range []string{"meta.inf", "meta.sum", filepath.Join("msgs", "1.blk")} {
		mustDo(t, os.Link(filepath.Join(stream, name), filepath.Join(kept, name)))
	}
	return kept
}

// restoreStream restores the files of the stream from the links if the test removed the block.
func restoreStream(t *testing.T, block, kept string) {
	t.Helper()
	if _, err := os.Stat(block); err == nil {
		return
	}
	stream := filepath.Dir(filepath.Dir(block))
	mustDo(t, os.RemoveAll(stream))
	mustDo(t, os.MkdirAll(filepath.Dir(stream), 0o700))
	mustDo(t, os.Rename(kept, stream))
}

// check compares the acknowledged commands with the log.
func (s *lossSender) check(t *testing.T, dir string) {
	t.Helper()
	if len(s.tooLate) > 0 {
		t.Errorf("commands sent after the loss: got acknowledged %q, want none", s.tooLate)
	}
	recorded := recordedIDs(t, dir)
	for seq, id := range s.acked {
		if is, ok := recorded[seq]; ok && is != id {
			t.Errorf("record %d: got command %q, want %q", seq, is, id)
		} else if !ok && seq <= uint64(len(recorded)) {
			t.Errorf("record %d of %d: got no record of the acknowledged command %q, want one", seq, len(recorded), id)
		}
	}
}

// recordedIDs returns the command ids of the records before the first damaged record, by position.
func recordedIDs(t *testing.T, dir string) map[uint64]string {
	t.Helper()
	var out bytes.Buffer
	c := programCommand(t.Context(), "--data", dir, "replay")
	c.Stdout = &out
	_ = c.Run() // it ends at the damage
	ids := make(map[uint64]string)
	for lines := bufio.NewScanner(&out); lines.Scan(); {
		var r struct {
			Seq     uint64
			Command struct{ ID string }
		}
		mustDo(t, json.Unmarshal(lines.Bytes(), &r))
		ids[r.Seq] = r.Command.ID
	}
	return ids
}
