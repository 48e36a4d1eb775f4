package sshd

import (
	"bytes"
	"strconv"
	"time"
)

// The markers that two exports of the journal put before each JSON object.
var (
	recordSeparator = []byte("\x1e")   // journalctl -o json-seq
	sseData         = []byte("data: ") // journalctl -o json-sse
)

// readJournal reads a line of journalctl -o json.
func readJournal(line []byte) (e entry, ok bool) {
	line = bytes.TrimPrefix(bytes.TrimPrefix(line, recordSeparator), sseData)
	if !bytes.HasPrefix(line, []byte("{")) || !bytes.Contains(line, []byte(`"__REALTIME_TIMESTAMP"`)) {
		return e, false
	}
	o, ok := readObject(line)
	if !ok {
		return e, false
	}
	micros, _ := o.text("__REALTIME_TIMESTAMP")
	if e.stamp.instant, ok = instantOfMicros(micros); !ok {
		return e, false
	}
	e.host, e.program, e.pid = o.word("_HOSTNAME"), o.word("SYSLOG_IDENTIFIER"), o.word("_PID")
	if len(e.program) == 0 {
		e.program = o.word("_COMM")
	}
	if message, ok := o.binary("MESSAGE"); ok {
		e.setMessage(message)
	}
	e.isClosed = true
	return e, true
}

// microsDigitsMax admits the times before the year 5138.
const microsDigitsMax = 17

func instantOfMicros(text string) (at time.Time, ok bool) {
	micros, err := strconv.ParseInt(text, 10, 64)
	if err != nil || len(text) > microsDigitsMax || micros <= 0 {
		return at, false
	}
	return time.UnixMicro(micros).UTC(), true
}
