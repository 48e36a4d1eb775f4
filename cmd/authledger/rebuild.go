package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jedib0t/go-pretty/v6/progress"
	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

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

With --head, write a new head instead. The head is the file that contains the length of
the log. The command verifies the log first. A readable head that is ahead of the log is a
fault, because the log has lost its last records.`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
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
	return p.answer(built, func() table.Writer {
		t := render.NewTable()
		t.AppendRow(table.Row{"records", built.Records})
		t.AppendRow(table.Row{"seconds", render.Digits(built.Seconds)})
		t.AppendRow(table.Row{"records a second", render.Digits(built.PerSecond)})
		return t
	})
}

// built is the result of a rebuild.
type built struct {
	Records   uint64  `json:"records"`
	Seconds   float64 `json:"seconds"`
	PerSecond float64 `json:"perSecond"`
}

// fill folds the log into next, and makes next the current generation.
func (p *program) fill(ctx context.Context, d *node.Directory, next *projections.Engine) (built, error) {
	begun := time.Now()
	b := p.startBar("folding", progress.UnitsDefault)
	defer b.Stop()
	if _, err := d.OpenView(ctx, next, func(at, last uint64) { b.Set(int64(at), int64(last)) }); err != nil {
		return built{}, err
	}
	records, seconds := next.Position().Seq, time.Since(begun).Seconds()
	return built{records, seconds, float64(records) / seconds}, next.Switch(ctx)
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
	v.Head = newPositionAnswer(end)
	return p.showVerified(v)
}
