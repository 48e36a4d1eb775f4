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

	"authledger/domain/operations"
)

// queryBytesMax is the maximum size of a query, in bytes.
const queryBytesMax = 8 << 10

// queryRequest translates the payload of a message into the HTTP request of an operation.
// It puts the member with the name of the path parameter into the path, and the other
// members into the query string. The HTTP layer validates their values.
func queryRequest(o *operations.Operation, payload []byte) (*http.Request, error) {
	members, err := readMembers(payload)
	if err != nil {
		return nil, err
	}
	path := o.Path
	if p := o.PathParameter(); p != nil {
		value, has := members[p.Name]
		if !has || value == "" {
			return nil, fmt.Errorf("the member %s is missing", p.Name)
		}
		delete(members, p.Name)
		path = strings.Replace(path, "{"+p.Name+"}", url.PathEscape(value), 1)
	}
	to, err := url.Parse(path)
	if err != nil {
		return nil, errors.New("a member of the path has an invalid value")
	}
	values := make(url.Values, len(members))
	for name, value := range members {
		if p := o.Parameter(name); p != nil && p.StreamOnly {
			return nil, fmt.Errorf("%s: not supported over NATS, because a request has one answer: send the query records with the parameters after and atLeast", name)
		}
		values.Set(name, value)
	}
	to.RawQuery = values.Encode()
	return &http.Request{Method: o.Method, URL: to, Header: make(http.Header), Body: http.NoBody}, nil
}

// readMembers reads a JSON object whose members are strings, numbers and booleans, each at
// most once. An empty payload is an empty object. An error repeats no text of the payload,
// because users type passwords where a name belongs.
func readMembers(b []byte) (map[string]string, error) {
	members := make(map[string]string)
	if len(bytes.TrimSpace(b)) == 0 {
		return members, nil
	}
	if len(b) > queryBytesMax {
		return nil, fmt.Errorf("the query exceeds %d bytes", queryBytesMax)
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
			return nil, errors.New("a member of the query has an invalid value: want a string, a number, true or false")
		}
		if _, twice := members[name.(string)]; twice {
			return nil, errors.New("a member of the query occurs more than once: want each member at most once")
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

var errObject = errors.New("the query is not a JSON object: want one object, such as {\"user\":\"alice\"}")
