package sshd

import (
	"bytes"
	"strings"

	"authledger/domain"
)

// rejectUnread rejects a line whose prefix can't be read if the line names an
// attempt anywhere, because an attempt must not be skipped among the lines that
// record none. It returns nil for any other line.
func rejectUnread(line []byte, hasTime bool) *domain.Rejection {
	if bytes.IndexByte(line, 0) >= 0 && namesAttempt(bytes.ReplaceAll(line, []byte{0}, nil)) {
		return malformed("line", "looks like UTF-16: convert the file to UTF-8, such as with iconv -f UTF-16 -t UTF-8")
	}
	switch {
	case !namesAttempt(line) && !startsLikeAttempt(line):
		return nil
	case hasTime:
		return malformed("prefix", "want a program between the time and the message, such as \"sshd[101]: \": docs/importing.md lists the forms")
	}
	return malformed("time", "want the line to start like \"Mar 27 13:08:09 \", with an RFC 3339 time, or in another form that docs/importing.md lists")
}

// rejectOther rejects a line of another program if its message starts with a login or the
// prefix of a login. A login later in the message is a quotation, for example in a command
// that searches a log. rejectOther returns nil then.
func rejectOther(e *entry) *domain.Rejection {
	if !hidesAttempt(e.message, "{<") {
		return nil
	}
	return malformed("program", "want sshd, sshd-session, sshd-auth, or sshd's systemd unit: another program wrote the line")
}

// rejectMarked rejects a message of sshd that hides an attempt behind a second prefix.
// sshd starts no message with a mark, a time or a program, so another program added them.
// It returns nil for any other message.
func rejectMarked(e *entry) *domain.Rejection {
	isBare := e.program == nil && bytes.Contains(e.message, []byte("sshd")) && namesAttempt(e.message)
	if !isBare && !hidesAttempt(e.message, "{<[(\"") {
		return nil
	}
	return malformed("prefix", "want sshd's message directly behind the program: docs/importing.md lists the forms")
}

// hidesAttempt reports whether a message contains an attempt behind a second prefix. Such
// a prefix consists of programs, possibly followed by a time or one of marks.
func hidesAttempt(message []byte, marks string) bool {
	if !namesAttempt(message) {
		return false
	}
	for range prefixWordsMax {
		if len(message) == 0 {
			return false
		}
		_, _, isTimed := cutStamp(message)
		if isTimed || startsAttempt(message) || strings.IndexByte(marks, message[0]) >= 0 {
			return namesAttempt(message)
		}
		var inner entry
		if inner.splitTag(message); !inner.isSplit {
			return false
		}
		message = inner.message
	}
	return false
}

// startsAttempt reports whether a message starts as the message of an attempt
// does.
func startsAttempt(message []byte) bool {
	if rest, ok := bytes.CutPrefix(message, []byte(repeated)); ok {
		_, message, _ = bytes.Cut(rest, []byte(times))
	}
	if bytes.HasPrefix(message, []byte(pamError)) {
		return true
	}
	_, ok := cutMethod(message)
	return ok
}

// namesAttempt reports whether a text names a method, a user and an address
// somewhere, as sshd prints them. It takes time linear in the text.
func namesAttempt(text []byte) bool {
	if !bytes.Contains(text, []byte(failed)) && !bytes.Contains(text, []byte(accepted)) && !bytes.Contains(text, []byte(pamError)) {
		return false
	}
	end := bytes.LastIndex(text, []byte(from))
	if end < 0 {
		return false
	}
	if at := bytes.Index(text, []byte(pamError)); at >= 0 && at < end && bytes.Contains(text[at:end], []byte(" for ")) {
		return true
	}
	end = bytes.LastIndex(text, []byte(" "+port))
	if end < 0 {
		return false
	}
	if end = bytes.LastIndex(text[:end], []byte(from)); end < 0 {
		return false
	}
	for _, outcome := range []string{failed, accepted} {
		for at := 0; at < end; {
			next := bytes.Index(text[at:end], []byte(outcome))
			if next < 0 {
				break
			}
			at += next
			if _, ok := cutMethod(text[at:]); ok {
				return true
			}
			at += len(outcome)
		}
	}
	return false
}

// startsLikeAttempt reports whether sshd wrote a line that starts an attempt,
// also if the rest of the line is missing.
func startsLikeAttempt(line []byte) bool {
	if !bytes.Contains(line, []byte("sshd")) {
		return false
	}
	for _, start := range []string{failed, accepted, repeated} {
		if bytes.Contains(line, []byte("]: "+start)) {
			return true
		}
	}
	return false
}
