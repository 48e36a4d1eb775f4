package client

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"
)

// taskLineMax is the maximum size of one line of a task's answer, in bytes.
const taskLineMax = 1 << 20

// errSilent is the error of a task whose node sends no line for [silenceMax].
var errSilent = fmt.Errorf("timed out: the node sent nothing for %v", silenceMax)

// TaskUpdate is one line of the answer to a task.
type TaskUpdate struct {
	Progress   *struct{ At, Last uint64 } // stream positions of the log
	Difference json.RawMessage            // nil unless the line has a difference
	done       json.RawMessage
	problem    *TaskFailed
}

// TaskFailed is the error with which a node ended a task.
type TaskFailed struct {
	Detail string
	Fault  *struct{ Stream, Seq uint64 } // position of a fault of the log or the projections; nil for another error
}

func (f *TaskFailed) Error() string { return f.Detail }

// Task starts a task of a node: a long computation on the whole log, such as POST /v1/verify. It
// calls update for each line with progress or a difference, and returns the result as JSON.
// Task repeats the request for at most [Options.Patience] while the node can't be reached or
// answers 503, for example while it opens its ledger. A task that has started is not repeated,
// because it reads the whole log again. Errors: *[Problem] if the node does not start the task,
// *[TaskFailed] if the task ends with an error, and an error of the connection.
func (c *Client) Task(ctx context.Context, path string, values url.Values, body []byte, update func(TaskUpdate) error) ([]byte, error) {
	starting, cancel := context.WithTimeout(ctx, c.options.Patience)
	defer cancel()
	for n := 0; ; n++ {
		done, delay, err := c.tryTask(ctx, path, values, body, update)
		if !isNotStarted(err) || !c.waitForRetry(starting, n, delay, err) {
			return done, err
		}
	}
}

// isNotStarted reports whether err proves that no task started, and a retry may start the task.
func isNotStarted(err error) bool {
	var refused *Problem
	var failed *net.OpError
	return errors.As(err, &refused) && refused.Status == http.StatusServiceUnavailable ||
		errors.As(err, &failed) && failed.Op == "dial"
}

// tryTask sends the request of a task one time. The delay is that of a Retry-After.
func (c *Client) tryTask(ctx context.Context, path string, values url.Values, body []byte, update func(TaskUpdate) error) (done []byte, delay time.Duration, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watch := time.AfterFunc(silenceMax, func() { cancel(errSilent) }) // a reachable node sends a line every second
	defer watch.Stop()
	to := c.base.JoinPath(path)
	to.RawQuery = values.Encode()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, to.String(), bytes.NewReader(body))
	if err != nil {
		return nil, 0, err
	}
	c.sign(request)
	response, err := c.http.Do(request)
	if err != nil {
		return nil, 0, err
	}
	defer response.Body.Close() // only read from
	if response.StatusCode != http.StatusOK {
		text, err := io.ReadAll(io.LimitReader(response.Body, problemRead))
		if err != nil {
			return nil, 0, err
		}
		return nil, retryAfter(response.Header), (&answer{response.StatusCode, response.Header, text}).problem()
	}
	done, err = readTask(response.Body, func() { watch.Reset(silenceMax) }, update)
	return done, 0, err
}

func readTask(from io.Reader, received func(), update func(TaskUpdate) error) ([]byte, error) {
	lines := bufio.NewScanner(from)
	lines.Buffer(nil, taskLineMax)
	lines.Split(wholeLines)
	for lines.Scan() {
		received()
		u, err := readUpdate(lines.Bytes())
		switch {
		case err != nil:
			return nil, err
		case u.problem != nil:
			return nil, u.problem
		case u.done != nil:
			return u.done, nil
		}
		if err := update(u); err != nil {
			return nil, err
		}
	}
	switch err := lines.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return nil, ErrAnswer
	case err != nil:
		return nil, fmt.Errorf("the connection to the node broke before the end of the task: %w", err)
	}
	return nil, fmt.Errorf("the connection to the node broke before the end of the task: %w", io.ErrUnexpectedEOF)
}

func readUpdate(line []byte) (u TaskUpdate, err error) {
	var read struct {
		Progress   *struct{ At, Last uint64 }
		Difference json.RawMessage
		Done       json.RawMessage
		Problem    *TaskFailed
	}
	if json.Unmarshal(line, &read) != nil {
		return u, ErrAnswer
	}
	return TaskUpdate{read.Progress, bytes.Clone(read.Difference), bytes.Clone(read.Done), read.Problem}, nil
}
