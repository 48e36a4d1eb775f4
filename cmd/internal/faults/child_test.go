//go:build faults

package faults

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

// The test binary is its own child process: a variable contains the child's role. The
// init function reads it, so that TestMain does not run in a child.
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
	os.Exit(runChild(role, []byte(os.Getenv(childConfigName))))
}

func runChild(role string, config []byte) int {
	out := &childOut{file: os.NewFile(childOutFD, "out")}
	var run func(*childOut) int
	switch role {
	case "load":
		run = childOf(config, (*loadChild).run)
	case "damage":
		run = childOf(config, (*damageChild).run)
	case "withdraw":
		run = childOf(config, (*withdrawChild).run)
	default:
		return exitUsage
	}
	out.send(wordBegun, nil)
	return run(out)
}

// wordBegun is the first word of every child.
const wordBegun = "begun"

func childOf[T any](config []byte, run func(*T, *childOut) int) func(*childOut) int {
	return func(out *childOut) int {
		c := new(T)
		if err := json.Unmarshal(config, c); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return exitUsage
		}
		return run(c, out)
	}
}

// dieWithParent ends the process when the other end of in is closed.
func dieWithParent(in io.Reader) {
	go func() {
		io.Copy(io.Discard, in) // any error ends the copy
		os.Exit(exitFailed)
	}()
}

// childOut is the pipe to the parent. Lines in the pipe survive the child. It is safe
// for concurrent use.
type childOut struct {
	mu   sync.Mutex
	file *os.File
}

// send writes one line: a word for its kind, and the rest. A pipe writes up to 4 KiB
// atomically, so that a SIGKILL leaves no partial line.
func (o *childOut) send(word string, rest []byte) {
	line := append(append(append([]byte(word), ' '), rest...), '\n')
	o.mu.Lock()
	defer o.mu.Unlock()
	o.file.Write(line)
}

func (o *childOut) sendf(word, format string, args ...any) {
	text := bytes.ReplaceAll(fmt.Appendf(nil, format, args...), []byte{'\n'}, []byte{' '})
	o.send(word, text[:min(len(text), 3500)])
}

// child is a process and the lines that it writes.
type child struct {
	cmd    *exec.Cmd
	in     io.WriteCloser
	lines  chan childLine // closed after the process has ended and all lines were read
	stderr *bytes.Buffer
	ended  chan struct{}
}

type childLine struct {
	word string
	rest []byte
}

// startChild starts a child. The child ends with the test at the latest.
func startChild(t *testing.T, role string, config any) *child {
	t.Helper()
	text, err := json.Marshal(config)
	must(t, err)
	r, w, err := os.Pipe()
	must(t, err)
	c := &child{cmd: exec.Command(os.Args[0]), lines: make(chan childLine, 1<<16), stderr: new(bytes.Buffer),
		ended: make(chan struct{})}
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
	defer c.cmd.Wait() // the result is in ProcessState
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

// kill sends SIGKILL. The lines that the child has written remain readable.
func (c *child) kill() { c.cmd.Process.Kill() }

// end kills the child and returns after it has ended.
func (c *child) end() {
	c.kill()
	for range c.lines { // the test has read the lines that it needs
	}
}

// next returns the child's next line, and false after its end or the deadline.
func (c *child) next(deadline <-chan time.Time) (childLine, bool) {
	select {
	case l, ok := <-c.lines:
		return l, ok
	case <-deadline:
		return childLine{}, false
	}
}

// await reads up to the line with a word, and passes every other line to record.
func (c *child) await(word string, within time.Duration, record func(childLine)) (childLine, error) {
	deadline := time.After(within)
	for {
		l, ok := c.next(deadline)
		switch {
		case !ok:
			return l, fmt.Errorf("got no line %q of the child within %v, want one: exit code %d, stderr:\n%s",
				word, within, c.exitCode(), c.errors())
		case l.word == word:
			return l, nil
		}
		record(l)
	}
}

// exitCode returns -1 while the child runs and after a signal ended it.
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
