package natsapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"authledger/access"
)

// question is one that can be asked: as a path of the interface over HTTP, whose
// parameters are members of the request.
type question struct {
	name   string
	right  access.Right
	method string
	path   string // {member}s stand where the request's members do
	says   string
}

// questions are all there are, of those over HTTP that have one answer.
var questions = []question{
	{"lockout", access.ReadLockout, http.MethodGet, "/v1/users/{user}/lockout", "is this user locked, until when, and how many attempts are left"},
	{"devices", access.ReadDevices, http.MethodGet, "/v1/users/{user}/devices", "which devices a user has"},
	{"codes", access.ReadCodes, http.MethodGet, "/v1/users/{user}/codes", "which codes were given to a user"},
	{"sharings", access.ReadSharings, http.MethodGet, "/v1/users/{user}/sharings", "which devices a user shares"},
	{"timeline", access.ReadTimeline, http.MethodGet, "/v1/users/{user}/timeline", "the records of a user"},
	{"troubleshoot", access.ReadTroubleshoot, http.MethodGet, "/v1/users/{user}/troubleshoot", "what may be wrong for a user, and what helps"},
	{"withdrawals", access.ReadWithdrawals, http.MethodGet, "/v1/accounts/{account}/withdrawals", "how much may still be withdrawn"},
	{"account-timeline", access.ReadTimeline, http.MethodGet, "/v1/accounts/{account}/timeline", "the records of an account"},
	{"lockouts", access.ReadLockouts, http.MethodGet, "/v1/lockouts", "the users that are locked"},
	{"records", access.ReadRecords, http.MethodGet, "/v1/records", "records as JSON lines: from, to, limit"},
	{"record", access.ReadRecords, http.MethodGet, "/v1/records/{seq}", "one record"},
	{"why", access.ReadWhy, http.MethodGet, "/v1/records/{seq}/why", "why a record says what it says"},
	{"policy", access.ReadPolicy, http.MethodGet, "/v1/policy", "the policy in force"},
	{"letters", access.ReadLetters, http.MethodGet, "/v1/letters", "what the intake could not give to the ledger"},
	{"letter", access.ReadLetters, http.MethodGet, "/v1/letters/{position}", "one of them, with what it holds"},
	{"letter-retry", access.RetryLetters, http.MethodPost, "/v1/letters/{position}/retry", "give it to the ledger once more"},
	{"letter-drop", access.RetryLetters, http.MethodPost, "/v1/letters/{position}/drop", "throw it away"},
}

// questionBytesMax bounds the request, in bytes.
const questionBytesMax = 8 << 10

// request makes the question's request over HTTP. Members that its path doesn't
// name are its parameters.
func (q *question) request(payload []byte) (*http.Request, error) {
	members, err := readMembers(payload)
	if err != nil {
		return nil, err
	}
	path := q.path
	if before, rest, ok := strings.Cut(path, "{"); ok {
		name, after, _ := strings.Cut(rest, "}")
		value, has := members[name]
		if !has || value == "" {
			return nil, fmt.Errorf("want the member %s", name)
		}
		delete(members, name)
		path = before + url.PathEscape(value) + after
	}
	if _, follows := members["follow"]; follows {
		return nil, errors.New("follow: a request has one answer: ask for records with atLeast, from the next position on")
	}
	to, err := url.Parse(path)
	if err != nil {
		return nil, errors.New("that name can't stand in a path")
	}
	values := make(url.Values, len(members))
	for name, value := range members {
		values.Set(name, value)
	}
	to.RawQuery = values.Encode()
	return &http.Request{Method: q.method, URL: to, Header: make(http.Header), Body: http.NoBody}, nil
}

// readMembers reads a flat object of texts, numbers and truths, each once. Nothing
// at all is an empty one.
func readMembers(b []byte) (map[string]string, error) {
	members := make(map[string]string)
	if len(bytes.TrimSpace(b)) == 0 {
		return members, nil
	}
	if len(b) > questionBytesMax {
		return nil, fmt.Errorf("the question has more than %d bytes", questionBytesMax)
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return nil, errObject
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, errObject
		}
		value, err := d.Token()
		if _, nested := value.(json.Delim); err != nil || nested || value == nil {
			return nil, fmt.Errorf("%v: want a text, a number, true or false", name)
		}
		if _, twice := members[name.(string)]; twice {
			return nil, fmt.Errorf("%v is there more than once", name)
		}
		members[name.(string)] = fmt.Sprint(value)
	}
	if _, err := d.Token(); err != nil {
		return nil, errObject
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errObject
	}
	return members, nil
}

var errObject = errors.New("want one JSON object, such as {\"user\":\"alice\"}")
