package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"

	"authledger/adapters/client"
	"authledger/domain"
)

// tokenVariable holds the token that a node is shown: flags show in lists of
// processes.
const tokenVariable = variablePrefix + "TOKEN"

// wantLocal refuses to open a directory while a node is named that would not be
// asked.
func (p *program) wantLocal() error {
	if p.set.server == "" {
		return nil
	}
	return usagef("this reads the data directory itself and asks no node: leave --server (%s) out; do, replay, dlq and health take it", variable("server"))
}

// lettersPatience is how long who deals with letters waits for a node: they are asked
// for again as easily.
const lettersPatience = 10 * time.Second

// there is the client of the node that --server names.
func (p *program) there(patience time.Duration) (*client.Client, error) {
	if at, err := url.Parse(p.set.server); err == nil && at.Scheme != "http" && at.Scheme != "https" {
		return nil, usagef("--server: want the node's https://host:port, or http://host:port on this machine")
	}
	c, err := client.New(client.Options{URL: p.set.server, Token: p.getenv(tokenVariable), AllowPlaintext: p.set.allowPlaintext, Patience: patience})
	if err != nil {
		return nil, usagef("--server: %w", err)
	}
	return c, nil
}

// toldBy completes what a node refuses with what to do about it.
func toldBy(err error) error {
	if refused := (*client.Problem)(nil); errors.As(err, &refused) && refused.Status == 401 {
		return fmt.Errorf("%w: put a token that `authledger token add` has shown into %s", err, tokenVariable)
	}
	return err
}

// doThere gives a command to a node, and prints what it comes to.
func (p *program) doThere(ctx context.Context, asked asked) error {
	if asked.rejection != nil {
		return p.do(ctx, asked)
	}
	c, err := p.there(client.DefaultPatience)
	if err != nil {
		return err
	}
	defer c.Close()
	v, err := c.Do(ctx, asked.command.ID, asked.command.Data)
	if err != nil {
		return fmt.Errorf("do --id %s: %w", asked.command.ID, toldBy(err))
	}
	if err := p.showToldVerdict(&v); err != nil {
		return err
	}
	if v.Status == domain.Invalid {
		return fmt.Errorf("invalid, not recorded: %s: %s", v.Reason, v.Detail)
	}
	return nil
}

func (p *program) showToldVerdict(v *client.Verdict) error {
	if p.set.json {
		_, err := fmt.Fprintf(p.out, "%s\n", v.JSON)
		return err
	}
	t := verdictTable(&domain.Verdict{
		ID: v.ID, Source: v.Source, Type: v.Type, Status: v.Status, Seq: v.Seq, Time: v.Time, Late: v.Late,
		Duplicate: v.Duplicate, Unsynced: v.Unsynced, Policy: v.Policy, Reason: v.Reason, Detail: v.Detail,
	})
	for _, e := range v.Events {
		t.AppendRow(table.Row{"event", e.Type + " " + string(e.Data)})
	}
	if len(v.Result) > 0 {
		t.AppendRow(table.Row{"result", string(v.Result)})
	}
	return p.writeTable(t)
}

// replayThere prints the records that a node tells.
func (p *program) replayThere(ctx context.Context, r replay) error {
	c, err := p.there(client.DefaultPatience)
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
			break // how following ends
		}
		if err != nil {
			return errors.Join(fmt.Errorf("replay: %w", toldBy(err)), out.Flush())
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
