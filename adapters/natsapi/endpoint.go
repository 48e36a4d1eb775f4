package natsapi

import (
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/micro"

	"authledger/adapters/natsconn"
)

// endpoint answers the requests of one subject.
type endpoint struct {
	*service
	request translate
	handler Handler // nil for the handler of the service
	tally   tally
}

// translate makes an HTTP request from a message. An error is the detail of the problem
// that the caller receives, with status 400.
type translate func(r micro.Request) (*http.Request, error)

func (s *service) endpoint(request translate) *endpoint {
	return &endpoint{service: s, request: request}
}

// Handle implements micro.Handler. It starts a goroutine for each request, because a
// request waits for the disk.
func (e *endpoint) Handle(r micro.Request) {
	received, caller := time.Now(), natsconn.CallerOf(r.Subject())
	if !e.acquire(caller) {
		e.refuse(r, received, http.StatusServiceUnavailable, "too many requests wait for an answer: send the request again with the same id")
		return
	}
	go func() {
		defer e.release(caller)
		e.answer(r, caller, received)
	}()
}

func (e *endpoint) answer(r micro.Request, name string, received time.Time) {
	caller, err := e.tokens.Named(name)
	if err != nil {
		e.refuse(r, received, http.StatusUnauthorized, "the token is unknown, revoked or expired: ask the operator for another token")
		return
	}
	request, err := e.request(r)
	if err != nil {
		e.refuse(r, received, http.StatusBadRequest, err.Error())
		return
	}
	w := recorder{header: make(http.Header)}
	handle := e.handler
	if handle == nil {
		handle = e.handle
	}
	if !serveHTTP(handle, caller, &w, request.WithContext(e.ctx)) {
		status, detail := w.failure()
		e.refuse(r, received, status, detail)
		return
	}
	header := w.messageHeader()
	if isError(w.status) {
		header[micro.ErrorCodeHeader], header[micro.ErrorHeader] = []string{strconv.Itoa(w.status)}, []string{http.StatusText(w.status)}
	}
	e.respond(r, received, w.status, header, w.body.Bytes())
}

func isError(status int) bool { return status >= http.StatusMultipleChoices }

// refuse answers with a problem if the handler has not produced a complete answer. The
// header Nats-Service-Error-Code contains the status, as in every error.
func (e *endpoint) refuse(r micro.Request, received time.Time, status int, detail string) {
	header := nats.Header{micro.ErrorCodeHeader: {strconv.Itoa(status)}, micro.ErrorHeader: {http.StatusText(status)}, "Content-Type": {problemMediaType}}
	e.respond(r, received, status, header, problemBody(status, detail))
}

// respond publishes the answer and counts it. It does not call the Respond method of the
// library, because only the goroutine that received the request may call that method. A
// caller that has disconnected receives the verdict when it sends the command again with
// the same id.
func (e *endpoint) respond(r micro.Request, received time.Time, status int, header nats.Header, body []byte) {
	e.tally.add(status, time.Since(received))
	if r.Reply() != "" {
		_ = e.conn.PublishMsg(&nats.Msg{Subject: r.Reply(), Header: header, Data: body})
	}
}

// tally counts the answers of an endpoint. It is safe for concurrent use.
type tally struct {
	answers, errors, took atomic.Int64 // took: nanoseconds, of all answers
	lastError             atomic.Int64 // a status
}

func (t *tally) add(status int, took time.Duration) {
	t.took.Add(int64(took))
	t.answers.Add(1)
	if isError(status) {
		t.errors.Add(1)
		t.lastError.Store(int64(status))
	}
}

// Tally is the data of an endpoint in the statistics of the service.
type Tally struct {
	Answers       int64         `json:"answers"` // errors included
	Errors        int64         `json:"errors"`
	LastError     int64         `json:"lastError,omitempty"` // status of the newest error
	AverageAnswer time.Duration `json:"averageNanoseconds"`  // from the request to its answer
}

// tallyOf is the micro.StatsHandler of the service. It returns the counts of an endpoint,
// because the counts of the library measure only the delivery of a request to Handle.
func tallyOf(of *micro.Endpoint) any {
	e, ok := of.Handler.(*endpoint)
	if !ok {
		return nil
	}
	t := Tally{Answers: e.tally.answers.Load(), Errors: e.tally.errors.Load(), LastError: e.tally.lastError.Load()}
	if t.Answers > 0 {
		t.AverageAnswer = time.Duration(e.tally.took.Load() / t.Answers)
	}
	return t
}
