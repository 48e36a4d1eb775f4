package sshd

import "bytes"

// entry is one line of the log, split into its parts. The slices are parts of
// the line, or of its decoded text.
type entry struct {
	stamp   stamp
	host    []byte // nil if the line names none
	program []byte // nil if the line names none; the log then contains only lines of sshd
	pid     []byte // digits, nil if the line names none
	message []byte // without leading blanks
	// isClosed reports whether the form marks the end of the message. A line that was
	// cut off does not have such a form.
	isClosed bool
	// isSplit reports whether the program and the message were found. A line without
	// them still affects the choice of the year if its time can be read.
	isSplit bool
}

// prefixForm is one way in which logs write the part before sshd's message.
type prefixForm struct {
	name     string
	examples []string // … stands for the message
	read     func(line []byte) (e entry, ok bool)
}

// prefixForms lists the forms in the order in which readEntry tries them. docs/importing.md
// shows them.
var prefixForms = []prefixForm{
	{"journal as JSON", []string{
		`{"__REALTIME_TIMESTAMP":"1711541289123456","_HOSTNAME":"host1","SYSLOG_IDENTIFIER":"sshd","_PID":"101","MESSAGE":"…"}`,
	}, readJournal},
	{"container log of Docker", []string{
		`{"log":"…\n","stream":"stderr","time":"2024-03-27T12:08:09.123456789Z"}`,
	}, readContainerJSON},
	{"event log of Windows as XML", []string{
		`<Event><System><Provider Name='OpenSSH'/><TimeCreated SystemTime='2024-03-27T12:08:09.1234567Z'/></System><EventData><Data Name='process'>sshd</Data><Data Name='payload'>…</Data></EventData></Event>`,
	}, readEventXML},
	{"RFC 5424", []string{
		"<38>1 2024-03-27T13:08:09.123456+01:00 host1 sshd 101 - - …",
		"1 2024-03-27T13:08:09.123456+01:00 host1 sshd 101 - - …",
	}, readRFC5424},
	{"log file of OpenSSH for Windows", []string{
		"101 2024-03-27 13:08:09.123 …",
	}, readProcessFirst},
	{"container log of Kubernetes and Podman (CRI)", []string{
		"2024-03-27T12:08:09.123456789Z stderr F …",
	}, readCRI},
	{"syslog and text of the journal", []string{
		"Mar 27 13:08:09 host1 sshd[101]: …",
		"Mar 27 13:08:09 sshd[101]: …",
		"Mar 27 13:08:09 host1 sshd: …",
		"Mar 27 13:08:09 [sshd] …",
		"<38>Mar 27 13:08:09 host1 sshd[101]: …",
		"Mar 27 13:08:09 <auth.info> host1 sshd[101]: …",
		"Mar 27 13:08:09 host1 auth.info sshd[101]: …",
		"Mar 27 13:08:09 host1 sshd[101]: [ID 800047 auth.info] …",
		"Mar 27 13:08:09 host1 sshd[101] <Info>: …",
		"Mar 27 13:08:09 Message forwarded from host1: sshd[101]: …",
		"2024-03-27T13:08:09+01:00 host1 sshd 101 - - …",
		"Wed 2024-03-27 13:08:09 CET host1 ssh.service[101]: …",
		"2024-03-27T12:08:09.123456789Z …",
	}, readSyslog},
}

// readEntry splits a line. It reports false if the line has no form of
// [prefixForms].
func readEntry(line []byte) (e entry, ok bool) {
	if len(line) > 0 && 'A' <= line[0] && line[0] <= 'Z' {
		return readSyslog(line) // no other form begins with A to Z
	}
	for i := range prefixForms {
		if e, ok = prefixForms[i].read(line); ok {
			return e, true
		}
	}
	return e, false
}

// programs are the names under which sshd logs. OpenSSH 9.8 split off
// sshd-session, and OpenSSH 10.0 sshd-auth.
var programs = []string{"sshd", "sshd-session", "sshd-auth"}

// units are the systemd units of sshd. The name of a unit for one connection contains the
// addresses after the "@".
var units = []string{"ssh.service", "sshd.service", "ssh@", "sshd@"}

// isSSHD reports whether sshd wrote the line.
func (e *entry) isSSHD() bool {
	if e.program == nil {
		return true
	}
	program := e.program[bytes.LastIndexByte(e.program, '/')+1:]
	program = bytes.TrimSuffix(program, []byte(".exe"))
	for _, name := range programs {
		if string(program) == name {
			return true
		}
	}
	return isUnit(program)
}

func isUnit(program []byte) bool {
	for _, unit := range units {
		rest, ok := bytes.CutPrefix(program, []byte(unit))
		isInstance := unit[len(unit)-1] == '@' && bytes.HasSuffix(rest, []byte(".service"))
		if ok && (len(rest) == 0 || isInstance) {
			return true
		}
	}
	return false
}

// setMessage takes the message without its leading blanks and without the
// message id of Solaris.
func (e *entry) setMessage(message []byte) {
	message = trimBlanks(message)
	if rest, ok := bytes.CutPrefix(message, []byte("[ID ")); ok {
		if _, behind, ok := bytes.Cut(rest, []byte("] ")); ok {
			message = trimBlanks(behind)
		}
	}
	e.message, e.isSplit = message, true
}

// setInner takes the line that a program in a container wrote: a message of
// sshd, or a line of syslog, whose own time is ignored.
func (e *entry) setInner(line []byte) {
	line = bytes.TrimRight(line, "\r\n")
	inner, ok := readSyslog(line)
	if !ok {
		if !startsAttempt(line) {
			e.splitTag(line)
		}
		if !e.isSplit {
			e.setMessage(line)
		}
		return
	}
	inner.stamp = e.stamp
	*e = inner
}
