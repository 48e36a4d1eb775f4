//go:build realdata

package sshd_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"authledger/adapters/importers/sshd"
	"authledger/domain"
)

// authLog finds the real log beside the module. With the build tag it must be
// there: a run that shows nothing must not pass.
func authLog(t *testing.T) []byte {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for !exists(filepath.Join(dir, "go.mod")) {
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above the working directory: run this inside the module")
		}
		dir = filepath.Dir(dir)
	}
	log := filepath.Join(dir, "..", "shared", "data", "elastic-authlog", "auth.log")
	data, err := os.ReadFile(log)
	if err != nil {
		t.Fatalf("reading the real log: %v: put it there, or run without the tag realdata", err)
	}
	return data
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

func TestRealLogCounts(t *testing.T) {
	r := open(t, bytes.NewReader(authLog(t)), 2017, time.UTC)
	f := importLog(t, r)
	want := map[string]int{"login.succeeded": 226 - f.count("login.refused"), "login.failed": 711,
		"login.unattributed": 331}
	for eventType, n := range want {
		if got := f.count(eventType); got != n {
			t.Errorf("%s: got %d, want %d", eventType, got, n)
		}
	}
	if c := r.Counts(); c.Attempts != 1268 || c.Rejected != 0 || c.Lines != 7121 {
		t.Errorf("counts: got %+v, want 1268 attempts, 0 rejected, 7121 lines", c)
	}
	t.Logf("%s %+v, lockouts %d, extended %d, expired %d, refused %d", r.Source(), r.Counts(),
		f.count("lockout.started"),
		f.count("lockout.extended"), f.count("lockout.expired"), f.count("login.refused"))
}

func TestRealLogNames(t *testing.T) {
	accepted, unknown, empty, offers := 0, 0, 0, 0
	for _, c := range reports(t, authLog(t)) {
		if c.Outcome == domain.Succeeded {
			accepted++
		}
		if c.Reason == domain.UnknownUser {
			unknown++
		}
		if c.User == "" {
			empty++
		}
		if c.Reason == "method_rejected" {
			offers++
		}
	}
	if accepted != 226 || unknown != 331 || empty != 43 || offers != 4 {
		t.Errorf("accepted %d, unknown %d, empty %d, offers of keys %d, want 226, 331, 43, 4", accepted, unknown,
			empty, offers)
	}
}

func TestRealLogAgreesWithTheNaiveLoop(t *testing.T) {
	log := authLog(t)
	attempts := naiveRead(t, log)
	f := importLog(t, open(t, bytes.NewReader(log), 2017, time.UTC))
	tallies := naive(attempts)
	agree(t, f, tallies)
	for name, tally := range tallies {
		t.Logf("%-16s lockouts %d, extensions %d, refused successes %d", name, tally.lockouts, tally.extensions,
			tally.refusals)
	}
}

func reports(t *testing.T, log []byte) (all []*domain.LoginReport) {
	t.Helper()
	each(t, open(t, bytes.NewReader(log), 2017, time.UTC), func(line sshd.Line) {
		for _, c := range line.Commands {
			all = append(all, c.Data.(*domain.LoginReport))
		}
	})
	return all
}

// naiveRead reads the log a second time, with a regular expression. The log holds
// no failure of keyboard-interactive; failures of other methods count as nothing.
func naiveRead(t *testing.T, log []byte) (attempts []naiveAttempt) {
	t.Helper()
	line := regexp.MustCompile(`^(\w{3} [ \d]\d \S+) \S+ sshd\[\d+\]: (?:message repeated (\d+) times: ` +
		`\[ )?(Failed password|Accepted \S+) for (\S+) from \S+ port \d+`)
	for _, text := range strings.Split(string(log), "\n") {
		m := line.FindStringSubmatch(text)
		if m == nil {
			continue
		}
		at, err := time.Parse("2006 "+time.Stamp, "2017 "+m[1])
		if err != nil {
			t.Fatal(err)
		}
		n := 1
		if m[2] != "" {
			n, _ = strconv.Atoi(m[2])
		}
		for range n {
			attempts = append(attempts, naiveAttempt{user: m[4], at: at, ok: strings.HasPrefix(m[3], "Accepted")})
		}
	}
	return attempts
}
