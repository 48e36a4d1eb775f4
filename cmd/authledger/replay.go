package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"iter"
	"syscall"

	"github.com/spf13/cobra"

	"authledger/adapters/client"
	"authledger/cmd/internal/node"
	"authledger/domain"
	"authledger/domain/operations"
	"authledger/eventstore"
	"authledger/eventstore/wire"
	"authledger/projections/queries"
)

// replayBytes is the size of the write buffer.
const replayBytes = 64 << 10

// replay selects the records to print.
type replay struct {
	from, to     uint64
	entity, kind string
	follow       bool
	values       operations.Values // with the moment
}

func newReplayCommand(p *program) *cobra.Command {
	var flags parameterFlags
	c := &cobra.Command{
		Use: "replay", Short: "Print records as JSON lines, in order",
		Long: `Print the records of the ledger as JSON lines, and verify that each commit follows from
the commit before it.

  authledger replay --from 100
  authledger replay --entity user/alice --follow

With --entity the command finds the records through the projections, and reads and checks
only the commits that contain these records: run authledger verify to verify the whole log.
With --server or --context, a node verifies and sends the records if the role of the token
is auditor. --follow reconnects after a lost connection without skipping a record.`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			v, err := flags.parse("records", "")
			if err != nil {
				return err
			}
			r := replay{
				from: v.Number(operations.From), to: v.Number(operations.To), follow: v.Flag(operations.Follow),
				entity: v.Text(operations.Entity), kind: v.Text(operations.RecordType), values: v,
			}
			if err := p.checkReplay(c, &r); err != nil {
				return err
			}
			if r.to > 0 && r.from > r.to {
				return usagef("--from %d is after --to %d", r.from, r.to)
			}
			wanted, err := eventstore.NewFilter(r.entity, r.kind)
			if err != nil {
				return usagef("--%w", err)
			}
			to, err := p.reach()
			if err != nil {
				return err
			}
			if to != nil {
				defer to.Close()
				err = p.replayRemote(c.Context(), to, r)
			} else {
				err = p.replayLocal(c.Context(), r, wanted)
			}
			if errors.Is(err, syscall.EPIPE) {
				return nil // the reader has closed the pipe
			}
			return err
		},
	}
	flags.register(c.Flags(), "records", operations.From, operations.To, operations.Entity, operations.RecordType, operations.Follow, operations.At, operations.AsOf)
	c.Flags().Lookup("follow").Usage = "continue with new records until interrupted" // no stream of events
	c.Flags().Lookup("to").Usage = "`SEQ`: number of the last record (default the newest record, or none with --follow)"
	c.Flags().Lookup("at").Usage = "`TIME`: omit the records after this instant, RFC 3339"
	c.Flags().Lookup("as-of").Usage = "`SEQ|TIME`: omit the records after this record number or past instant"
	return c
}

// checkReplay returns a usage error for flags that contradict each other.
func (p *program) checkReplay(c *cobra.Command, r *replay) error {
	if err := p.wantPast(r.values); err != nil {
		return err
	}
	if !r.follow {
		return p.checkUnused(c, writeSettings, "it only reads the data directory without --follow")
	}
	if r.values.Has(operations.At) || r.values.Has(operations.AsOf) {
		return usagef("--follow has no end: omit --at and --as-of, or --follow")
	}
	return nil
}

// replayLocal prints the records of the ledger in the data directory. With --follow it runs a
// node, because new records arise from deadlines, and only a node records deadlines.
func (p *program) replayLocal(ctx context.Context, r replay, wanted eventstore.Filter) error {
	if !r.follow {
		return p.withView(ctx, func(v *node.View) error {
			if remains, err := r.bound(ctx, v); err != nil || !remains {
				return err
			}
			entity, err := v.Ledger.Names().Entity(wanted.Entity)
			if err != nil {
				return err
			}
			if r.entity, wanted.Entity = string(entity), entity; r.entity != "" {
				return p.replay(entityRecords(ctx, v.Ledger, v.Rows, r), r, wanted, v.Rows.Position().Seq)
			}
			return p.replay(v.Ledger.Records(ctx, r.from, r.to), r, wanted, v.Rows.Position().Seq)
		})
	}
	if err := p.wantLedger(); err != nil {
		return err
	}
	return p.withNode(ctx, func(n *node.Node) (err error) {
		if wanted.Entity, err = n.Ledger.Names().Entity(wanted.Entity); err != nil {
			return err
		}
		return p.replay(n.Ledger.Records(ctx, r.from, r.to, true), r, wanted, 0)
	})
}

// bound lowers the last record of r to the moment of --as-of. It returns false if no record of r
// remains.
func (r *replay) bound(ctx context.Context, v *node.View) (remains bool, err error) {
	if !r.values.Has(operations.AsOf) {
		return true, nil
	}
	last := r.values.Number(operations.AsOf)
	if instant := r.values.Instant(operations.AsOf); !instant.IsZero() {
		if last, err = v.Queries.SeqAt(ctx, instant); err != nil {
			return false, err
		}
	}
	if r.to == 0 || last < r.to {
		r.to = last
	}
	return max(r.from, 1) <= r.to, nil
}

func (p *program) replay(records iter.Seq2[*domain.Record, error], r replay, wanted eventstore.Filter, last uint64) error {
	out, until := bufio.NewWriterSize(p.out, replayBytes), r.values.Instant(operations.At)
	shown := p.startReplay(r, last)
	defer shown.stop()
	var line []byte
	for record, err := range records {
		if r.follow && errors.Is(err, context.Canceled) {
			break // a signal ends --follow without an error
		}
		if err != nil {
			return errors.Join(fmt.Errorf("replay: %w", err), out.Flush())
		}
		shown.read(record.Seq)
		if !wanted.Wants(record) || !until.IsZero() && record.Time.After(until) {
			continue
		}
		line = append(wire.AppendShown(line[:0], record), '\n')
		if _, err := out.Write(line); err != nil {
			return fmt.Errorf("replay: %w", err)
		}
		shown.wrote(len(line))
		if r.follow {
			if err := out.Flush(); err != nil {
				return fmt.Errorf("replay: %w", err)
			}
		}
	}
	return out.Flush()
}

// replayIndexed is the number of record numbers that a replay of an entity reads from the
// index at once.
const replayIndexed = queries.ListMax

// entityRecords yields the records of an entity from r.from to r.to. It reads only the
// records that the index names. The index MUST have caught up with the log.
func entityRecords(ctx context.Context, log queries.Log, index eventstore.EntityIndex, r replay) iter.Seq2[*domain.Record, error] {
	return func(yield func(*domain.Record, error) bool) {
		for from := max(r.from, 1); ; {
			seqs, _, err := index.EntityRecords(ctx, domain.Entity(r.entity), from, replayIndexed)
			if err != nil {
				yield(nil, err)
				return
			}
			for _, seq := range seqs {
				if r.to > 0 && seq > r.to {
					return
				}
				record, err := log.Record(ctx, seq)
				if err == nil {
					err = ctx.Err() // reading a record from memory ignores ctx
				}
				if !yield(&record, err) || err != nil {
					return
				}
			}
			if len(seqs) < replayIndexed {
				return
			}
			from = seqs[len(seqs)-1] + 1
		}
	}
}

// replayRemote prints the records that a node sends.
func (p *program) replayRemote(ctx context.Context, c *client.Client, r replay) error {
	out := bufio.NewWriterSize(p.out, replayBytes)
	filter := client.Filter{After: max(r.from, 1) - 1, Entity: r.entity, Type: r.kind, At: r.values.Text(operations.At), AsOf: r.values.Text(operations.AsOf)}
	shown := p.startReplay(r, 0)
	defer shown.stop()
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
		shown.read(record.Seq)
		shown.wrote(len(record.JSON) + 1)
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
