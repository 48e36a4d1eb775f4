package main

import (
	"maps"
	"slices"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"

	"authledger/domain"
)

// tally counts what became of an intake.
type tally struct {
	Lines      int                   `json:"lines"`
	Skipped    int                   `json:"skipped"`  // lines that ask nothing
	Commands   int                   `json:"commands"` // of the other lines; what is no command is invalid
	Accepted   int                   `json:"accepted"`
	Duplicates int                   `json:"duplicates"` // recorded before, whatever the verdict was
	Refused    map[domain.Reason]int `json:"refused"`
	Invalid    map[domain.Reason]int `json:"invalid"`
	Adopted    string                `json:"adopted,omitempty"` // policy, ahead of the first command
	SignIns    *signInTally          `json:"signIns,omitempty"`
	Seconds    float64               `json:"seconds"`
	PerSecond  float64               `json:"perSecond"` // commands
	begun      time.Time
	invalid    string // what is wrong with the first invalid line
	invalidAt  int    // its number
}

func newTally() *tally {
	return &tally{Refused: make(map[domain.Reason]int), Invalid: make(map[domain.Reason]int), begun: time.Now()}
}

func (t *tally) add(b *batch) {
	t.Lines += len(b.items)
	for i := range b.items {
		if !b.items[i].asks() && !t.SignIns.add(&b.items[i]) {
			t.Skipped++
		}
		t.Adopted += b.items[i].adopted // of one item at most
	}
	for i := range b.pending {
		q := &b.pending[i]
		if q.ticket != nil {
			t.Commands++
		}
		t.SignIns.hear(&q.verdict)
		switch {
		case q.verdict.Duplicate:
			t.Duplicates++
		case q.verdict.Status == domain.Accepted:
			t.Accepted++
		case q.verdict.Status == domain.Refused:
			t.Refused[q.verdict.Reason]++
		default:
			t.addInvalid(q.line, &q.verdict)
		}
	}
}

func (t *tally) addInvalid(line int, v *domain.Verdict) {
	t.Invalid[v.Reason]++
	if t.invalid == "" || line < t.invalidAt {
		t.invalid, t.invalidAt = string(v.Reason)+": "+v.Detail, line
	}
}

// end stops the clock.
func (t *tally) end() {
	t.Seconds = time.Since(t.begun).Seconds()
	t.PerSecond = float64(t.Commands) / t.Seconds
}

func (t *tally) table(commands string) table.Writer {
	w := newTable()
	w.AppendRow(table.Row{"lines", t.Lines})
	w.AppendRow(table.Row{"skipped", t.Skipped})
	t.SignIns.appendTo(w)
	if t.Adopted != "" {
		w.AppendRow(table.Row{"adopted", t.Adopted})
	}
	w.AppendRow(table.Row{commands, t.Commands})
	w.AppendRow(table.Row{"accepted", t.Accepted})
	appendReasons(w, "refused", t.Refused)
	appendReasons(w, "invalid", t.Invalid)
	w.AppendRow(table.Row{"duplicates", t.Duplicates})
	w.AppendRow(table.Row{"seconds", threeDigits(t.Seconds)})
	w.AppendRow(table.Row{commands + " a second", threeDigits(t.PerSecond)})
	return w
}

func appendReasons(w table.Writer, name string, counts map[domain.Reason]int) {
	if len(counts) == 0 {
		w.AppendRow(table.Row{name, 0})
	}
	for _, reason := range slices.Sorted(maps.Keys(counts)) {
		w.AppendRow(table.Row{name + " " + string(reason), counts[reason]})
	}
}
