package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strconv"
	"syscall"

	"github.com/spf13/cobra"

	"authledger/adapters/client"
	"authledger/cmd/internal/node"
	"authledger/cmd/internal/render"
	"authledger/domain"
	"authledger/eventstore/audit"
	"authledger/eventstore/wire"
	"authledger/projections"
)

func newPolicyWhatIfCommand(p *program) *cobra.Command {
	var file, preset string
	var from, to uint64
	c := &cobra.Command{
		Use: "what-if", Short: "List verdicts that another policy would change",
		Long: `Decide the recorded commands again under another policy, beginning with record --from, and
list the verdicts whose status, reason or event types would differ. The command writes nothing.

A decision under the other policy determines the state for the commands after it. The
command skips each record that adopts a policy, beginning with record --from. It does not
list a verdict if only the end of a lockout or a remaining amount would differ.`,
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

// whatIf folds the decisions into temporary rows, in the data directory or at a node, and removes
// the rows at the end.
func (p *program) whatIf(ctx context.Context, w audit.WhatIf) (err error) {
	n, err := p.reach()
	if err != nil {
		return err
	}
	if n != nil {
		defer n.Close()
		return p.whatIfNode(ctx, n, w)
	}
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

func (p *program) whatIfNode(ctx context.Context, n *client.Client, w audit.WhatIf) error {
	out := bufio.NewWriterSize(p.out, replayBytes)
	t := task{path: "/v1/policy/what-if", message: "deciding", body: wire.AppendData(nil, w.Policy), values: url.Values{"from": {strconv.FormatUint(w.From, 10)}}}
	if w.To > 0 {
		t.values.Set("to", strconv.FormatUint(w.To, 10))
	}
	t.difference = func(text json.RawMessage) error {
		var d audit.Difference
		if err := decodeAnswer(text, &d); err != nil {
			return err
		}
		return p.showDifference(out, d)
	}
	var s node.Supposed
	if err := errors.Join(p.runTask(ctx, n, t, &s), out.Flush()); err != nil {
		return fmt.Errorf("what if: %w", err)
	}
	p.warn("%d of %d verdicts would change under %s", s.Differ, s.Decided, w.Policy.Version)
	return nil
}

func (p *program) compareVerdicts(ctx context.Context, d *node.Directory, fresh *projections.Engine, w audit.WhatIf) error {
	out := bufio.NewWriterSize(p.out, replayBytes)
	w.Differs = func(was *domain.Record, would *domain.Decision) error {
		return p.showDifference(out, audit.NewDifference(was, would))
	}
	b := p.startBar("deciding", render.Commits)
	s, err := audit.Suppose(ctx, d.Manifest, d.Log, fresh, w, func(at, last uint64) { b.Set(int64(at), int64(last)) })
	b.Stop()
	if err := errors.Join(err, out.Flush()); err != nil {
		return fmt.Errorf("what if: %w", err)
	}
	p.warn("%d of %d verdicts would change under %s", s.Differ, s.Decided, w.Policy.Version)
	return nil
}

func (p *program) showDifference(out *bufio.Writer, d audit.Difference) error {
	if p.set.JSON {
		return json.NewEncoder(out).Encode(d)
	}
	_, err := fmt.Fprintf(out, "%d  %s  %s  %s\n      was: %s\n    would: %s\n", d.Seq, render.Printable(d.Time), render.Printable(d.Entity),
		render.Printable(d.Type), render.Printable(d.Was.String()), render.Printable(d.Would.String()))
	return err
}
