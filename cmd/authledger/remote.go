package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"

	"authledger/adapters/client"
	"authledger/cmd/internal/render"
	"authledger/domain"
)

// tokenVariable is the environment variable of the API token. No flag sets the token, because
// lists of processes show flags.
const tokenVariable = variablePrefix + "TOKEN"

// deadLetterRetryMax is the time for which the client retries a request about dead letters. The
// time is short, because the user can run the command again.
const deadLetterRetryMax = 10 * time.Second

// newClient returns a client of the node at --server. The client retries a request for at most
// patience.
func (p *program) newClient(patience time.Duration) (*client.Client, error) {
	if at, err := url.Parse(p.set.server); err == nil && at.Scheme != "http" && at.Scheme != "https" {
		return nil, usagef("--server: want the node's https://host:port, or http://host:port on this machine")
	}
	c, err := client.New(client.Options{URL: p.set.server, Token: p.getenv(tokenVariable), AllowPlaintext: p.set.allowPlaintext, Patience: patience})
	if err != nil {
		return nil, usagef("--server: %w", err)
	}
	return c, nil
}

// addTokenHint adds to err how to set a token, if the node rejected the token.
func addTokenHint(err error) error {
	if refused := (*client.Problem)(nil); errors.As(err, &refused) && refused.Status == 401 {
		return fmt.Errorf("%w: set %s to a token that `authledger token add` printed", err, tokenVariable)
	}
	return err
}

// doRemote sends a command to a node and prints the verdict. It rejects an invalid command
// without sending it.
func (p *program) doRemote(ctx context.Context, asked asked) error {
	if asked.rejection != nil {
		return p.do(ctx, asked)
	}
	c, err := p.newClient(client.DefaultPatience)
	if err != nil {
		return err
	}
	defer c.Close()
	v, err := c.Do(ctx, asked.command.ID, asked.command.Data)
	if err != nil {
		return fmt.Errorf("do --id %s: %w", asked.command.ID, addTokenHint(err))
	}
	if err := p.showClientVerdict(&v); err != nil {
		return err
	}
	if v.Status == domain.Invalid {
		return fmt.Errorf("invalid, not recorded: %s: %s", v.Reason, v.Detail)
	}
	return nil
}

// showVerdictText prints a verdict in JSON form.
func (p *program) showVerdictText(text []byte) error {
	v := client.Verdict{JSON: text}
	if err := json.Unmarshal(text, &v); err != nil {
		return fmt.Errorf("read the verdict: %w", err)
	}
	return p.showClientVerdict(&v)
}

func (p *program) showClientVerdict(v *client.Verdict) error {
	if p.set.json {
		_, err := fmt.Fprintf(p.out, "%s\n", v.JSON)
		return err
	}
	t := render.VerdictTable(&domain.Verdict{
		ID: v.ID, Source: v.Source, Type: v.Type, Status: v.Status, Seq: v.Seq, Time: v.Time, Late: v.Late,
		Duplicate: v.Duplicate, Unsynced: v.Unsynced, Policy: v.Policy, Reason: v.Reason, Detail: v.Detail,
	})
	for _, e := range v.Events {
		t.AppendRow(table.Row{"event", e.Type + " " + string(e.Data)})
	}
	if len(v.Result) > 0 {
		t.AppendRow(table.Row{"result", string(v.Result)})
	}
	return p.printer().WriteTable(t)
}

// replayRemote prints the records that a node sends.
func (p *program) replayRemote(ctx context.Context, r replay) error {
	c, err := p.newClient(client.DefaultPatience)
	if err != nil {
		return err
	}
	defer c.Close()
	out := bufio.NewWriterSize(p.out, replayBytes)
	filter := client.Filter{After: max(r.from, 1) - 1, Entity: r.entity, Type: r.kind}
	records := c.Records(ctx, filter, r.to)
	if r.follow {
		records = c.Follow(ctx, filter)
	}
	for record, err := range records {
		if r.follow && ctx.Err() != nil {
			break // a signal ends --follow without an error
		}
		if err != nil {
			return errors.Join(fmt.Errorf("replay: %w", addTokenHint(err)), out.Flush())
		}
		if _, err := out.Write(append(record.JSON, '\n')); err != nil {
			return fmt.Errorf("replay: %w", err)
		}
		if !r.follow {
			continue
		}
		if err := out.Flush(); err != nil {
			return fmt.Errorf("replay: %w", err)
		}
		if r.to > 0 && record.Seq >= r.to {
			break
		}
	}
	return out.Flush()
}
