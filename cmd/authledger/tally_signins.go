package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/jedib0t/go-pretty/v6/table"

	"authledger/domain"
)

// Bounds of what is told of codes that no table holds.
const (
	unmappedCodes = 50 // told apart
	unmappedShown = 10 // lines
)

// otherCodes counts the codes that are too many to be told apart.
const otherCodes = "others"

// signInTally counts the events of a gateway that became no command, and those
// that came too late to count when they were. Those of nil are none.
type signInTally struct {
	PassedOver int            `json:"passedOver"`      // they tell of no attempt
	Late       int            `json:"late"`            // attempts older than what their entity had
	Unmapped   int            `json:"unmapped"`        // sign-ins whose code no table holds
	Codes      map[string]int `json:"codes,omitempty"` // of the unmapped
	first      []unmappedLine
}

type unmappedLine struct {
	number int
	code   string
}

// add reports whether the item is one of its own.
func (t *signInTally) add(it *item) bool {
	switch {
	case t == nil:
		return false
	case it.passed:
		t.PassedOver++
	case it.unmapped != "":
		t.addCode(it.unmapped)
		if len(t.first) < unmappedShown {
			t.first = append(t.first, unmappedLine{it.line, it.unmapped})
		}
	default:
		return false
	}
	return true
}

// hear counts a verdict that says it is late.
func (t *signInTally) hear(v *domain.Verdict) {
	if t != nil && v.Late && !v.Duplicate {
		t.Late++
	}
}

func (t *signInTally) addCode(code string) {
	t.Unmapped++
	if t.Codes == nil {
		t.Codes = make(map[string]int)
	}
	if t.Codes[code] == 0 && len(t.Codes) >= unmappedCodes {
		code = otherCodes
	}
	t.Codes[code]++
}

func (t *signInTally) appendTo(w table.Writer) {
	if t == nil {
		return
	}
	w.AppendRow(table.Row{"passed over", t.PassedOver})
	w.AppendRow(table.Row{"late", t.Late})
	if t.Unmapped == 0 {
		w.AppendRow(table.Row{"unmapped", 0})
	}
	for _, code := range slices.Sorted(maps.Keys(t.Codes)) {
		w.AppendRow(table.Row{"unmapped " + code, t.Codes[code]})
	}
}

// showUnmapped names the first lines whose code no table holds.
func (p *program) showUnmapped(t *signInTally) error {
	if t == nil {
		return nil
	}
	var errs []error
	for _, line := range t.first {
		_, err := fmt.Fprintf(p.errs, "line %d: unmapped, not recorded: %s\n", line.number, line.code)
		errs = append(errs, err)
	}
	if more := t.Unmapped - len(t.first); more > 0 {
		_, err := fmt.Fprintf(p.errs, "and %d unmapped lines more\n", more)
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}
