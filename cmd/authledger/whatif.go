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

	"authledger/cmd/internal/node"
	"authledger/cmd/internal/render"
	"authledger/domain"
	"authledger/eventstore/audit"
	"authledger/projections"
)

func newPolicyWhatIfCommand(p *program) *cobra.Command {
	var file, preset string
	var from, to uint64
	c := &cobra.Command{
		Use: "what-if", Short: "List verdicts that another policy would change",
		Long: `Decide the commands of the records from --from on again under another policy, and list
the verdicts whose status, reason or event types would differ. The command writes nothing.

A decision under the other policy determines the state for the commands after it. The
command skips records from --from on that adopt a policy. It does not list a verdict if
only the end of a lockout or a remaining amount would differ.`,
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
			err = p.whatIf(c.Context(), audit.WhatIf{Policy: policy, From: from, To: to})
			if errors.Is(err, syscall.EPIPE) {
				return nil // the reader has closed the pipe
			}
			return err
		},
	}
	c.Flags().StringVar(&file, "policy", "", "`FILE` with the policy, as `policy show --json` writes it")
	c.Flags().StringVar(&preset, "preset", "", "`NAME` of a preset, in place of --policy")
	c.Flags().Uint64Var(&from, "from", 1, "`SEQ` of the first record to decide again")
	c.Flags().Uint64Var(&to, "to", 0, "`SEQ` of the last record (default the end of the log)")
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

// difference is a verdict that another policy would change.
type difference struct {
	Seq    uint64  `json:"seq"`
	Time   string  `json:"time"`
	Entity string  `json:"entity"`
	Type   string  `json:"type"`
	Was    outcome `json:"was"`
	Would  outcome `json:"would"`
}

// outcome is the part of a verdict that the command compares.
type outcome struct {
	Status domain.Status `json:"status"`
	Reason domain.Reason `json:"reason,omitempty"`
	Events []string      `json:"events"`
}

func newOutcome(status domain.Status, reason domain.Reason, events []domain.Event) outcome {
	s := outcome{status, reason, []string{}}
	for _, e := range domain.Own(events) {
		s.Events = append(s.Events, e.Data.EventType())
	}
	return s
}

func (s outcome) String() string {
	text := string(s.Status)
	if s.Reason != "" {
		text += " " + string(s.Reason)
	}
	for _, e := range s.Events {
		text += " " + e
	}
	return text
}

// whatIf folds the decisions into temporary rows, which it removes at the end.
func (p *program) whatIf(ctx context.Context, w audit.WhatIf) (err error) {
	return p.withFiles(ctx, func(d *node.Directory) error {
		scratch, err := makeScratch(d.Options.Dir)
		if err != nil {
			return err
		}
		fresh, err := projections.Open(scratch, projections.Options{Log: d.Options.Log})
		if err != nil {
			return errors.Join(err, os.RemoveAll(scratch))
		}
		fresh.Bulk(true)
		err = p.compareVerdicts(ctx, d, fresh, w)
		return errors.Join(err, fresh.Close(), os.RemoveAll(scratch))
	})
}

func (p *program) compareVerdicts(ctx context.Context, d *node.Directory, fresh *projections.Engine, w audit.WhatIf) error {
	out := bufio.NewWriterSize(p.out, replayBytes)
	w.Differs = func(was *domain.Record, would *domain.Decision) error {
		return p.showDifference(out, difference{
			Seq: was.Seq, Time: render.Time(was.Time), Entity: string(was.Entities[0]), Type: was.Command.Data.CommandType(),
			Was:   newOutcome(was.Status, was.Reason, was.Events),
			Would: newOutcome(would.Status, would.Reason, would.Events),
		})
	}
	b := p.startBar("deciding", progress.UnitsDefault)
	s, err := audit.Suppose(ctx, d.Manifest, d.Log, fresh, w, func(at, last uint64) { b.Set(int64(at), int64(last)) })
	b.Stop()
	if err := errors.Join(err, out.Flush()); err != nil {
		return fmt.Errorf("what if: %w", err)
	}
	p.warn("%d of %d verdicts would change under %s", s.Differ, s.Decided, w.Policy.Version)
	return nil
}

func (p *program) showDifference(out *bufio.Writer, d difference) error {
	if p.set.json {
		return json.NewEncoder(out).Encode(d)
	}
	_, err := fmt.Fprintf(out, "%d  %s  %s  %s\n      was: %s\n    would: %s\n", d.Seq, d.Time, d.Entity, d.Type, d.Was, d.Would)
	return err
}
