package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"authledger/domain"
	"authledger/eventstore/wire"
	"authledger/projections"
)

func newWhyCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "why SEQ",
		Short: "why a record says what it says: the records, the policy and the days that it rests on",
		Long: `Explain a record: the verdict in plain English, the records that it rests on,
the policy that decided, and the arithmetic.

With --json the answer holds all that is needed to decide the command again.`,
		Example: "  authledger why 12",
		Args:    oneArgument("number of a record"),
		RunE: func(c *cobra.Command, args []string) error {
			seq, err := strconv.ParseUint(args[0], 10, 63)
			if err != nil || seq == 0 {
				return usagef("why %q: want the number of a record, from 1 on", args[0])
			}
			return p.withLedger(c.Context(), func(n *node) error { return p.why(c.Context(), n, seq) })
		},
	}
}

func (p *program) why(ctx context.Context, n *node, seq uint64) error {
	w, err := n.rows.Why(ctx, n.ledger, seq)
	switch last := n.rows.Position().Seq; {
	case errors.Is(err, projections.ErrAhead) && last == 0:
		return errors.New("why: the ledger has no records yet")
	case errors.Is(err, projections.ErrAhead):
		return fmt.Errorf("why: there is no record %d: records go from 1 to %d", seq, last)
	case errors.Is(err, domain.ErrOtherwise):
		return fmt.Errorf("%w: run `authledger verify`", err)
	case err != nil:
		return err
	}
	if p.set.json {
		return p.writeJSON(json.RawMessage(wire.AppendData(nil, w)))
	}
	_, err = fmt.Fprint(p.out, whyText(w))
	return err
}

// whyText is the explanation as a person reads it.
func whyText(w *projections.Why) string {
	var b strings.Builder
	r := w.Record
	fmt.Fprintf(&b, "record %d, %s: %s %s\n\n%s\n", r.Seq, showTime(r.Time), r.Command.Data.CommandType(), showStatus(r), w.Says)
	whyRests(&b, w.Rests)
	fmt.Fprintf(&b, "\nby the policy\n  %s, %s\n", w.Policy.Version, adoptedBy(w.Adopted))
	if w.Calendar != nil {
		whyDays(&b, w.Calendar)
	}
	whyLines(&b, "the arithmetic", w.Arithmetic)
	fmt.Fprintf(&b, "\nas of %s\n", showAsOf(w.AsOf))
	return b.String()
}

func whyRests(b *strings.Builder, facts []domain.Fact) {
	if len(facts) == 0 {
		b.WriteString("\nit rests on no record before it\n")
		return
	}
	b.WriteString("\nit rests on\n")
	facts = slices.SortedStableFunc(slices.Values(facts), func(x, y domain.Fact) int { return cmp.Compare(x.Seq, y.Seq) })
	for _, f := range facts {
		fmt.Fprintf(b, "  record %d: %s\n", f.Seq, f.Says)
	}
}

func adoptedBy(seq uint64) string {
	if seq == 0 {
		return "built in"
	}
	return fmt.Sprintf("adopted by record %d", seq)
}

func whyDays(b *strings.Builder, d *domain.Days) {
	lines := []string{"business days " + strings.Join(d.BusinessDays, ", ")}
	for _, off := range d.Off {
		lines = append(lines, off.Day+" is none: "+off.Why)
	}
	whyLines(b, fmt.Sprintf("the days (%s, %s)", d.Calendar, d.Zone), lines)
}

func whyLines(b *strings.Builder, title string, lines []string) {
	if len(lines) == 0 {
		return
	}
	fmt.Fprintf(b, "\n%s\n", title)
	for _, line := range lines {
		fmt.Fprintf(b, "  %s\n", line)
	}
}
