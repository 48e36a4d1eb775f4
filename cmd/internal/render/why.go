package render

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// why holds the members of an explanation that the text shows.
type why struct {
	Record record `json:"record"`
	Says   string `json:"says"`
	Basis  []fact `json:"basis"`
	Totals []struct {
		Count int64  `json:"count"`
		Of    string `json:"of"`
		Days  []struct {
			Day string `json:"day"`
			USD string `json:"usd"`
		} `json:"days"`
	} `json:"totals"`
	Next   string `json:"next"`
	Policy struct {
		Version   string `json:"version"`
		AdoptedBy uint64 `json:"adoptedBy"`
	} `json:"policy"`
	Calendar   *days    `json:"calendar"`
	Arithmetic []string `json:"arithmetic"`
	AsOf       asOf     `json:"asOf"`
}

type fact struct {
	Seq  uint64 `json:"seq"`
	Says string `json:"says"`
}

type days struct {
	BusinessDays []string `json:"businessDays"`
	Off          []struct {
		Day string `json:"day"`
		Why string `json:"why"`
	} `json:"off"`
	Calendar string `json:"calendar"`
	Zone     string `json:"zone"`
}

// ShowWhy prints an explanation: the JSON of a node, or a text for a person. after is the
// parameter of the request, which selects the page of withdrawals.
func (p Printer) ShowWhy(answer []byte, after uint64) error {
	if p.JSON {
		return p.writeText(answer)
	}
	w := new(why)
	if err := json.Unmarshal(answer, w); err != nil {
		return fmt.Errorf("decode the answer: %w", err)
	}
	_, err := fmt.Fprint(p.Out, wrapLines(printableLines(w.text(after)), p.Width))
	return err
}

func (w *why) text(after uint64) string {
	var b strings.Builder
	r := &w.Record
	fmt.Fprintf(&b, "record %d, %s: %s %s\n\n%s\n", r.Seq, Time(r.Time), r.Command.Type, formatStatus(r.Status, r.Reason), w.Says)
	writeBasis(&b, w.Basis, after)
	writeTotals(&b, w, after)
	fmt.Fprintf(&b, "\npolicy\n  %s, %s\n", w.Policy.Version, adoptedBy(w.Policy.AdoptedBy))
	if w.Calendar != nil {
		writeDays(&b, w.Calendar)
	}
	writeSection(&b, "arithmetic", w.Arithmetic)
	fmt.Fprintf(&b, "\nas of %s\n", formatAsOf(w.AsOf))
	return b.String()
}

// writeBasis writes the facts of one page, in order of their records.
func writeBasis(b *strings.Builder, facts []fact, after uint64) {
	if len(facts) == 0 && after > 0 {
		fmt.Fprintf(b, "\nNo withdrawal follows record %d.\n", after)
		return
	}
	if len(facts) == 0 {
		b.WriteString("\nThe verdict depends on no earlier record.\n")
		return
	}
	b.WriteString("\nbasis\n")
	facts = slices.SortedStableFunc(slices.Values(facts), func(x, y fact) int { return cmp.Compare(x.Seq, y.Seq) })
	for _, f := range facts {
		fmt.Fprintf(b, "  record %d: %s\n", f.Seq, f.Says)
	}
}

// writeTotals writes the sums of a list that has several pages, and the command that
// prints the next page.
func writeTotals(b *strings.Builder, w *why, after uint64) {
	if w.Next == "" && after == 0 {
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
	if w.Next != "" {
		fmt.Fprintf(b, "  next page: authledger why %d --after %s\n", w.Record.Seq, w.Next)
	}
}

func adoptedBy(seq uint64) string {
	if seq == 0 {
		return "built in"
	}
	return fmt.Sprintf("adopted by record %d", seq)
}

func writeDays(b *strings.Builder, d *days) {
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
