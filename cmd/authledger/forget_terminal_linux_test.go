package main

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestTerminal_ForgetAsksForTheUserName checks that only the user name, typed on the terminal, confirms an
// erasure.
func TestTerminal_ForgetAsksForTheUserName(t *testing.T) {
	data := filepath.Join(t.TempDir(), "ledger")
	onTerminal(t, 80, nil, strings.Fields("do login.report user=alice outcome=succeeded --data "+data)...)
	forget := strings.Fields("forget alice --case C-1 --by olga --data " + data)
	for _, c := range []struct {
		name, typed string
		want        string
		isErased    bool
	}{
		{"another name", "bob\n", `not confirmed: got "bob"`, false},
		{"a blank after the name", "alice \n", `not confirmed: got "alice "`, false},
		{"an empty line", "\n", `not confirmed: got ""`, false},
		{"end of the input", "\x04", `not confirmed: got ""`, false},
		{"user name", "alice\n", "person.forgotten", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			user, program := openTerminal(t, 200)
			defer user.Close()
			run := exec.Command("authledger", forget...)
			run.Env = []string{"HOME=" + t.TempDir(), "TERM=xterm"}
			run.Stdin, run.Stdout, run.Stderr = program, program, program
			mustDo(t, run.Start())
			mustDo(t, program.Close())
			var got strings.Builder
			hasAnswered := false
			for b := make([]byte, 4096); ; {
				n, err := user.Read(b) // ends with EIO when the program has closed its side
				got.Write(b[:n])
				if !hasAnswered && strings.Contains(got.String(), "Type the user name") {
					hasAnswered = true
					if _, err := user.WriteString(c.typed); err != nil {
						t.Fatal(err)
					}
				}
				if err != nil {
					break
				}
			}
			isErased := run.Wait() == nil
			if isErased != c.isErased || !strings.Contains(got.String(), c.want) {
				t.Errorf("got exit code 0: %t and\n%s\nwant %t and %q", isErased, &got, c.isErased, c.want)
			}
		})
	}
}
