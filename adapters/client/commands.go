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

// Do gives one command, under an id that is the caller's to keep: the same id is
// the same command. An invalid command is a verdict like any other. Errors:
// [ErrUnknown], a *[Problem], [ErrAnswer], and an id that can't be one.
func (c *Client) Do(ctx context.Context, id string, data domain.CommandData) (Verdict, error) {
	kind := data.CommandType()
	if wrong := wrongID(id); wrong != "" {
		return Verdict{}, fmt.Errorf("%s: its id: %s: nothing was sent", kind, wrong)
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

// wrongID says why an id can't travel as it is: a header loses the blanks around it,
// and what came back would be of another command.
func wrongID(id string) string {
	if id != strings.Trim(id, " ") {
		return "want no blanks around it"
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

// RequestWithdrawal asks whether the money may leave (WD-1), once for each
// withdrawal id.
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

// Command is one of a batch: its id stays the same when it is given again, and so
// does its time, which is when it happened.
type Command struct {
	ID   string
	Time time.Time
	Data domain.CommandData
}

// Bounds of what is sent at once.
const (
	batchCommands = 1000
	batchBytes    = 4 << 20

	natsCommands = 250 // their verdicts come in one message, too
	natsBytes    = 256 << 10
)

// errNoSource: a batch is CloudEvents, which name their source.
var errNoSource = errors.New("give Options.Source, the token's source: the events of a batch name it")

// Batch gives commands in order, as many requests as that takes, and returns their
// verdicts in order. With an error, those of the commands before it; what became of
// the others is unknown, and the whole may be given again.
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
			most = n / 2 // the verdicts, or the commands; what has its verdict is a duplicate
			continue
		}
		if err != nil {
			return verdicts, fmt.Errorf("commands %d to %d of the batch: %w", len(verdicts), len(verdicts)+n-1, err)
		}
		verdicts = append(verdicts, some...)
	}
	return verdicts, nil
}

// appendBatch appends as many commands as one request takes, at least one and most
// at most.
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
