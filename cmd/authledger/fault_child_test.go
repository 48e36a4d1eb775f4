//go:build faults

package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"
)

// The test binary is its own child: a variable names the part to play. It is
// read in init, so that a TestMain in another file knows nothing of it.
const (
	childRoleName   = "AUTHLEDGER_FAULT_ROLE"
	childConfigName = "AUTHLEDGER_FAULT_CONFIG"
	childOutFD      = 3
)

func init() {
	role := os.Getenv(childRoleName)
	if role == "" {
		return
	}
	os.Exit(playChild(role, []byte(os.Getenv(childConfigName))))
}

func playChild(role string, config []byte) int {
	out := &childOut{file: os.NewFile(childOutFD, "out")}
	var play func(*childOut) int
	switch role {
	case "load":
		play = childOf(config, (*loadChild).play)
	case "damage":
		play = childOf(config, (*damageChild).play)
	case "withdraw":
		play = childOf(config, (*withdrawChild).play)
	case "cli":
		play = childOf(config, (*cliChild).play)
	default:
		return exitUsage
	}
	out.tell(wordBegun, nil)
	return play(out)
}

// wordBegun is the first word of every child.
const wordBegun = "begun"

func childOf[T any](config []byte, play func(*T, *childOut) int) func(*childOut) int {
	return func(out *childOut) int {
		c := new(T)
		if err := json.Unmarshal(config, c); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return exitUsage
		}
		return play(c, out)
	}
}

// dieWithParent ends the process when nobody holds the other end of in.
func dieWithParent(in io.Reader) {
	go func() {
		io.Copy(io.Discard, in) // any end of it will do
		os.Exit(exitFailed)
	}()
}

// childOut is the pipe to the parent. What is in it outlives the child. It is
// safe for concurrent use.
type childOut struct {
	mu   sync.Mutex
	file *os.File
}

// tell writes one line: a word that says what it is, and the rest. A pipe takes
// up to 4 KiB whole, so that a SIGKILL leaves no half line.
func (o *childOut) tell(word string, rest []byte) {
	line := append(append(append([]byte(word), ' '), rest...), '\n')
	o.mu.Lock()
	defer o.mu.Unlock()
	o.file.Write(line)
}

func (o *childOut) tellf(word, format string, args ...any) {
	text := bytes.ReplaceAll(fmt.Appendf(nil, format, args...), []byte{'\n'}, []byte{' '})
	o.tell(word, text[:min(len(text), 3500)])
}

// child is a process that was started, and what it says.
type child struct {
	cmd    *exec.Cmd
	in     io.WriteCloser
	lines  chan childLine // closed when it has ended and all is read
	stderr *bytes.Buffer
	ended  chan struct{}
}

type childLine struct {
	word string
	rest []byte
}

// startChild starts a child. It ends with the test at the latest.
func startChild(t *testing.T, role string, config any) *child {
	t.Helper()
	text, err := json.Marshal(config)
	must(t, err)
	r, w, err := os.Pipe()
	must(t, err)
	c := &child{cmd: exec.Command(os.Args[0]), lines: make(chan childLine, 1<<16), stderr: new(bytes.Buffer), ended: make(chan struct{})}
	c.cmd.Env = append(os.Environ(), childRoleName+"="+role, childConfigName+"="+string(text))
	c.cmd.ExtraFiles = []*os.File{w}
	c.cmd.Stderr = c.stderr
	c.in, err = c.cmd.StdinPipe()
	must(t, err)
	must(t, c.cmd.Start())
	must(t, w.Close())
	go c.read(r)
	t.Cleanup(c.end)
	return c
}

func (c *child) read(r *os.File) {
	defer close(c.lines)
	defer close(c.ended)
	defer c.cmd.Wait() // how it ended is in ProcessState
	defer r.Close()
	in := bufio.NewReaderSize(r, 1<<16)
	for {
		line, err := in.ReadBytes('\n')
		if err != nil {
			return
		}
		word, rest, _ := bytes.Cut(bytes.TrimSuffix(line, []byte{'\n'}), []byte{' '})
		c.lines <- childLine{string(word), rest}
	}
}

// kill ends the child as kill -9 does. What it has said can still be read.
func (c *child) kill() { c.cmd.Process.Kill() }

// end kills the child and waits until it is gone.
func (c *child) end() {
	c.kill()
	for range c.lines { // whoever wanted them has read them
	}
}

// next returns the child's next line, false when it has ended or time is up.
func (c *child) next(deadline <-chan time.Time) (childLine, bool) {
	select {
	case l, ok := <-c.lines:
		return l, ok
	case <-deadline:
		return childLine{}, false
	}
}

// await reads up to the line with this word. Everything before goes to hear.
func (c *child) await(word string, within time.Duration, hear func(childLine)) (childLine, error) {
	deadline := time.After(within)
	for {
		l, ok := c.next(deadline)
		switch {
		case !ok:
			return l, fmt.Errorf("the child did not say %q within %v: exit code %d, stderr:\n%s", word, within, c.exitCode(), c.errors())
		case l.word == word:
			return l, nil
		}
		hear(l)
	}
}

// exitCode is -1 while the child runs, or when a signal ended it.
func (c *child) exitCode() int {
	select {
	case <-c.ended:
		return c.cmd.ProcessState.ExitCode()
	default:
		return -1
	}
}

func (c *child) errors() string {
	select {
	case <-c.ended:
		return c.stderr.String()
	default:
		return "(it still runs)"
	}
}
