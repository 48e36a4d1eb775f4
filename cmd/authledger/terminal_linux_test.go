package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// openTerminal opens a pseudoterminal of the given width: the side of the user, and the side of
// the program.
func openTerminal(t *testing.T, width uint16) (user, program *os.File) {
	t.Helper()
	user, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("NOT RUN: no pseudoterminal on this machine: %v", err)
	}
	fd := int(user.Fd())
	mustDo(t, unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0))
	number, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	mustDo(t, err)
	program, err = os.OpenFile(fmt.Sprint("/dev/pts/", number), os.O_RDWR|unix.O_NOCTTY, 0)
	mustDo(t, err)
	mustDo(t, unix.IoctlSetWinsize(int(program.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: width}))
	return user, program
}

// onTerminal runs a command on a terminal, and returns what the terminal receives.
func onTerminal(t *testing.T, width uint16, environment []string, args ...string) string {
	t.Helper()
	return runOnTerminal(t, exec.Command("authledger", args...), width, environment)
}

func runOnTerminal(t *testing.T, c *exec.Cmd, width uint16, environment []string) string {
	t.Helper()
	user, program := openTerminal(t, width)
	defer user.Close()
	c.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "TERM=xterm"}, environment...)
	c.Stdout, c.Stderr = program, program
	mustDo(t, c.Start())
	mustDo(t, program.Close())
	received := make(chan string)
	go func() {
		text, _ := io.ReadAll(user) // ends with EIO when the program has closed its side
		received <- string(text)
	}()
	if err := c.Wait(); err != nil {
		t.Errorf("%v on a terminal: %v", c.Args, err)
	}
	return strings.ReplaceAll(<-received, "\r\n", "\n")
}

// TestTerminal checks widths and colors on a terminal.
func TestTerminal(t *testing.T) {
	data := filepath.Join(t.TempDir(), "ledger")
	report := "do login.report user=alice outcome=failed reason=bad_credentials --id r-1 --data " + data
	const red, wrapped, command = "\x1b[31mrefused identity_not_verified\x1b[0m", "columns left out", "COMMAND"
	onTerminal(t, 80, nil, strings.Fields(report)...)
	onTerminal(t, 80, nil, strings.Fields("do lockout.release user=alice agent=ann --data "+data)...)
	for _, c := range []struct {
		name        string
		width       uint16
		environment []string
		flags       string
		want, not   []string
	}{
		{"wide terminal", 160, nil, "", []string{red, command, "EVENTS"}, []string{wrapped}},
		{"narrow terminal", 60, nil, "", []string{red, wrapped, "--wide"}, []string{command}},
		{"--wide", 60, nil, "--wide", []string{red, command}, []string{wrapped}},
		{"NO_COLOR", 160, []string{"NO_COLOR=1"}, "", []string{"refused", command}, []string{"\x1b"}},
		{"TERM=dumb", 160, []string{"TERM=dumb"}, "", []string{"refused", command}, []string{"\x1b"}},
		{"NO_COLOR and --color", 160, []string{"NO_COLOR=1"}, "--color always", []string{red}, nil},
		{"--color never", 160, nil, "--color never", []string{"refused"}, []string{"\x1b"}},
		{"AUTHLEDGER_COLOR", 160, []string{"AUTHLEDGER_COLOR=never"}, "", []string{"refused"}, []string{"\x1b"}},
		{"JSON", 60, nil, "--json", []string{`"status":"refused"`}, []string{"\x1b", wrapped}},
	} {
		t.Run(c.name, func(t *testing.T) {
			args := strings.Fields("show timeline alice --data " + data + " " + c.flags)
			got := onTerminal(t, c.width, c.environment, args...)
			for _, want := range c.want {
				if !strings.Contains(got, want) {
					t.Errorf("got\n%s\nwant %q in it", got, want)
				}
			}
			for _, not := range c.not {
				if strings.Contains(got, not) {
					t.Errorf("got\n%s\nwant no %q in it", got, not)
				}
			}
		})
	}
}

// TestTerminal_Replay checks that a replay to a file prints a summary on a terminal, and no other
// replay does.
func TestTerminal_Replay(t *testing.T) {
	data := filepath.Join(t.TempDir(), "ledger")
	onTerminal(t, 80, nil, strings.Fields("do login.report user=alice outcome=succeeded --data "+data)...)
	for name, isFile := range map[string]bool{"to a file": true, "to the terminal": false} {
		t.Run(name, func(t *testing.T) {
			command := "authledger replay --data '" + data + "'"
			if isFile {
				command += " > /dev/null"
			}
			got := runOnTerminal(t, exec.Command("sh", "-c", command), 80, nil)
			if want := "1 record, "; strings.Contains(got, want) != isFile {
				t.Errorf("got %q, want a summary: %v", got, isFile)
			}
		})
	}
}
