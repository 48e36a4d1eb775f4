package sshd

import "bytes"

// The times that a line may start with.
const (
	shortStampBytes  = len("Mar 27 13:08:09")                     // RFC 3164
	longStampBytes   = len("2017-03-27T13:08:09.123456789+00:00") // RFC 3339, at most
	shortestLongTime = len("2017-03-27T13:08:09Z")
)

// The programs whose word counts.
var tags = [][]byte{[]byte("sshd["), []byte("sshd-session[")}

// cutStamp splits a line behind its time, judging only the time's shape.
func cutStamp(line []byte) (stamp, rest []byte, ok bool) {
	if isShortStamp(line) {
		return line[:shortStampBytes], line[shortStampBytes+1:], true
	}
	stamp, rest, ok = bytes.Cut(line, []byte(" "))
	return stamp, rest, ok && isLongStamp(stamp)
}

func isShortStamp(line []byte) bool {
	return len(line) > shortStampBytes && !isDigit(line[0]) &&
		line[3] == ' ' && line[6] == ' ' && line[9] == ':' && line[12] == ':' && line[15] == ' '
}

func isLongStamp(stamp []byte) bool {
	return len(stamp) >= shortestLongTime && len(stamp) <= longStampBytes &&
		isDigit(stamp[0]) && stamp[4] == '-' && stamp[10] == 'T'
}

// cutTag skips the host and returns what sshd said, false if another program
// speaks.
func cutTag(rest []byte) (message []byte, ok bool) {
	_, rest, ok = bytes.Cut(rest, []byte(" "))
	if !ok {
		return nil, false
	}
	for _, tag := range tags {
		if pid, ok := bytes.CutPrefix(rest, tag); ok {
			return cutPID(pid)
		}
	}
	return nil, false
}

func cutPID(rest []byte) (message []byte, ok bool) {
	digits := leadingDigits(rest)
	if digits == 0 {
		return nil, false
	}
	return bytes.CutPrefix(rest[digits:], []byte("]: "))
}

func leadingDigits(s []byte) int {
	n := 0
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	return n
}

func isDigit(b byte) bool { return '0' <= b && b <= '9' }
