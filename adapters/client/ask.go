package client

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
)

// askMax is the maximum size of an answer, in bytes.
const askMax = 64 << 20

// Ask sends a request to a path for which [Client] has no method, and returns the body of
// the answer. Ask may send the request more than once, so the request must be idempotent.
func (c *Client) Ask(ctx context.Context, method, path string, values url.Values) ([]byte, error) {
	a, err := c.send(ctx, &question{method: method, path: path, values: values, most: askMax})
	if err != nil {
		return nil, err
	}
	if a.status != http.StatusOK {
		return nil, a.problem()
	}
	return a.body, nil
}

// Verdict sends a POST request without a body to a path, such as /v1/dead-letters/7/retry,
// and returns the verdict in the answer. It is for commands that the node already stores.
// An invalid verdict is not an error.
func (c *Client) Verdict(ctx context.Context, path string) (Verdict, error) {
	a, err := c.send(ctx, &question{method: http.MethodPost, path: path, most: verdictMax})
	if err != nil {
		return Verdict{}, err
	}
	var v Verdict
	text := a.body
	if a.status == http.StatusUnprocessableEntity {
		var body problemBody
		if json.Unmarshal(a.body, &body) != nil || len(body.Verdict) == 0 {
			return Verdict{}, a.problem()
		}
		text = body.Verdict
	} else if a.status != http.StatusOK {
		return Verdict{}, a.problem()
	}
	if err := json.Unmarshal(text, &v); err != nil {
		return Verdict{}, ErrAnswer
	}
	return verdictOf(text, v.ID, v.Type)
}
