package httpapi

import (
	"encoding/json"
	"net/http"
	"runtime/debug"
	"strconv"
	"time"

	"authledger/domain/problems"
)

// answer is an [http.ResponseWriter] that stores the status of the answer.
type answer struct {
	http.ResponseWriter
	call   *call
	status int // 0 until the answer begins
}

// WriteHeader implements [http.ResponseWriter].
func (a *answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
		if a.call.caller == nil && closesConnection(status) || a.call.hasUnreadBody && status >= http.StatusBadRequest {
			a.Header().Set("Connection", "close")
		}
	}
	a.ResponseWriter.WriteHeader(status)
}

// Write implements [http.ResponseWriter].
func (a *answer) Write(b []byte) (int, error) {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	return a.ResponseWriter.Write(b)
}

// send sends a whole body, with names in place of pseudonyms. With the Content-Length, a client can detect
// an incomplete answer, also behind a proxy that uses HTTP/1.0. send ignores a failed write: a client that
// disconnected gets the verdict when it retries with the same id.
func (a *answer) send(status int, mediaType string, body []byte) {
	body = a.call.shown(body)
	a.Header().Set(contentTypeHeader, mediaType)
	a.Header().Set("Content-Length", strconv.Itoa(len(body)))
	a.WriteHeader(status)
	_, _ = a.Write(body)
}

func (a *answer) writeJSON(body []byte) { a.send(http.StatusOK, jsonType, append(body, '\n')) }

func (a *answer) marshalJSON(value any) error {
	body, err := json.Marshal(value)
	if err != nil {
		return err
	}
	a.writeJSON(body)
	return nil
}

// closesConnection reports whether an answer to a caller without a valid token ends the
// connection, so that each guess and each scanned path costs its client a connection.
func closesConnection(status int) bool {
	switch status {
	case http.StatusMovedPermanently, http.StatusTemporaryRedirect, http.StatusUnauthorized, http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusTooManyRequests:
		return true
	}
	return false
}

// Unwrap gives http.ResponseController access to the connection.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// mayLogSystem reports whether the server may log an error of the operating system. It
// permits one log line a second, because every request fails while the disk fails.
func (s *Server) mayLogSystem(now time.Time) bool {
	last := s.systemLogged.Load()
	return now.Sub(time.Unix(0, last)).Abs() >= time.Second && s.systemLogged.CompareAndSwap(last, now.UnixNano())
}

// writeError answers with the problem of err. If a part of the answer was already sent,
// writeError closes the connection instead, so that the client detects the incomplete
// answer.
func (s *Server) writeError(c *call, w *answer, err error) {
	p := problemOf(err)
	if p.status == http.StatusInternalServerError || isOfSystem(err) && s.mayLogSystem(time.Now()) {
		s.options.Log.Error("a request failed", "request", c.id, "route", c.route.path, "cause", problems.Causes(err))
	}
	if w.status != 0 {
		s.options.Log.Warn("an answer was cut short", "request", c.id, "route", c.route.path, "kind", p.kind)
		panic(http.ErrAbortHandler)
	}
	if c.route.path == commandsPath {
		setProblemEvent(w.Header(), c.id, s.options.Now())
	}
	if p.status == statusGone {
		// Only the log and the metrics get the status 499. The server still sends a
		// problem, because a client that closed only its sending side would read an empty
		// answer as status 200.
		w.status = statusGone
		p = &problem{status: http.StatusServiceUnavailable, kind: p.kind, retryAfter: retryBusy, detail: p.detail}
		p.write(&answer{ResponseWriter: w.ResponseWriter, call: c}, c.id)
		return
	}
	p.write(w, c.id)
}

// finish writes the log line and the metrics of a request, without user names and account
// numbers. If the handler panicked before it began the answer, finish sends the problem
// "internal".
func (s *Server) finish(c *call, w *answer, r *http.Request, begun time.Time) {
	broken := recover()
	if broken != nil && broken != http.ErrAbortHandler {
		s.options.Log.Error("a request panicked", "request", c.id, "route", c.route.path, "stack", string(debug.Stack()))
		if broken = http.ErrAbortHandler; w.status == 0 { // the answer has not begun
			(&problem{status: http.StatusInternalServerError, kind: internal}).write(w, c.id)
			broken = nil
		}
	}
	if w.status == 0 {
		w.status = http.StatusOK
	}
	took := time.Since(begun)
	s.options.Observe.Request(c.route.method+" "+c.route.path, w.status, took)
	s.logRequest(c, w.status, r, took)
	if broken != nil {
		panic(broken)
	}
}

// logRequest logs a successful request at the level debug, and a refused request (status
// 400 or above) at the level info. It counts repeated refusals, see [refusals].
func (s *Server) logRequest(c *call, status int, r *http.Request, took time.Duration) {
	route, name := c.route.method+" "+c.route.path, ""
	if c.caller != nil {
		name = c.caller.Name
	}
	attributes := []any{"request", c.id, "route", route, "status", status, "took", took, "caller", name}
	if status < http.StatusBadRequest {
		s.options.Log.Debug("request", attributes...)
		return
	}
	from := name
	if c.caller == nil {
		from = ClientNetwork(r.RemoteAddr).String()
		attributes = append(attributes, "from", from)
	}
	s.refusals.add(refusal{from, route, status}, attributes...)
}
