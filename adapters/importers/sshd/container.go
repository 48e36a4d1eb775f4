package sshd

import "bytes"

// readContainerJSON reads a line of Docker's json-file log. The file contains the output of
// one container, so a message without a program comes from sshd.
func readContainerJSON(line []byte) (e entry, ok bool) {
	if !bytes.HasPrefix(line, []byte("{")) || !bytes.Contains(line, []byte(`"log"`)) {
		return e, false
	}
	o, ok := readObject(line)
	if !ok {
		return e, false
	}
	text, isText := o.text("log")
	at, isTimed := o.text("time")
	if !isText || !isTimed {
		return e, false
	}
	e.stamp, _, ok = cutISO([]byte(at))
	if !ok {
		return e, false
	}
	e.setInner([]byte(text))
	e.isClosed = true
	return e, true
}

// readCRI reads a line that a container runtime of Kubernetes or Podman wrote: "TIME STREAM
// TAG LINE". The tag P marks a part of a line. readCRI reports false for it.
func readCRI(line []byte) (e entry, ok bool) {
	if len(line) == 0 || !isDigit(line[0]) {
		return e, false
	}
	var rest []byte
	e.stamp, rest, ok = cutISO(line)
	if !ok {
		return e, false
	}
	stream, rest := nextWord(rest)
	tag, rest := nextWord(rest)
	if string(stream) != "stdout" && string(stream) != "stderr" || string(tag) != "F" {
		return e, false
	}
	e.setInner(trimBlanks(rest))
	return e, true
}
