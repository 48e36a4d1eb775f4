package client

import (
	"encoding/json"
	"errors"
	"fmt"

	"authledger/domain/problems"
)

// ErrUnknown reports that no answer arrived in time. The ledger may have recorded the
// command or not. The caller retries with the same id, and permits nothing until it has the
// verdict.
var ErrUnknown = errors.New("timed out: the outcome of the command is unknown: retry with the same id")

// errNoAnswer is the error of a query without an answer. It matches [ErrUnknown], but its
// text mentions no command, because a query changes nothing.
var errNoAnswer error = noAnswer{}

type noAnswer struct{}

func (noAnswer) Error() string        { return "timed out: send the query again" }
func (noAnswer) Is(target error) bool { return target == ErrUnknown }

// ErrAnswer reports an answer that a node can't have sent to this request, such as the page
// of a proxy or the verdict of another command.
var ErrAnswer = errors.New("invalid answer: no node sends this answer to the request: check the URL and the proxies")

// ErrPlaintext reports a URL of another machine without TLS. [New] returns it unless
// [Options.AllowPlaintext] is set, because the client would send its token in clear text.
var ErrPlaintext = errors.New("the connection is not encrypted: use https or tls")

// errNotBegun is the error of Succeeded and Failed for a login that the ledger did not accept.
var errNotBegun = errors.New("the login can't be finished: the ledger did not accept its login.begin")

// Problem is a node's answer to a request that it rejects (RFC 9457). The node has recorded
// nothing, and rejects a retry too.
type Problem struct {
	Status int    // status code of HTTP
	Kind   string // such as unauthorized, forbidden or bad-request
	Detail string
}

func (p *Problem) Error() string {
	return fmt.Sprintf("the node rejects the request: %d %s: %s", p.Status, p.Kind, p.Detail)
}

// problemTextMax is the maximum length of the Kind and of the Detail of a [Problem], in
// bytes. The client truncates longer texts.
const problemTextMax = 1024

// problemBody is the part of a problem that the client reads.
type problemBody struct {
	Type    string          `json:"type"`
	Detail  string          `json:"detail"`
	Verdict json.RawMessage `json:"verdict"`
}

// retryError returns the error for an answer after which the client retries, see
// [isRetryable].
func (a *answer) retryError() error {
	if p := a.problem(); p.Kind != "" {
		return fmt.Errorf("the node answers %d %s: %s", p.Status, p.Kind, p.Detail)
	}
	return fmt.Errorf("the node answers %d", a.status)
}

func (a *answer) problem() *Problem {
	var body problemBody
	if json.Unmarshal(a.body, &body) != nil {
		body = problemBody{Detail: "no detail"}
	}
	kind := problems.Name(body.Type)
	return &Problem{Status: a.status, Kind: kind[:min(len(kind), problemTextMax)], Detail: body.Detail[:min(len(body.Detail), problemTextMax)]}
}
