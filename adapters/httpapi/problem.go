package httpapi

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"syscall"
	"time"

	"authledger/domain"
	"authledger/domain/access"
	"authledger/domain/problems"
	"authledger/eventstore"
	"authledger/eventstore/wire"
	"authledger/projections"
	"authledger/projections/queries"
)

// problem is an answer that reports an error (RFC 9457). It does not contain the path of
// the request, because the path may contain a user name.
type problem struct {
	status     int
	kind       string // name of the type, see package problems
	detail     string
	retryAfter time.Duration
	verdict    *domain.Verdict
	challenge  string // WWW-Authenticate of a 401; "" asks for a token
}

func (p *problem) Error() string { return p.kind + ": " + p.detail }

// Is reports that noRecord is [eventstore.ErrNoRecord] for the callers of [Read].
func (p *problem) Is(target error) bool { return p == noRecord && target == eventstore.ErrNoRecord }

// Kinds of problems, see package problems. Clients choose their action by the kind and the
// status.
const (
	badRequest      = problems.BadRequest
	missingBody     = problems.MissingBody
	unauthorized    = problems.Unauthorized
	forbidden       = problems.Forbidden
	notFound        = problems.NotFound
	notAllowed      = problems.MethodNotAllowed
	notAcceptable   = problems.NotAcceptable
	cutOff          = problems.CutOff
	tooLarge        = problems.TooLarge
	misdirected     = problems.MisdirectedRequest
	keyMissing      = problems.KeyMissing
	unsupported     = problems.UnsupportedMediaType
	invalidCommand  = problems.InvalidCommand
	tooManyRequests = problems.TooManyRequests
	outcomeUnknown  = problems.OutcomeUnknown
	notReady        = problems.NotReady
	internal        = problems.Internal
)

// Values of Retry-After.
const (
	retryBusy     = time.Second
	retryDiskFull = 30 * time.Second
	retryOpening  = 2 * time.Second
	retryFault    = time.Minute
)

func bad(format string, args ...any) *problem {
	return &problem{status: http.StatusBadRequest, kind: badRequest, detail: fmt.Sprintf(format, args...)}
}

// problemOf returns the answer to a failed request. No other function chooses a status for
// an error.
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
		return &problem{status: http.StatusRequestEntityTooLarge, kind: tooLarge, detail: fmt.Sprintf("the body is too large, want at most %d bytes", large.Limit)}
	case errors.As(err, &fault), errors.Is(err, projections.ErrDamaged):
		return &problem{status: http.StatusServiceUnavailable, kind: notReady, retryAfter: retryFault, detail: "the log or the projections are damaged, and the node answers no query: see the node's log"}
	case errors.Is(err, eventstore.ErrBusy):
		return &problem{status: http.StatusServiceUnavailable, kind: outcomeUnknown, retryAfter: retryBusy, detail: "too many commands wait for a verdict: retry with the same id"}
	case errors.Is(err, eventstore.ErrDiskFull):
		return &problem{status: http.StatusServiceUnavailable, kind: outcomeUnknown, retryAfter: retryDiskFull, detail: "the disk of the node is nearly full: retry with the same id after space was freed"}
	case errors.Is(err, eventstore.ErrStopped), errors.Is(err, projections.ErrClosed):
		return &problem{status: http.StatusServiceUnavailable, kind: outcomeUnknown, retryAfter: retryOpening, detail: "the node stops: retry with the same id"}
	case errors.Is(err, eventstore.ErrTooManyFollowers):
		return &problem{status: http.StatusServiceUnavailable, kind: notReady, retryAfter: retryDiskFull, detail: "too many open streams: retry later"}
	case errors.Is(err, ErrDeadLettersUnavailable):
		return &problem{status: http.StatusServiceUnavailable, kind: notReady, retryAfter: retryDiskFull, detail: "the NATS server that stores the dead letters can't be reached: start it, then retry"}
	case errors.Is(err, eventstore.ErrNoRecord):
		return noRecord
	case errors.Is(err, queries.ErrPosition):
		return bad("%v", queries.ErrPosition)
	case errors.Is(err, queries.ErrBusy):
		return &problem{status: http.StatusServiceUnavailable, kind: notReady, retryAfter: retryBusy, detail: "too many queries about the past wait for an answer: retry later"}
	case errors.Is(err, projections.ErrAhead):
		return bad("the log does not contain that position yet: wait for the position with the parameter atLeast")
	case errors.Is(err, context.DeadlineExceeded):
		return &problem{status: http.StatusServiceUnavailable, kind: outcomeUnknown, retryAfter: retryBusy, detail: "timed out: retry with the same id"}
	case isOfSystem(err):
		return &problem{status: http.StatusServiceUnavailable, kind: outcomeUnknown, retryAfter: retryDiskFull, detail: "the node lacks disk space, open files or memory, or its disk fails: retry with the same id; the node's log contains this request's id"}
	case errors.Is(err, context.Canceled):
		return &problem{status: statusGone, kind: outcomeUnknown, detail: "the client disconnected"}
	}
	return &problem{status: http.StatusInternalServerError, kind: internal, detail: "internal error: the node's log contains this request's id"}
}

// isOfSystem reports whether the operating system refused an operation. A client may send
// the request again later.
func isOfSystem(err error) bool { return errors.As(err, new(syscall.Errno)) }

// statusGone is the status in the log and the metrics of a request whose client
// disconnected. The server never sends it.
const statusGone = 499

// problemBody is the JSON of a problem (RFC 9457). For an invalid command it contains the
// verdict.
type problemBody struct {
	Type      string          `json:"type"`
	Title     string          `json:"title"`
	Status    int             `json:"status"`
	Detail    string          `json:"detail,omitempty"`
	RequestID string          `json:"requestId,omitempty"`
	Verdict   json.RawMessage `json:"verdict,omitempty"`
}

func (p *problem) write(w *answer, requestID string) {
	body := problemBody{Type: problems.Reference(p.kind), Title: problems.Title(p.kind), Status: p.status, Detail: p.detail, RequestID: requestID}
	if p.verdict != nil {
		body.Verdict = wire.AppendVerdict(nil, p.verdict)
	}
	text, err := json.Marshal(body)
	if err != nil {
		text = []byte(`{"title":"The node failed to answer","status":500}`)
	}
	if p.retryAfter > 0 {
		w.Header().Set("Retry-After", seconds(p.retryAfter))
	}
	if p.status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", cmp.Or(p.challenge, `Bearer realm="authledger"`))
	}
	w.send(p.status, "application/problem+json", text)
}

// seconds returns d in the format of Retry-After: whole seconds, rounded up.
func seconds(d time.Duration) string {
	return strconv.FormatInt(int64(math.Ceil(max(d, 0).Seconds())), 10)
}
