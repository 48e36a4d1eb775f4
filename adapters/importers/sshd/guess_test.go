package sshd_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"authledger/domain"
)

// A client with many keys, and a host with the log level VERBOSE: two
// connections offer five keys each before the right key signs in.
func TestKeyOffersDoNotLock(t *testing.T) {
	var log strings.Builder
	for pid := range 2 {
		clock := fmt.Sprintf("Mar  4 09:0%d:00", pid)
		say := func(message string) { fmt.Fprintf(&log, "%s host1 sshd[%d]: %s\n", clock, 101+pid, message) }
		say("Failed none for alice" + peer)
		for key := range 5 {
			say(fmt.Sprintf("Failed publickey for alice%s: ED25519 SHA256:key%d", peer, key))
		}
		say("error: maximum authentication attempts exceeded for alice" + peer + " [preauth]")
	}
	log.WriteString("Mar  4 09:10:00 host1 sshd[110]: Accepted publickey for alice" + peer +
		": ED25519 SHA256:key6\n")
	f := importLog(t, open(t, strings.NewReader(log.String()), 2024, time.UTC))
	for event, want := range map[string]int{"login.failed": 12, "lockout.started": 0, "login.refused": 0,
		"login.succeeded": 1} {
		if got := f.count(event); got != want {
			t.Errorf("%s: got %d, want %d", event, got, want)
		}
	}
}

// Ten failures that PAM reports lock the user, whether or not the log level shows the second
// line of each failure.
func TestPAMGuessesLock(t *testing.T) {
	for _, isVerbose := range []bool{false, true} {
		var log strings.Builder
		for guess := range 10 {
			clock := fmt.Sprintf("Mar  4 09:00:%02d", guess)
			fmt.Fprintf(&log, "%s host1 sshd[%d]: error: PAM: Authentication failure for alice from 192.0.2.7\n",
				clock, 1+guess/3)
			if isVerbose {
				fmt.Fprintf(&log, "%s host1 sshd[%d]: Failed keyboard-interactive/pam for alice%s\n", clock,
					1+guess/3, peer)
			}
		}
		f := importLog(t, open(t, strings.NewReader(log.String()), 2024, time.UTC))
		if failed, locked := f.count("login.failed"), f.count("lockout.started"); failed != 10 || locked != 1 {
			t.Errorf("verbose %v: got %d failures and %d lockouts, want 10 and 1", isVerbose, failed, locked)
		}
		at := time.Date(2024, 3, 4, 9, 0, 9, 0, time.UTC)
		for name, user := range f.Users() {
			got := user.Lockout(f.Policy(), at)
			if name != "alice" || !got.Locked || got.Failures != int(domain.POSIXHost().Failures) {
				t.Errorf("verbose %v: got %s %+v, want alice locked by 10 failures", isVerbose, name, got)
			}
		}
	}
}
