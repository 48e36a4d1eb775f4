package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"

	"authledger/access"
	"authledger/domain"
	"authledger/eventstore"
	"authledger/eventstore/wire"
	"authledger/projections"
)

// problem is an answer that is an error (RFC 9457). Its type says what to do; a
// request's path, which may name a person, is not repeated.
type problem struct {
	status     int
	kind       string // the last part of its type
	detail     string
	retryAfter time.Duration
	verdict    *domain.Verdict
}

func (p *problem) Error() string { return p.kind + ": " + p.detail }

// Kinds of problems. Who asks acts on these and on the status.
const (
	badRequest      = "bad-request"
	unauthorized    = "unauthorized"
	forbidden       = "forbidden"
	notFound        = "not-found"
	notAllowed      = "method-not-allowed"
	cutOff          = "cut-off" // nothing was recorded: send it again, with the same id
	tooLarge        = "too-large"
	unsupported     = "unsupported-media-type"
	invalidCommand  = "invalid-command"
	tooManyRequests = "too-many-requests"
	outcomeUnknown  = "outcome-unknown" // of a command: send it again with the same id
	notReady        = "not-ready"
	internal        = "internal"
)

// How long to wait before asking again.
const (
	retryBusy     = time.Second
	retryDiskFull = 30 * time.Second
	retryOpening  = 2 * time.Second
	retryFault    = time.Minute
)

func bad(format string, args ...any) *problem {
	return &problem{status: http.StatusBadRequest, kind: badRequest, detail: fmt.Sprintf(format, args...)}
}

// problemOf maps an error to its answer. It is the only place that does.
func problemOf(err error) *problem {
	var p *problem
	var denied *access.Denied
	var fault *eventstore.Fault
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &p):
		return p
	case errors.As(err, &denied):
		return &problem{status: http.StatusForbidden, kind: forbidden, detail: denied.Error()}
	case errors.As(err, &large):
		return &problem{status: http.StatusRequestEntityTooLarge, kind: tooLarge, detail: fmt.Sprintf("the body has more than %d bytes", large.Limit)}
	case errors.As(err, &fault), errors.Is(err, projections.ErrDamaged):
		return &problem{status: http.StatusServiceUnavailable, kind: notReady, retryAfter: retryFault, detail: "the log or the rows are damaged, and nothing is served: see the node's log"}
	case errors.Is(err, eventstore.ErrBusy):
		return &problem{status: http.StatusServiceUnavailable, kind: outcomeUnknown, retryAfter: retryBusy, detail: "too many commands are waiting: send it again, with the same id"}
	case errors.Is(err, eventstore.ErrDiskFull):
		return &problem{status: http.StatusServiceUnavailable, kind: outcomeUnknown, retryAfter: retryDiskFull, detail: "the disk is nearly full: send it again, with the same id, once there is space"}
	case errors.Is(err, eventstore.ErrStopped), errors.Is(err, projections.ErrClosed):
		return &problem{status: http.StatusServiceUnavailable, kind: outcomeUnknown, retryAfter: retryOpening, detail: "the node stops: send it again, with the same id"}
	case errors.Is(err, eventstore.ErrTooManyFollowers):
		return &problem{status: http.StatusServiceUnavailable, kind: notReady, retryAfter: retryDiskFull, detail: "too many streams are open"}
	case errors.Is(err, ErrLettersAway):
		return &problem{status: http.StatusServiceUnavailable, kind: notReady, retryAfter: retryDiskFull, detail: "the NATS server that keeps the letters can't be reached: start it, then ask again"}
	case errors.Is(err, eventstore.ErrNoRecord):
		return &problem{status: http.StatusNotFound, kind: notFound, detail: "there is no such record"}
	case errors.Is(err, projections.ErrAhead):
		return bad("the log does not reach that position yet: wait for it with atLeast")
	case errors.Is(err, context.DeadlineExceeded):
		return &problem{status: http.StatusServiceUnavailable, kind: outcomeUnknown, retryAfter: retryBusy, detail: "no answer in time: send it again, with the same id"}
	case errors.Is(err, context.Canceled):
		return &problem{status: statusGone, kind: outcomeUnknown, detail: "the client went away"}
	}
	return &problem{status: http.StatusInternalServerError, kind: internal, detail: "something is wrong in the node: its log has this request's id"}
}

// statusGone is for the log and the metrics: nobody is there to read it.
const statusGone = 499

// problemBody is RFC 9457, with the verdict of an invalid command.
type problemBody struct {
	Type      string          `json:"type"`
	Title     string          `json:"title"`
	Status    int             `json:"status"`
	Detail    string          `json:"detail,omitempty"`
	RequestID string          `json:"requestId,omitempty"`
	Verdict   json.RawMessage `json:"verdict,omitempty"`
}

// problemType is a relative reference, which RFC 9457 allows: where a node is
// reached it can't know.
const problemType = "/docs/problems#"

func (p *problem) write(w http.ResponseWriter, requestID string) {
	body := problemBody{Type: problemType + p.kind, Title: http.StatusText(p.status), Status: p.status, Detail: p.detail, RequestID: requestID}
	if p.verdict != nil {
		body.Verdict = wire.AppendVerdict(nil, p.verdict)
	}
	text, err := json.Marshal(body)
	if err != nil {
		text = []byte(`{"title":"Internal Server Error","status":500}`)
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	if p.retryAfter > 0 {
		w.Header().Set("Retry-After", seconds(p.retryAfter))
	}
	if p.status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Bearer realm="authledger"`)
	}
	w.WriteHeader(p.status)
	// Whoever asked and went away misses nothing that could be told elsewhere.
	_, _ = w.Write(text)
}

// seconds is d as Retry-After has it, rounded up.
func seconds(d time.Duration) string {
	return strconv.FormatInt(int64(math.Ceil(max(d, 0).Seconds())), 10)
}
