package sshd

import "bytes"

// prefixWordsMax bounds the words between the time and the program: the host,
// and what some daemons add to it.
const prefixWordsMax = 4

// readSyslog reads the lines of syslog daemons and the text exports of the
// journal: "TIME HOST sshd[PID]: MESSAGE", where all but the time and the
// program may be missing.
func readSyslog(line []byte) (e entry, ok bool) {
	rest, _ := cutPriority(line)
	e.stamp, rest, ok = cutStamp(rest)
	if !ok {
		return e, false
	}
	if e.stamp.isDated() && startsAttempt(rest) {
		e.setMessage(rest) // sshd logs to a file or a pipe, and a tool adds the time
		return e, true
	}
	e.splitWords(rest)
	return e, true
}

// cutPriority takes off a priority such as "<38>".
func cutPriority(line []byte) (rest []byte, ok bool) {
	if len(line) == 0 || line[0] != '<' {
		return line, false
	}
	digits := leadingDigits(line[1:])
	if digits == 0 || digits > 3 || len(line) <= digits+1 || line[digits+1] != '>' {
		return line, false
	}
	return line[digits+2:], true
}

// splitWords splits the part of the line after the time.
func (e *entry) splitWords(rest []byte) {
	for range prefixWordsMax {
		if startsAttempt(rest) {
			return
		}
		if e.splitTag(rest); e.isSplit {
			return
		}
		if e.stamp.isDated() && e.host != nil {
			if e.splitRFC5424(rest); e.isSplit {
				return
			}
		}
		if host, behind, ok := cutForwarded(rest); ok {
			e.host, rest = host, behind
			continue
		}
		word, behind := nextWord(rest)
		switch {
		case isVerb(word):
			return // a message without a program: the client chose the next words
		case isFacility(word):
		case e.host == nil && len(word) > 0:
			e.host = word
		default:
			return
		}
		rest = trimBlanks(behind)
	}
}

// cutForwarded reads "Message forwarded from HOST: ", which AIX adds.
func cutForwarded(rest []byte) (host, behind []byte, ok bool) {
	rest, ok = bytes.CutPrefix(rest, []byte("Message forwarded from "))
	if !ok {
		return nil, nil, false
	}
	host, behind, ok = bytes.Cut(rest, []byte(": "))
	return host, behind, ok
}

// splitTag reads "sshd[101]: MESSAGE" and its variants: without a pid, without
// a blank behind the colon, with a level in between, and in brackets.
func (e *entry) splitTag(rest []byte) {
	tag, behind := nextWord(rest)
	if end := bytes.Index(tag, []byte("]:")); end >= 0 {
		behind = rest[len(rest)-len(tag)-len(behind)+end+len("]:"):]
		tag = tag[:end+1]
	} else if bytes.HasSuffix(tag, []byte(":")) {
		tag = tag[:len(tag)-1]
	} else if behind = behindTag(tag, behind); behind == nil {
		return
	}
	if len(tag) == 0 || isFacility(tag) {
		return
	}
	e.program, e.pid = cutPID(tag)
	e.setMessage(behind)
}

// behindTag returns the message after a tag that does not end with a colon: "[sshd]" of
// metalog, and "sshd[101] <Info>:" of macOS. It returns nil if word is no tag.
func behindTag(word, behind []byte) []byte {
	if !bytes.HasSuffix(word, []byte("]")) {
		return nil
	}
	level, message := nextWord(behind)
	if bytes.HasPrefix(level, []byte("<")) && bytes.HasSuffix(level, []byte(">:")) {
		return message
	}
	if word[0] == '[' {
		return behind
	}
	return nil
}

// cutPID splits "sshd[101]". A tag of another form is the program as a whole,
// which then is not sshd.
func cutPID(tag []byte) (program, pid []byte) {
	if tag[0] == '[' && tag[len(tag)-1] == ']' {
		return tag[1 : len(tag)-1], nil
	}
	open := bytes.LastIndexByte(tag, '[')
	if open < 1 || tag[len(tag)-1] != ']' {
		return tag, nil
	}
	pid = tag[open+1 : len(tag)-1]
	if len(pid) == 0 || leadingDigits(pid) != len(pid) {
		return tag, nil
	}
	return tag[:open], pid
}

// severities are the names of syslog's severities.
var severities = []string{"emerg", "alert", "crit", "err", "error", "warning", "warn", "notice", "info", "debug"}

// isFacility reports whether a word is a facility and severity of syslog:
// auth.info (BusyBox), <auth.info> or <4.6> (BSD), auth|security:info (AIX).
func isFacility(word []byte) bool {
	inner, isBracketed := unbracket(word)
	split := max(bytes.LastIndexByte(inner, '.'), bytes.LastIndexByte(inner, ':'))
	if split < 1 {
		return isBracketed && word[0] == '<' && isNumber(inner)
	}
	facility, severity := inner[:split], inner[split+1:]
	if isNumber(severity) {
		return isBracketed && isNumber(facility)
	}
	for _, name := range severities {
		if string(severity) == name {
			return true
		}
	}
	return false
}

func unbracket(word []byte) (inner []byte, ok bool) {
	if len(word) < 2 {
		return word, false
	}
	first, last := word[0], word[len(word)-1]
	if first == '<' && last == '>' || first == '[' && last == ']' {
		return word[1 : len(word)-1], true
	}
	return word, false
}

func isNumber(s []byte) bool { return len(s) > 0 && leadingDigits(s) == len(s) }
