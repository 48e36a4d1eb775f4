package sshd_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"authledger/adapters/importers/sshd"
)

// ids lists the ids of the attempts of a log of the year 2024.
func ids(t *testing.T, lines ...string) (ids []string) {
	t.Helper()
	each(t, open(t, strings.NewReader(strings.Join(lines, "\n")+"\n"), 2024, time.UTC), func(line sshd.Line) {
		if line.Rejection != nil {
			t.Errorf("line %d: got rejection %v, want none", line.Number, line.Rejection)
		}
		for _, c := range line.Commands {
			ids = append(ids, c.ID)
		}
	})
	return ids
}

const (
	pamOf    = "error: PAM: Authentication failure for "
	failedOf = "Failed keyboard-interactive/pam for "
)

// at writes a line of the process pid.
func at(clock string, pid int, message string) string {
	return fmt.Sprintf("Mar  4 %s host1 sshd[%d]: %s", clock, pid, message)
}

func TestPAMErrorIsCountedOnce(t *testing.T) {
	alice := pamOf + "alice from gone.example"
	failedAlice := failedOf + "alice" + peer
	long := strings.Repeat("x", 600)
	for _, c := range []struct {
		name  string
		lines []string
		want  []string
	}{
		{"a pair", []string{at("09:00:00", 1, alice), at("09:00:00", 1, failedAlice)}, []string{"1.1"}},
		{"two pairs", []string{at("09:00:00", 1, alice), at("09:00:00", 1, failedAlice), at("09:00:03", 1, alice),
			at("09:00:03", 1, failedAlice)}, []string{"1.1", "3.1"}},
		{"an error alone, then a pair",
			[]string{at("09:00:00", 1, alice), at("09:00:03", 1, alice), at("09:00:03", 1, failedAlice)},
			[]string{"1.1", "2.1"}},
		{"a failure more than errors",
			[]string{at("09:00:00", 1, alice), at("09:00:00", 1, failedAlice), at("09:00:03", 1, failedAlice)},
			[]string{"1.1", "3.1"}},
		{"another process", []string{at("09:00:00", 1, alice), at("09:00:00", 2, failedAlice)},
			[]string{"1.1", "2.1"}},
		{"another host",
			[]string{at("09:00:00", 1, alice), strings.Replace(at("09:00:00", 1, failedAlice), "host1", "host2", 1)},
			[]string{"1.1", "2.1"}},
		{"another user", []string{at("09:00:00", 1, alice), at("09:00:00", 1, failedOf+"bob"+peer)},
			[]string{"1.1", "2.1"}},
		{"processes that interleave",
			[]string{at("09:00:00", 1, alice), at("09:00:00", 2, alice), at("09:00:00", 1, failedAlice),
				at("09:00:00", 2, failedAlice)}, []string{"1.1", "2.1"}},
		{"an unknown user",
			[]string{at("09:00:00", 1, pamOf+"illegal user bob from 192.0.2.7"),
				at("09:00:00", 1, failedOf+"invalid user bob"+peer)}, []string{"1.1"}},
		{"another method between",
			[]string{at("09:00:00", 1, alice), at("09:00:01", 1, "Failed password for alice"+peer),
				at("09:00:01", 1, failedAlice)}, []string{"1.1", "2.1", "3.1"}},
		{"another line between",
			[]string{at("09:00:00", 1, alice), at("09:00:00", 1, "Postponed keyboard-interactive for alice"+peer),
				at("09:00:00", 1, failedAlice)}, []string{"1.1"}},
		{"a minute between", []string{at("09:00:00", 1, alice), at("09:01:00", 1, failedAlice)}, []string{"1.1"}},
		{"more than a minute between", []string{at("09:00:00", 1, alice), at("09:01:01", 1, failedAlice)},
			[]string{"1.1", "2.1"}},
		{"a failure before the error", []string{at("09:00:00", 1, failedAlice), at("09:00:00", 1, alice)},
			[]string{"1.1", "2.1"}},
		{"repeated failures",
			[]string{at("09:00:00", 1, alice), at("09:00:00", 1, "message repeated 3 times: ["+" "+failedAlice+"]")},
			[]string{"1.1", "2.2", "2.3"}},
		{"repeated errors",
			[]string{at("09:00:00", 1, "message repeated 2 times: [ "+alice+"]"), at("09:00:00", 1, failedAlice)},
			[]string{"1.1", "1.2"}},
		{"a longer name than sshd prints",
			[]string{at("09:00:00", 1, pamOf+long+" from 192.0.2.7"), at("09:00:00", 1, failedOf+long+peer)},
			[]string{"1.1", "2.1"}},
		{"without a pid",
			[]string{"Mar  4 09:00:00 host1 sshd: " + alice, "Mar  4 09:00:00 host1 sshd: " + failedAlice},
			[]string{"1.1"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := ids(t, c.lines...); !slices.Equal(got, c.want) {
				t.Errorf("got ids %v, want %v of\n%s", got, c.want, strings.Join(c.lines, "\n"))
			}
		})
	}
}

// The reader holds the newest PairsMax errors in memory, and removes the oldest first.
func TestPAMErrorsAreBounded(t *testing.T) {
	for _, c := range []struct {
		between  int // errors of other processes
		attempts int // of the process 0
	}{{sshd.PairsMax - 1, 1}, {sshd.PairsMax, 2}} {
		lines := []string{at("09:00:00", 0, pamOf+"alice from 192.0.2.7")}
		for i := range c.between {
			lines = append(lines, at("09:00:01", 1+i, pamOf+"alice from 192.0.2.7"))
		}
		lines = append(lines, at("09:00:02", 0, failedOf+"alice"+peer))
		if got, want := len(ids(t, lines...)), c.between+c.attempts; got != want {
			t.Errorf("%d errors between: got %d attempts, want %d", c.between, got, want)
		}
	}
}

// A PAM error in a last line without a newline is rejected, because its address may be cut.
func TestPAMErrorWithoutNewlineIsRejected(t *testing.T) {
	text := at("09:00:00", 1, pamOf+"alice from 192.0.2.17")
	for _, cut := range []string{text, text[:len(text)-1]} {
		line, err := open(t, strings.NewReader(cut), 2024, time.UTC).Next()
		if err != nil || line.Rejection == nil || line.Rejection.Field != "message" {
			t.Errorf("%q: got %+v, error %v, want a rejection of the message", cut, line, err)
		}
	}
}
