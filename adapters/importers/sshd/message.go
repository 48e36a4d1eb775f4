package sshd

import (
	"bytes"
	"strconv"

	"authledger/domain"
)

// RepetitionsMax is the maximum number of attempts of one line. A line with a
// higher count is rejected.
const RepetitionsMax = 10_000

// Texts of sshd and of the syslog daemons (auth_log of OpenSSH; rsyslog).
const (
	failed     = "Failed "
	accepted   = "Accepted "
	pamError   = "error: PAM: "
	repeated   = "message repeated "
	times      = " times: [ "
	forUser    = "for "
	from       = " from "
	port       = "port "
	via        = " via "
	preauth    = " [preauth]"
	portDigits = 5 // at most
	// repetitionDigitsMax keeps an absurd count from overflowing.
	repetitionDigitsMax = 9
)

// attempt is the content of one message. Its slices are parts of the line.
type attempt struct {
	form    *messageForm
	reason  string // "" for a success
	name    []byte // as printed, may be empty or hold anything
	address []byte
	times   int // 1 to RepetitionsMax
}

// parseMessage reads a message of sshd. found is false if the message records
// no attempt. A rejection is the reason why an attempt can't be read.
func parseMessage(message []byte) (a attempt, found bool, rejection *domain.Rejection) {
	message, a.times, rejection = unwrap(message)
	var rest []byte
	if a.form, rest = formOf(message); a.form == nil || a.form.outcome == "" {
		return a, false, nil
	}
	if rejection != nil {
		return a, true, rejection
	}
	var ok bool
	if a.form.isPAM() {
		if a.name, a.address, ok = cutPAM(rest); !ok {
			return a, false, nil
		}
	} else if a.name, a.address, ok = cutAddress(rest); !ok {
		return a, true, malformed("message", "want \" from ADDRESS port N\" behind the user: the line may have been cut")
	}
	a.name, a.reason = a.form.judgeName(a.name)
	return a, true, nil
}

// unwrap returns the message inside "message repeated N times: [ … ]", and N. The caller
// uses the rejection only if the inside is a login.
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

// repetitions parses a count from 1 to RepetitionsMax. It returns 0 for other texts.
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

// cutMethod reads "Failed METHOD for " or "Accepted METHOD for ", and returns the part
// after it.
func cutMethod(message []byte) (rest []byte, ok bool) {
	rest, ok = bytes.CutPrefix(message, []byte(failed))
	if !ok {
		rest, ok = bytes.CutPrefix(message, []byte(accepted))
	}
	if !ok {
		return nil, false
	}
	_, rest, _ = bytes.Cut(rest, []byte(" "))
	return bytes.CutPrefix(rest, []byte(forUser))
}

// cutAddress finds the last " from ADDRESS port N". The client chooses
// the text before it.
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

// leadingAddress reads "ADDRESS port N", followed by a space or the end of the text.
func leadingAddress(s []byte) (address []byte, ok bool) {
	address, s, _ = bytes.Cut(s, []byte(" "))
	s, ok = bytes.CutPrefix(s, []byte(port))
	digits := leadingDigits(s)
	if !ok || len(address) == 0 || digits == 0 || digits > portDigits {
		return nil, false
	}
	return address, digits == len(s) || s[digits] == ' '
}

// retriesError is the one error of Linux-PAM whose text holds " for ".
const retriesError = "Have exhausted maximum number of retries for service"

// cutPAM reads "ERROR for USER from ADDRESS". The last " from " counts, because
// the client chooses the user name before it. macOS adds " via ADDRESS".
func cutPAM(s []byte) (name, address []byte, ok bool) {
	s = bytes.TrimSuffix(bytes.TrimRight(s, " "), []byte(preauth))
	at := bytes.LastIndex(s, []byte(from))
	if at < 0 {
		return nil, nil, false
	}
	address, own, _ := bytes.Cut(s[at+len(from):], []byte(via))
	if len(address) == 0 || bytes.IndexByte(address, ' ') >= 0 || bytes.IndexByte(own, ' ') >= 0 {
		return nil, nil, false
	}
	s, _ = bytes.CutPrefix(s[:at], []byte(retriesError))
	_, name, ok = bytes.Cut(s, []byte(" "+forUser))
	return name, address, ok
}
