package client

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
)

// askMax bounds an answer, in bytes.
const askMax = 64 << 20

// Ask asks a path of the interface that has no method here, and returns the answer's
// body. It may be asked any number of times, so the path must be one that can.
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

// Verdict posts to a path that answers with a verdict, whose command only the node
// knows. An invalid command is a verdict like any other.
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
