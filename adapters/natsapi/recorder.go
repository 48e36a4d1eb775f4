package natsapi

import (
	"bytes"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/nats-io/nats.go"

	"authledger/eventstore/wire"
)

// recorder is an http.ResponseWriter that stores an answer of at most answerBytesMax bytes,
// because the answer must fit into one message.
type recorder struct {
	header     http.Header
	status     int
	body       bytes.Buffer
	overflowed bool // the answer exceeds answerBytesMax
}

// readSessionHeader is the header with the position of the audit.read of a read session.
const readSessionHeader = "Read-Session"

var errOverflow = errors.New("the answer exceeds the maximum size of a message")

// Header implements http.ResponseWriter.
func (w *recorder) Header() http.Header { return w.header }

// WriteHeader implements http.ResponseWriter.
func (w *recorder) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
}

// Write implements http.ResponseWriter.
func (w *recorder) Write(b []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	if w.overflowed = w.overflowed || w.body.Len()+len(b) > answerBytesMax; w.overflowed {
		return 0, errOverflow
	}
	return w.body.Write(b)
}

// SetWriteDeadline implements the method that http.ResponseController calls. It has no
// effect, because a write to memory does not block.
func (w *recorder) SetWriteDeadline(time.Time) error { return nil }

// failure returns the status and the detail of the problem for an incomplete answer.
func (w *recorder) failure() (status int, detail string) {
	if w.overflowed {
		return http.StatusRequestEntityTooLarge, "the answer exceeds the maximum size of a message: request fewer items with limit, or send fewer commands"
	}
	return http.StatusInternalServerError, "the answer is incomplete: the node's log holds the cause"
}

// messageHeader returns the headers of the answer that have a meaning over NATS.
func (w *recorder) messageHeader() nats.Header {
	header := make(nats.Header)
	for _, name := range []string{"Content-Type", "Retry-After", "X-Request-Id", readSessionHeader, "As-Of"} {
		if values := w.header.Values(name); len(values) > 0 {
			header[name] = values
		}
	}
	for name, values := range w.header {
		if strings.HasPrefix(name, wire.AttributePrefix) {
			header[strings.ToLower(name)] = values // lower case, as in the NATS binding of CloudEvents
		}
	}
	return header
}
