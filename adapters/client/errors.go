package client

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// ErrUnknown says that no answer came in time: a command may be recorded or not.
// Give it again with the same id, and let nobody in until then.
var ErrUnknown = errors.New("no answer in time: what became of a command is unknown, give it again with the same id")

// errNoAnswer is ErrUnknown of a question, which changes nothing.
var errNoAnswer error = noAnswer{}

type noAnswer struct{}

func (noAnswer) Error() string        { return "no answer in time: ask again" }
func (noAnswer) Is(target error) bool { return target == ErrUnknown }

// ErrAnswer says that what came back is no answer of a ledger to what was asked.
var ErrAnswer = errors.New("the answer is not a ledger's to this question: is the URL right?")

// errNotBegun: what was not allowed can't be finished.
var errNotBegun = errors.New("the login was not allowed to begin: nothing is there to finish")

// Problem is a node's refusal to take what was asked (RFC 9457): nothing was
// recorded, and the same again gets the same answer.
type Problem struct {
	Status int    // of HTTP
	Kind   string // such as unauthorized, forbidden, bad-request
	Detail string
}

func (p *Problem) Error() string {
	return fmt.Sprintf("the node refuses: %d %s: %s", p.Status, p.Kind, p.Detail)
}

// problemTextMax bounds what is kept of a text that a node tells, in bytes.
const problemTextMax = 1024

// problemBody is the part of a problem that is read.
type problemBody struct {
	Type    string          `json:"type"`
	Detail  string          `json:"detail"`
	Verdict json.RawMessage `json:"verdict"`
}

// comeAgain is an answer that may be another next time.
func (a *answer) comeAgain() error {
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
	kind := body.Type[strings.LastIndexByte(body.Type, '#')+1:]
	return &Problem{Status: a.status, Kind: kind[:min(len(kind), problemTextMax)], Detail: body.Detail[:min(len(body.Detail), problemTextMax)]}
}
