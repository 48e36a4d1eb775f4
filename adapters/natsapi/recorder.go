package natsapi

import (
	"bytes"
	"errors"
	"net/http"
	"time"

	"github.com/nats-io/nats.go"
)

// recorder holds an answer that must fit one message.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
	full   bool
}

var errFull = errors.New("the answer is larger than a message")

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
	if w.full = w.full || w.body.Len()+len(b) > answerBytesMax; w.full {
		return 0, errFull
	}
	return w.body.Write(b)
}

// SetWriteDeadline is for http.ResponseController: memory is always in time.
func (w *recorder) SetWriteDeadline(time.Time) error { return nil }

// broken is why an answer is not whole.
func (w *recorder) broken() (status int, detail string) {
	if w.full {
		return http.StatusRequestEntityTooLarge, "the answer is larger than a message: ask for less, with limit, or give fewer commands"
	}
	return http.StatusInternalServerError, "the answer broke off: see the node's log"
}

// kept are the headers that mean something over NATS, too.
func (w *recorder) kept() nats.Header {
	kept := make(nats.Header)
	for _, name := range []string{"Content-Type", "Retry-After", "X-Request-Id", "Reading", "As-Of"} {
		if values := w.header.Values(name); len(values) > 0 {
			kept[name] = values
		}
	}
	return kept
}
