package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"syscall"

	"github.com/spf13/cobra"

	"authledger/domain"
	"authledger/eventstore"
	"authledger/eventstore/wire"
)

// replayBytes is how much is written at once.
const replayBytes = 64 << 10

// replay is which records to tell.
type replay struct {
	from, to     uint64
	entity, kind string
	follow       bool
}

func newReplayCommand(p *program) *cobra.Command {
	var r replay
	c := &cobra.Command{
		Use: "replay", Short: "records as JSON lines, each proved to follow from the one before",
		Long: `Print the records of the ledger as JSON lines, each proved to follow from the one
before. With --server a node proves and tells them, to the auditor whose token is in
AUTHLEDGER_TOKEN; --follow takes lost connections up again, without a gap.`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			if r.to > 0 && r.from > r.to {
				return usagef("--from %d is after --to %d", r.from, r.to)
			}
			var err error
			if p.set.server != "" {
				err = p.replayThere(c.Context(), r)
			} else {
				err = p.withLedger(c.Context(), func(n *node) error { return p.replay(c.Context(), n, r) })
			}
			if errors.Is(err, syscall.EPIPE) {
				return nil // whoever reads has seen enough
			}
			return err
		},
	}
	c.Flags().Uint64Var(&r.from, "from", 1, "`SEQ` of the first record")
	c.Flags().Uint64Var(&r.to, "to", 0, "`SEQ` of the last record (default the log's end)")
	c.Flags().StringVar(&r.entity, "entity", "", "only records of this `ENTITY`, such as user/alice")
	c.Flags().StringVar(&r.kind, "type", "", "only records of this `TYPE` of command, or with an event of it")
	c.Flags().BoolVar(&r.follow, "follow", false, "go on with what is recorded from now on, until interrupted")
	return c
}

func (p *program) replay(ctx context.Context, n *node, r replay) error {
	out := bufio.NewWriterSize(p.out, replayBytes)
	wanted := eventstore.Filter{Entity: domain.Entity(r.entity), Type: r.kind}
	var line []byte
	for record, err := range n.ledger.Records(ctx, r.from, r.to, r.follow) {
		if r.follow && errors.Is(err, context.Canceled) {
			break // how following ends
		}
		if err != nil {
			return errors.Join(fmt.Errorf("replay: %w", err), out.Flush())
		}
		if !wanted.Wants(record) {
			continue
		}
		line = append(wire.AppendShown(line[:0], record), '\n')
		if _, err := out.Write(line); err != nil {
			return fmt.Errorf("replay: %w", err)
		}
		if r.follow {
			if err := out.Flush(); err != nil {
				return fmt.Errorf("replay: %w", err)
			}
		}
	}
	return out.Flush()
}
