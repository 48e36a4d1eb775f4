package sshd

import (
	"bytes"
	"strconv"

	"authledger/domain"
)

// RepetitionsMax bounds the attempts that one line may tell of. A line that
// claims more is rejected.
const RepetitionsMax = 10_000

// What sshd and the syslog daemons print (auth_log of OpenSSH; rsyslog).
const (
	failed      = "Failed "
	accepted    = "Accepted "
	repeated    = "message repeated "
	times       = " times: [ "
	invalidUser = "invalid user "
	from        = " from "
	port        = "port "
)

const (
	badCredentials = "bad_credentials"
	portDigitsMax  = 5
	// repetitionDigitsMax keeps an absurd count from overflowing.
	repetitionDigitsMax = 9
)

// attempt is what one message says. Its slices are parts of the line.
type attempt struct {
	outcome domain.Outcome
	reason  string // "" of a success
	name    []byte // as printed, may be empty or hold anything
	address []byte
	times   int // 1 to RepetitionsMax
}

// parseMessage reads what sshd said. found is false if it is no login; a
// rejection says why a login can't be read.
func parseMessage(message []byte) (a attempt, found bool, rejection *domain.Rejection) {
	message, a.times, rejection = unwrap(message)
	rest, outcome, ok := cutOutcome(message)
	if !ok {
		return a, false, nil
	}
	if rejection != nil {
		return a, true, rejection
	}
	a.outcome = outcome
	if a.name, a.address, ok = cutAddress(rest); !ok {
		return a, true, malformed("message", "want \" from ADDRESS port N\" behind the user: the line may have been cut")
	}
	a.name, a.reason = judgeName(a.name, outcome)
	return a, true, nil
}

// unwrap opens "message repeated N times: [ … ]". The rejection counts only if
// the inside is a login.
func unwrap(message []byte) (inside []byte, n int, rejection *domain.Rejection) {
	rest, ok := bytes.CutPrefix(message, []byte(repeated))
	if !ok {
		return message, 1, nil
	}
	count, inside, _ := bytes.Cut(rest, []byte(times))
	inside, closed := bytes.CutSuffix(inside, []byte("]"))
	n = repetitions(count)
	switch {
	case !closed:
		rejection = malformed("message", "want a closing ] behind the repeated message: the line may have been cut")
	case n == 0:
		rejection = malformed("message", "want it repeated 1 to "+strconv.Itoa(RepetitionsMax)+" times")
	}
	return inside, n, rejection
}

// repetitions is the count, 0 if it is none of 1 to RepetitionsMax.
func repetitions(count []byte) int {
	if len(count) > repetitionDigitsMax || leadingDigits(count) != len(count) {
		return 0
	}
	n := 0
	for _, digit := range count {
		n = n*10 + int(digit-'0')
	}
	if n > RepetitionsMax {
		return 0
	}
	return n
}

// cutOutcome reads "Failed METHOD for " or "Accepted METHOD for ".
func cutOutcome(message []byte) (rest []byte, outcome domain.Outcome, ok bool) {
	outcome = domain.Failed
	rest, ok = bytes.CutPrefix(message, []byte(failed))
	if !ok {
		outcome = domain.Succeeded
		rest, ok = bytes.CutPrefix(message, []byte(accepted))
	}
	if !ok {
		return nil, "", false
	}
	_, rest, _ = bytes.Cut(rest, []byte(" "))
	rest, ok = bytes.CutPrefix(rest, []byte("for "))
	return rest, outcome, ok
}

// cutAddress finds the last " from ADDRESS port N": only what stands behind the
// name is sshd's own.
func cutAddress(s []byte) (name, address []byte, ok bool) {
	for end := len(s); ; {
		at := bytes.LastIndex(s[:end], []byte(from))
		if at < 0 {
			return nil, nil, false
		}
		if address, ok = leadingAddress(s[at+len(from):]); ok {
			return s[:at], address, true
		}
		end = at + len(from) - 1
	}
}

// leadingAddress reads "ADDRESS port N", behind which a space or nothing comes.
func leadingAddress(s []byte) (address []byte, ok bool) {
	address, s, _ = bytes.Cut(s, []byte(" "))
	s, ok = bytes.CutPrefix(s, []byte(port))
	digits := leadingDigits(s)
	if !ok || len(address) == 0 || digits == 0 || digits > portDigitsMax {
		return nil, false
	}
	return address, digits == len(s) || s[digits] == ' '
}

// judgeName takes sshd's own mark off the name, once: a second one is the
// attacker's.
func judgeName(name []byte, outcome domain.Outcome) (rest []byte, reason string) {
	if outcome == domain.Succeeded {
		return name, ""
	}
	if rest, ok := bytes.CutPrefix(name, []byte(invalidUser)); ok {
		return rest, domain.UnknownUser
	}
	return name, badCredentials
}
