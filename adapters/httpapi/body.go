package httpapi

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// Bounds of reading the bodies of commands. The server counts a request against the limit
// of all callers only after it has read the body, so that a slow body delays only its own
// caller.
const (
	commandsPerCallerMax = 1024                          // concurrent requests of one caller with a command
	batchesPerCallerMax  = 16                            // concurrent requests of one caller with a batch
	commandBodyWithin    = 10 * time.Second              // for the body of one command
	batchBodyWithin      = 20 * time.Second              // for the body of a batch
	verdictReadWithin    = verdictWithin + 5*time.Second // read deadline while the client waits for the verdict
)

// readLimited reads the body of a request within the limit of its caller, then waits for
// the limit of all callers. The caller of readLimited calls release when err is nil.
func (l *concurrency) readLimited(c *call, w http.ResponseWriter, r *http.Request, most int64, within time.Duration) (body []byte, release func(), err error) {
	releaseCaller, err := l.acquireCaller(r.Context(), c.caller.Name)
	if err != nil {
		return nil, nil, err
	}
	if body, err = readBodyWithin(w, r, most, within); err == nil {
		c.hasUnreadBody = false
		if err = c.requireBody(r, body); err == nil {
			err = l.all.Acquire(r.Context(), 1)
		}
	}
	if err != nil {
		releaseCaller()
		return nil, nil, err
	}
	return body, func() { l.all.Release(1); releaseCaller() }, nil
}

// requireBody returns a problem for an empty body. Over NATS, the verdict of the empty command
// names the invalid JSON instead.
func (c *call) requireBody(r *http.Request, body []byte) error {
	if len(bytes.TrimSpace(body)) > 0 || c.isFromNATS(r) {
		return nil
	}
	return c.emptyBody(r)
}

// readBodyWithin reads a body within a duration. Then it extends the read deadline, because
// net/http continues to read from the connection while the client waits for the verdict.
func readBodyWithin(w http.ResponseWriter, r *http.Request, most int64, within time.Duration) ([]byte, error) {
	to := http.NewResponseController(w)
	if err := deadlineError(to.SetReadDeadline(time.Now().Add(within))); err != nil {
		return nil, err
	}
	body, err := readBody(w, r, most)
	if err != nil {
		return nil, err
	}
	if err := deadlineError(to.SetReadDeadline(time.Now().Add(verdictReadWithin))); err != nil {
		return nil, err
	}
	return body, nil
}

// errConnectionClosed is the error of a request whose connection the server closed to admit another one,
// or whose client disconnected, before the server read the body or began the answer.
var errConnectionClosed = &problem{status: statusGone, kind: cutOff, detail: "the connection was closed: retry with the same id"}

// deadlineError returns the error of a request for an error of setting a deadline of its connection. A
// transport without deadlines is no error.
func deadlineError(err error) error {
	switch {
	case errors.Is(err, http.ErrNotSupported):
		return nil
	case errors.Is(err, net.ErrClosed):
		return errConnectionClosed
	}
	return err
}

// readBody returns the whole body, or an error if the body is larger than most bytes.
func readBody(w http.ResponseWriter, r *http.Request, most int64) ([]byte, error) {
	if strings.Join(r.Header.Values(contentEncodingHeader), "") != "" {
		return nil, &problem{status: http.StatusUnsupportedMediaType, kind: unsupported, detail: "want a body without Content-Encoding"}
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, most))
	if err == nil || errors.As(err, new(*http.MaxBytesError)) {
		return body, err
	}
	return nil, &problem{status: http.StatusRequestTimeout, kind: cutOff, retryAfter: retryBusy, detail: "the body is incomplete or arrived too slowly: retry with the same id"}
}
