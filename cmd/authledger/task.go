package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"

	"authledger/adapters/client"
	"authledger/cmd/internal/render"
	"authledger/eventstore"
)

// task is a long computation on the whole log, for which a node has a path.
type task struct {
	path    string
	message string // of the progress bar
	values  url.Values
	body    []byte

	difference func(json.RawMessage) error // receives the differences of `policy what-if`; nil for other tasks
}

// runTask runs a task on a node, and decodes the result into the value at result. The task ends
// with the command: a node stops it when the connection breaks.
func (p *program) runTask(ctx context.Context, c *client.Client, t task, result any) error {
	b := p.startBar(t.message, render.Commits)
	defer b.Stop()
	done, err := c.Task(ctx, t.path, t.values, t.body, func(u client.TaskUpdate) error {
		if u.Progress != nil {
			b.Set(int64(u.Progress.At), int64(u.Progress.Last))
		}
		switch {
		case u.Difference == nil:
			return nil
		case t.difference == nil:
			return client.ErrAnswer
		}
		return t.difference(u.Difference)
	})
	var failed *client.TaskFailed
	switch {
	case errors.As(err, &failed) && failed.Fault != nil:
		return &eventstore.Fault{Stream: failed.Fault.Stream, Seq: failed.Fault.Seq, Err: errors.New(failed.Detail)}
	case err != nil:
		return p.nodeError(err)
	}
	return decodeAnswer(done, result)
}
