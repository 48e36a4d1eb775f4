package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"authledger/domain"
	"authledger/eventstore/wire"
)

// Do submits one command and returns its verdict. The node sends the verdict after the
// record is on disk, unless [Verdict.Unsynced] is true. The caller chooses the id; a retry
// with the same id returns the first verdict. An invalid verdict is not an error. Errors:
// [ErrUnknown], a *[Problem], [ErrAnswer], and an error for an invalid id.
func (c *Client) Do(ctx context.Context, id string, data domain.CommandData) (Verdict, error) {
	kind := data.CommandType()
	if wrong := wrongID(id); wrong != "" {
		return Verdict{}, fmt.Errorf("%s: invalid id: %s; the command was not sent", kind, wrong)
	}
	a, err := c.send(ctx, &question{
		method: http.MethodPost, path: "/v1/commands/" + kind, contentType: "application/json", key: id, most: verdictMax,
		body: wire.AppendData(nil, data),
	})
	if err != nil {
		return Verdict{}, fmt.Errorf("%s %s: %w", kind, id, err)
	}
	v, err := a.verdict(id, kind)
	if err != nil {
		return Verdict{}, fmt.Errorf("%s %s: %w", kind, id, err)
	}
	return v, nil
}

// DoLocal submits one command with its own source through the socket in the data directory of a
// node, where a client needs no token. A stamped command gets its time from the node. Any other
// command keeps its time; with Backfill it may have any past time. The verdict and the errors are
// those of [Client.Do].
func (c *Client) DoLocal(ctx context.Context, command *domain.Command) (Verdict, error) {
	kind := command.Data.CommandType()
	if wrong := wrongID(command.ID); wrong != "" {
		return Verdict{}, fmt.Errorf("%s: invalid id: %s; the command was not sent", kind, wrong)
	}
	q := &question{method: http.MethodPost, most: verdictMax, backfill: command.Backfill}
	if command.Stamped {
		q.path, q.contentType, q.key, q.source = "/v1/commands/"+kind, "application/json", command.ID, command.Source
		q.body = wire.AppendData(nil, command.Data)
	} else {
		q.path, q.contentType, q.body = "/v1/commands", "application/cloudevents+json", wire.AppendCommand(nil, command)
	}
	a, err := c.send(ctx, q)
	if err != nil {
		return Verdict{}, fmt.Errorf("%s %s: %w", kind, command.ID, err)
	}
	v, err := a.verdict(command.ID, kind)
	if err != nil {
		return Verdict{}, fmt.Errorf("%s %s: %w", kind, command.ID, err)
	}
	return v, nil
}

// wrongID returns the reason why an id is invalid, "" for a valid one. It rejects blanks
// around the id, because HTTP removes them from a header.
func wrongID(id string) string {
	if id != strings.Trim(id, " ") {
		return "want no blanks around the id"
	}
	return domain.WrongEnvelope(id, domain.IDBytesMax)
}

func (a *answer) verdict(id, kind string) (Verdict, error) {
	switch a.status {
	case http.StatusOK:
		return verdictOf(a.body, id, kind)
	case http.StatusUnprocessableEntity:
		var body problemBody
		if err := json.Unmarshal(a.body, &body); err != nil || len(body.Verdict) == 0 {
			return Verdict{}, a.problem()
		}
		return verdictOf(body.Verdict, id, kind)
	}
	return Verdict{}, a.problem()
}

// RequestWithdrawal submits a withdrawal request (WD-1). The id of the command contains the
// id of the withdrawal, so that a repeated call returns the first verdict.
func (c *Client) RequestWithdrawal(ctx context.Context, w domain.WithdrawalRequest) (Verdict, WithdrawalResult, error) {
	v, err := c.Do(ctx, "request:"+w.Withdrawal, &w)
	if err != nil {
		return Verdict{}, WithdrawalResult{}, err
	}
	var result WithdrawalResult
	if err := v.result(&result); err != nil {
		return Verdict{}, WithdrawalResult{}, err
	}
	return v, result, nil
}

// Command is one command of a batch. A retry must have the same id and the same time. The
// time is the instant at which the event happened.
type Command struct {
	ID   string
	Time time.Time
	Data domain.CommandData
}

// Bounds of one request of a batch.
const (
	batchCommands = 1000
	batchBytes    = 4 << 20

	natsCommands = 250 // because one message holds their verdicts
	natsBytes    = 256 << 10
)

// errNoSource is the error of a batch without a source. A batch consists of CloudEvents,
// which contain their source.
var errNoSource = errors.New("missing Options.Source: set it to the source of the token, because each command of a batch contains its source")

// Batch submits commands in order, in as many requests as necessary, and returns their
// verdicts in the same order. If a request fails, Batch returns an error
// and the verdicts of the earlier requests. The outcome of the other commands is unknown,
// and the caller may submit the whole batch again.
func (c *Client) Batch(ctx context.Context, commands []Command) ([]Verdict, error) {
	if c.options.Source == "" {
		return nil, errNoSource
	}
	most := batchCommands
	if c.nats != nil {
		most = natsCommands
	}
	verdicts := make([]Verdict, 0, len(commands))
	for len(verdicts) < len(commands) {
		body, n := c.appendBatch(nil, commands[len(verdicts):], most)
		some, err := c.batch(ctx, body, commands[len(verdicts):][:n])
		if large := (*Problem)(nil); errors.As(err, &large) && large.Status == http.StatusRequestEntityTooLarge && n > 1 {
			most = n / 2 // the request or the answer was too large; decided commands become duplicates
			continue
		}
		if err != nil {
			return verdicts, fmt.Errorf("commands %d to %d of the batch: %w", len(verdicts), len(verdicts)+n-1, err)
		}
		verdicts = append(verdicts, some...)
	}
	return verdicts, nil
}

// appendBatch appends the commands of one request to b and returns their number: at least
// 1, and at most the argument most.
func (c *Client) appendBatch(b []byte, commands []Command, most int) (_ []byte, n int) {
	bytesMost := batchBytes
	if c.nats != nil {
		bytesMost = natsBytes
	}
	b = append(b, '[')
	for ; n < min(len(commands), most) && len(b) < bytesMost; n++ {
		if n > 0 {
			b = append(b, ',')
		}
		b = wire.AppendCommand(b, &domain.Command{ID: commands[n].ID, Source: c.options.Source, Time: commands[n].Time, Data: commands[n].Data})
	}
	return append(b, ']'), n
}

func (c *Client) batch(ctx context.Context, body []byte, commands []Command) ([]Verdict, error) {
	a, err := c.send(ctx, &question{method: http.MethodPost, path: "/v1/commands", contentType: "application/cloudevents-batch+json", body: body, most: verdictsMax})
	if err != nil {
		return nil, err
	}
	if a.status != http.StatusOK {
		return nil, a.problem()
	}
	var raw []json.RawMessage
	if json.Unmarshal(a.body, &raw) != nil || len(raw) != len(commands) {
		return nil, ErrAnswer
	}
	verdicts := make([]Verdict, len(raw))
	for i, text := range raw {
		if verdicts[i], err = verdictOf(text, commands[i].ID, commands[i].Data.CommandType()); err != nil {
			return nil, err
		}
	}
	return verdicts, nil
}
