package sshd

import "bytes"

var utf8BOM = []byte("\xef\xbb\xbf")

// readRFC5424 reads "<38>1 TIME HOST sshd 101 - - MESSAGE", also without the
// priority.
func readRFC5424(line []byte) (e entry, ok bool) {
	rest, _ := cutPriority(line)
	rest, ok = bytes.CutPrefix(rest, []byte("1 "))
	if !ok {
		return e, false
	}
	e.stamp, rest, ok = cutStamp(rest)
	if !ok || !e.stamp.isDated() {
		return e, false
	}
	host, rest := nextWord(rest)
	e.host = unlessNil(host)
	e.splitRFC5424(trimBlanks(rest))
	return e, true
}

// splitRFC5424 reads "APP-NAME PROCID MSGID STRUCTURED-DATA MESSAGE".
func (e *entry) splitRFC5424(rest []byte) {
	program, rest := nextWord(rest)
	pid, rest := nextWord(rest)
	_, rest = nextWord(rest)
	rest, ok := cutStructuredData(trimBlanks(rest))
	if !ok || len(program) == 0 {
		return
	}
	e.program = program
	if isNumber(pid) {
		e.pid = pid
	}
	e.setMessage(bytes.TrimPrefix(trimBlanks(rest), utf8BOM))
}

// unlessNil returns nil for the "-" by which RFC 5424 marks a missing value.
func unlessNil(word []byte) []byte {
	if string(word) == "-" {
		return nil
	}
	return word
}

// cutStructuredData takes off "-" or any number of elements such as
// [origin ip="192.0.2.1"], whose values escape quotes and brackets by "\".
func cutStructuredData(s []byte) (rest []byte, ok bool) {
	if rest, ok = bytes.CutPrefix(s, []byte("-")); ok {
		return rest, len(rest) == 0 || rest[0] == ' '
	}
	for rest = s; len(rest) > 0 && rest[0] == '['; ok = true {
		end := elementEnd(rest)
		if end < 0 {
			return nil, false
		}
		rest = rest[end:]
	}
	return rest, ok && (len(rest) == 0 || rest[0] == ' ')
}

// elementEnd returns the length of the element at the start of s, -1 if it does
// not end.
func elementEnd(s []byte) int {
	isQuoted := false
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && isQuoted:
			i++
		case s[i] == '"':
			isQuoted = !isQuoted
		case s[i] == ']' && !isQuoted:
			return i + 1
		}
	}
	return -1
}
