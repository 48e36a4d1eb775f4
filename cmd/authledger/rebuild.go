package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jedib0t/go-pretty/v6/progress"
	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"authledger/domain"
	"authledger/eventstore"
	"authledger/projections"
)

func newRebuildCommand(p *program) *cobra.Command {
	var head bool
	c := &cobra.Command{
		Use: "rebuild", Short: "build the projections anew from the log",
		Long: `Fold the whole log into a fresh generation of projections, and switch to it once
it is complete. Until then the old one stays.

With --head, write a new head instead, the file that remembers how long the log
is, where it was lost or damaged: only of a log that verifies.`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			return p.withDisk(c.Context(), func(d *disk) error {
				if head {
					return p.rebuildHead(c.Context(), d)
				}
				return p.rebuild(c.Context(), d)
			})
		},
	}
	c.Flags().BoolVar(&head, "head", false, "write a new head, after verifying the log")
	return c
}

func (p *program) rebuild(ctx context.Context, d *disk) error {
	next, err := d.rows.OpenNext()
	if err != nil {
		return err
	}
	built, err := p.fill(ctx, d, next)
	if err := errors.Join(err, next.Close()); err != nil {
		return fmt.Errorf("rebuild: %w", err)
	}
	return p.answer(built, func() table.Writer {
		t := newTable()
		t.AppendRow(table.Row{"records", built.Records})
		t.AppendRow(table.Row{"seconds", threeDigits(built.Seconds)})
		t.AppendRow(table.Row{"records a second", threeDigits(built.PerSecond)})
		return t
	})
}

// built is what a rebuild did.
type built struct {
	Records   uint64  `json:"records"`
	Seconds   float64 `json:"seconds"`
	PerSecond float64 `json:"perSecond"`
}

// fill folds the log into next and makes it the generation that counts. Opening
// a ledger on rows is what fills them, here as ever.
func (p *program) fill(ctx context.Context, d *disk, next *projections.Engine) (built, error) {
	begun := time.Now()
	b := p.startBar("folding", progress.UnitsDefault)
	defer b.stop()
	next.Bulk(true)
	o := d.ledgerOptions(next)
	o.Progress = func(at, last uint64) { b.at(int64(at), int64(last)) }
	ledger, err := eventstore.Open(ctx, o)
	if err != nil {
		return built{}, err
	}
	closing, cancel := context.WithTimeout(context.Background(), closeWithin)
	defer cancel()
	if err := ledger.Close(closing); err != nil {
		return built{}, err
	}
	records, seconds := next.Position().Seq, time.Since(begun).Seconds()
	return built{records, seconds, float64(records) / seconds}, next.Switch(ctx)
}

// rebuildHead does without the old head. What else remembers how long the log
// was is asked: the projections.
func (p *program) rebuildHead(ctx context.Context, d *disk) error {
	v, err := p.verify(ctx, d, domain.Position{})
	if err != nil {
		return err
	}
	end := d.rows.Position()
	if err := eventstore.CreateHead(d.options.dir, end); err != nil {
		return err
	}
	v.Head = newPosition(end)
	return p.showVerified(v)
}
