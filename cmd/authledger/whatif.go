package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"syscall"

	"github.com/jedib0t/go-pretty/v6/progress"
	"github.com/spf13/cobra"

	"authledger/domain"
	"authledger/eventstore"
	"authledger/projections"
)

func newPolicyWhatIfCommand(p *program) *cobra.Command {
	var file, preset string
	var from, to uint64
	c := &cobra.Command{
		Use: "what-if", Short: "which verdicts would have been others under another policy; nothing is written",
		Long: `Decide history again under another policy, from --from on, each command on what
would have come of those before it, and list the verdicts that would have been
others: another status, another reason, or other events. Policies adopted since
are put aside. A lock's length or an amount left is no difference.`,
		Example: `  authledger policy what-if --preset nist-800-63b
  authledger policy what-if --policy policy.json --from 1000`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			policy, err := whatIfPolicy(file, preset)
			if err != nil {
				return err
			}
			if to > 0 && from > to {
				return usagef("--from %d is after --to %d", from, to)
			}
			err = p.whatIf(c.Context(), eventstore.WhatIf{Policy: policy, From: from, To: to})
			if errors.Is(err, syscall.EPIPE) {
				return nil // whoever reads has seen enough
			}
			return err
		},
	}
	c.Flags().StringVar(&file, "policy", "", "`FILE` with the policy, as `policy show --json` writes it")
	c.Flags().StringVar(&preset, "preset", "", "`NAME` of a policy that ships with the ledger, instead")
	c.Flags().Uint64Var(&from, "from", 1, "`SEQ` of the first record to decide again")
	c.Flags().Uint64Var(&to, "to", 0, "`SEQ` of the last record (default the log's end)")
	return c
}

func whatIfPolicy(file, preset string) (*domain.Policy, error) {
	switch {
	case (file == "") == (preset == ""):
		return nil, usagef("give --policy FILE or --preset NAME")
	case preset != "":
		return findPreset(preset)
	}
	return readPolicy(file)
}

// difference is a verdict that would have been another.
type difference struct {
	Seq    uint64   `json:"seq"`
	Time   string   `json:"time"`
	Entity string   `json:"entity"`
	Type   string   `json:"type"`
	Was    supposed `json:"was"`
	Would  supposed `json:"would"`
}

// supposed is a verdict in short.
type supposed struct {
	Status domain.Status `json:"status"`
	Reason domain.Reason `json:"reason,omitempty"`
	Events []string      `json:"events"`
}

func newSupposed(status domain.Status, reason domain.Reason, events []domain.Event) supposed {
	s := supposed{status, reason, []string{}}
	for _, e := range domain.Own(events) {
		s.Events = append(s.Events, e.Data.EventType())
	}
	return s
}

func (s supposed) String() string {
	text := string(s.Status)
	if s.Reason != "" {
		text += " " + string(s.Reason)
	}
	for _, e := range s.Events {
		text += " " + e
	}
	return text
}

// whatIf decides on rows of its own, which it throws away.
func (p *program) whatIf(ctx context.Context, w eventstore.WhatIf) (err error) {
	return p.withDisk(ctx, func(d *disk) error {
		scratch, err := makeScratch(d.options.dir)
		if err != nil {
			return err
		}
		fresh, err := projections.Open(scratch, projections.Options{Log: d.options.log})
		if err != nil {
			return errors.Join(err, os.RemoveAll(scratch))
		}
		fresh.Bulk(true)
		err = p.suppose(ctx, d, fresh, w)
		return errors.Join(err, fresh.Close(), os.RemoveAll(scratch))
	})
}

func (p *program) suppose(ctx context.Context, d *disk, fresh *projections.Engine, w eventstore.WhatIf) error {
	out := bufio.NewWriterSize(p.out, replayBytes)
	w.Differs = func(was *domain.Record, would *domain.Decision) error {
		return p.showDifference(out, difference{
			Seq: was.Seq, Time: showTime(was.Time), Entity: string(was.Entities[0]), Type: was.Command.Data.CommandType(),
			Was:   newSupposed(was.Status, was.Reason, was.Events),
			Would: newSupposed(would.Status, would.Reason, would.Events),
		})
	}
	b := p.startBar("supposing", progress.UnitsDefault)
	s, err := eventstore.Suppose(ctx, d.manifest, d.store, fresh, w, func(at, last uint64) { b.at(int64(at), int64(last)) })
	b.stop()
	if err := errors.Join(err, out.Flush()); err != nil {
		return fmt.Errorf("what if: %w", err)
	}
	p.warn("%d of %d verdicts would have been others under %s", s.Differ, s.Decided, w.Policy.Version)
	return nil
}

func (p *program) showDifference(out *bufio.Writer, d difference) error {
	if p.set.json {
		return json.NewEncoder(out).Encode(d)
	}
	_, err := fmt.Fprintf(out, "%d  %s  %s  %s\n      was: %s\n    would: %s\n", d.Seq, d.Time, d.Entity, d.Type, d.Was, d.Would)
	return err
}
