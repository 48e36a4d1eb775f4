package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"time"

	"authledger/adapters/client"
)

// tokenVariable is the environment variable of the API token. No flag sets the token, because
// lists of processes show flags.
const tokenVariable = variablePrefix + "TOKEN"

// deadLetterRetryMax is the time for which the client retries a request about dead letters. The
// time is short, because the user can run the command again.
const deadLetterRetryMax = 10 * time.Second

// replayRemote prints the records that a node sends.
func (p *program) replayRemote(ctx context.Context, c *client.Client, r replay) error {
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
			return errors.Join(fmt.Errorf("replay: %w", p.nodeError(err)), out.Flush())
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
