package render

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"authledger/domain/explain"
	"authledger/projections/queries"
)

// WhyText returns the explanation as text for a person.
func WhyText(w *queries.Why, after uint64) string {
	var b strings.Builder
	r := w.Record
	fmt.Fprintf(&b, "record %d, %s: %s %s\n\n%s\n", r.Seq, Time(r.Time), r.Command.Data.CommandType(), formatStatus(r), w.Says)
	writeBasis(&b, w.Basis, after)
	writeTotals(&b, w, after)
	fmt.Fprintf(&b, "\npolicy\n  %s, %s\n", w.Policy.Version, adoptedBy(w.Adopted))
	if w.Calendar != nil {
		writeDays(&b, w.Calendar)
	}
	writeSection(&b, "arithmetic", w.Arithmetic)
	fmt.Fprintf(&b, "\nas of %s\n", formatAsOf(w.AsOf))
	return b.String()
}

// writeBasis writes the facts of one page, in order of their records.
func writeBasis(b *strings.Builder, facts []explain.Fact, after uint64) {
	if len(facts) == 0 && after > 0 {
		fmt.Fprintf(b, "\nNo withdrawal follows record %d.\n", after)
		return
	}
	if len(facts) == 0 {
		b.WriteString("\nThe verdict depends on no earlier record.\n")
		return
	}
	b.WriteString("\nbasis\n")
	facts = slices.SortedStableFunc(slices.Values(facts), func(x, y explain.Fact) int { return cmp.Compare(x.Seq, y.Seq) })
	for _, f := range facts {
		fmt.Fprintf(b, "  record %d: %s\n", f.Seq, f.Says)
	}
}

// writeTotals writes the sums of a list that has several pages, and the command that
// prints the next page.
func writeTotals(b *strings.Builder, w *queries.Why, after uint64) {
	if w.Next == 0 && after == 0 {
		return
	}
	for _, t := range w.Totals {
		fmt.Fprintf(b, "  total of all pages: %d withdrawals of %s", t.Count, t.Of)
		separator := ":"
		for _, d := range t.Days {
			fmt.Fprintf(b, "%s %s USD on %s", separator, d.USD, d.Day)
			separator = ","
		}
		b.WriteByte('\n')
	}
	if w.Next > 0 {
		fmt.Fprintf(b, "  next page: authledger why %d --after %d\n", w.Record.Seq, w.Next)
	}
}

func adoptedBy(seq uint64) string {
	if seq == 0 {
		return "built in"
	}
	return fmt.Sprintf("adopted by record %d", seq)
}

func writeDays(b *strings.Builder, d *explain.Days) {
	lines := []string{"business days: " + strings.Join(d.BusinessDays, ", ")}
	for _, off := range d.Off {
		lines = append(lines, off.Day+" is not a business day: "+off.Why)
	}
	writeSection(b, fmt.Sprintf("days (%s, %s)", d.Calendar, d.Zone), lines)
}

func writeSection(b *strings.Builder, title string, lines []string) {
	if len(lines) == 0 {
		return
	}
	fmt.Fprintf(b, "\n%s\n", title)
	for _, line := range lines {
		fmt.Fprintf(b, "  %s\n", line)
	}
}
