//go:build faults

package faults

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"syscall"
)

// injectArguments returns the arguments of a command. checkLaterCommand repeats the command
// do with the same id.
func injectArguments(command, dir string) []string {
	arguments := []string{command, "--data", dir}
	switch command {
	case "serve":
		arguments = append(arguments, "--listen", "127.0.0.1:0")
	case "do":
		arguments = append(arguments, "login.report", "user=alice", "outcome=succeeded", "--id", "after")
	case "verify":
		arguments = append(arguments, "--json")
	}
	return arguments
}

// run runs the command under strace, and ends serve when it is ready.
func (i *injection) run(dir string) (code, injected int, stderr string) {
	ctx, cancel := context.WithTimeout(context.Background(), injectWithin)
	defer cancel()
	calls := "openat"
	if i.call == "read" {
		calls = "read,pread64"
	}
	inject := fmt.Sprintf("inject=%s:error=%s", calls, errnoName(i.errno))
	if i.when != "" {
		inject += ":when=" + i.when
	}
	trace := dir + ".trace"
	// -D: the command is the child of this process, so that the signal and the exit code are its own.
	c := injectCommand(ctx, i.program, i.command, dir, "strace", "-D", "-f", "-qq", "--seccomp-bpf", "-o", trace,
		"-e", "trace="+calls, "-P", i.file(dir), "-e", inject)
	c.Args = append(c.Args, i.flags...)
	out := &readyOutput{then: func() error { return c.Process.Signal(syscall.SIGTERM) }}
	c.Stderr = out
	if err := c.Run(); c.ProcessState == nil {
		return -1, 0, err.Error()
	}
	text, _ := os.ReadFile(trace) // absent if nothing was traced
	return c.ProcessState.ExitCode(), bytes.Count(text, []byte("(INJECTED)")), out.text.String()
}

// injectCommand returns a command of the program, with a prefix.
func injectCommand(ctx context.Context, program, command, dir string, prefix ...string) *exec.Cmd {
	line := append(append(prefix, program), injectArguments(command, dir)...)
	c := exec.CommandContext(ctx, line[0], line[1:]...)
	c.Env = programEnv()
	return c
}

// readyOutput collects the output of a process, and calls then after its message
// ready.
type readyOutput struct {
	then func() error
	text bytes.Buffer
	sent bool
}

func (r *readyOutput) Write(p []byte) (int, error) {
	r.text.Write(p)
	if !r.sent && bytes.Contains(r.text.Bytes(), []byte(`"msg":"ready"`)) {
		r.sent = true
		return len(p), r.then()
	}
	return len(p), nil
}
