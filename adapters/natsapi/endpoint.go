package natsapi

import (
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/micro"
)

// endpoint answers the requests of one subject.
type endpoint struct {
	*service
	request translate
	tally   tally
}

// translate makes a request out of a message, or says what is wrong with it.
type translate func(r micro.Request) (*http.Request, error)

func (s *service) endpoint(request translate) *endpoint {
	return &endpoint{service: s, request: request}
}

// Handle implements micro.Handler. Requests wait for the disk side by side.
func (e *endpoint) Handle(r micro.Request) {
	begun, caller := time.Now(), callerOf(r.Subject())
	if !e.enter(caller) {
		e.refuse(r, begun, http.StatusServiceUnavailable, "too many requests are waiting: send it again, with the same id")
		return
	}
	go func() {
		defer e.leave(caller)
		e.answer(r, caller, begun)
	}()
}

func (e *endpoint) answer(r micro.Request, name string, begun time.Time) {
	caller, err := e.tokens.Named(name)
	if err != nil {
		e.refuse(r, begun, http.StatusUnauthorized, "the token is unknown, revoked or has expired: ask the operator for another")
		return
	}
	asked, err := e.request(r)
	if err != nil {
		e.refuse(r, begun, http.StatusBadRequest, err.Error())
		return
	}
	told := recorder{header: make(http.Header)}
	if !e.ask(caller, &told, asked.WithContext(e.ctx)) {
		status, detail := told.broken()
		e.refuse(r, begun, status, detail)
		return
	}
	header := told.kept()
	if isError(told.status) {
		header[micro.ErrorCodeHeader], header[micro.ErrorHeader] = []string{strconv.Itoa(told.status)}, []string{http.StatusText(told.status)}
	}
	e.tell(r, begun, told.status, header, told.body.Bytes())
}

func isError(status int) bool { return status >= http.StatusMultipleChoices }

// refuse answers what the interface has no whole answer to, with a problem like its
// own. The status stands in the header Nats-Service-Error-Code, as that of all errors
// does.
func (e *endpoint) refuse(r micro.Request, begun time.Time, status int, detail string) {
	header := nats.Header{micro.ErrorCodeHeader: {strconv.Itoa(status)}, micro.ErrorHeader: {http.StatusText(status)}, "Content-Type": {problemKind}}
	e.tell(r, begun, status, header, problemBody(status, detail))
}

// tell answers. The library's own way is not for another goroutine than that which
// has heard the request. Whoever went away finds the verdict under the same id.
func (e *endpoint) tell(r micro.Request, begun time.Time, status int, header nats.Header, body []byte) {
	e.tally.add(status, time.Since(begun))
	if r.Reply() != "" {
		_ = e.conn.PublishMsg(&nats.Msg{Subject: r.Reply(), Header: header, Data: body})
	}
}

// tally is what came of an endpoint's requests.
type tally struct {
	answers, errors, took atomic.Int64 // took: nanoseconds
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

// Tally is what the statistics of the service say of an endpoint, as its data.
type Tally struct {
	Answers       int64         `json:"answers"` // errors among them
	Errors        int64         `json:"errors"`
	LastError     int64         `json:"lastError,omitempty"` // its status
	AverageAnswer time.Duration `json:"averageNanoseconds"`  // from the request to its answer
}

// tallyOf is a micro.StatsHandler: the library's own counts are of handing requests
// on.
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
