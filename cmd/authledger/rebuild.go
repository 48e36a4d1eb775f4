package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"authledger/adapters/client"
	"authledger/cmd/internal/node"
	"authledger/cmd/internal/render"
	"authledger/eventstore"
	"authledger/projections"
)

func newRebuildCommand(p *program) *cobra.Command {
	var head bool
	c := &cobra.Command{
		Use: "rebuild", Short: "Rebuild the projections from the log",
		Long: `Fold the whole log into a new generation of projections, and switch to that generation
when it is complete. Until then the old generation stays.

A running node builds the new generation beside its traffic, and answers from the old
generation until you restart the node. The command ends with exit code 0 before that.

With --head, write a new head instead. The head is the file that contains the length of
the log. The command verifies the log first. A readable head that is ahead of the log is a
fault, because the log has lost its last records.`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			n, err := p.reach()
			if err != nil {
				return err
			}
			if n != nil {
				defer n.Close()
				return p.rebuildNode(c.Context(), n, head)
			}
			o := p.nodeOptions()
			o.ReplaceRows = true
			return p.withFilesOf(c.Context(), o, func(d *node.Directory) error {
				if head {
					return p.rebuildHead(c.Context(), d)
				}
				return p.rebuild(c.Context(), d)
			})
		},
	}
	c.Flags().BoolVar(&head, "head", false, "verify the log, then write a new head")
	return c
}

func (p *program) rebuild(ctx context.Context, d *node.Directory) error {
	next, err := d.Rows.OpenNext()
	if err != nil {
		return err
	}
	built, err := p.fill(ctx, d, next)
	if err := errors.Join(err, next.Close()); err != nil {
		return fmt.Errorf("rebuild: %w", err)
	}
	return p.showRebuilt(built)
}

// rebuildNode sends a node the request to build a new generation. It returns a usage error for
// --head, because a running node writes its head itself.
func (p *program) rebuildNode(ctx context.Context, n *client.Client, head bool) error {
	if head {
		return usagef("`authledger rebuild --head` works on the data directory of a stopped node only: a running node writes the head itself")
	}
	var built node.Rebuilt
	if err := p.runTask(ctx, n, task{path: "/v1/rebuild", message: "folding"}, &built); err != nil {
		return err
	}
	p.warn("the node still answers from its old projections: restart the node, which opens the new projections at its next start")
	return p.showRebuilt(built)
}

func (p *program) showRebuilt(built node.Rebuilt) error {
	return p.answer(built, func() *render.Table {
		t := render.NewTable()
		t.AppendRow(render.Row{"records", built.Records})
		t.AppendRow(render.Row{"duration", render.Seconds(built.Seconds)})
		t.AppendRow(render.Row{"rate", render.Digits(built.PerSecond) + " records/s"})
		return t
	})
}

// fill folds the log into next, and makes next the current generation.
func (p *program) fill(ctx context.Context, d *node.Directory, next *projections.Engine) (node.Rebuilt, error) {
	begun := time.Now()
	b := p.startBar("folding", render.Commits)
	defer b.Stop()
	if _, err := d.OpenView(ctx, next, func(at, last uint64) { b.Set(int64(at), int64(last)) }); err != nil {
		return node.Rebuilt{}, err
	}
	built := node.NewRebuilt(next.Position().Seq, time.Since(begun))
	return built, next.Switch(ctx)
}

// rebuildHead verifies the log against the projections and the old head, and writes a new
// head. A lost or damaged old head is not checked. A readable head that is ahead of the log
// proves that the log lost its last records.
func (p *program) rebuildHead(ctx context.Context, d *node.Directory) error {
	old, err := eventstore.HeadAt(d.Options.Dir)
	if err != nil && !errors.As(err, new(*eventstore.Fault)) {
		return err
	}
	v, err := p.verify(ctx, d, old)
	if err != nil {
		return err
	}
	end := d.Rows.Position()
	if err := eventstore.CreateHead(d.Options.Dir, end); err != nil {
		return err
	}
	v.Head = node.NewLogPosition(end)
	return p.showVerified(v)
}
