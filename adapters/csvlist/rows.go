package csvlist

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"authledger/domain"
	"authledger/eventstore/wire"
)

// rows collects the lines of an item: one, or one for each item of its list.
type rows struct{ lines [][]string }

func rowsOf(item domain.Data) [][]string {
	r := rows{lines: [][]string{nil}}
	item.Members(&r)
	return r.lines
}

// add appends a cell to each line.
func (r *rows) add(cell string) {
	for i := range r.lines {
		r.lines[i] = append(r.lines[i], cell)
	}
}

func (r *rows) Text(_ string, at *string, _ domain.Form) { r.add(Cell(*at)) }

func (r *rows) Count(_ string, at *int64, f domain.Form) {
	if *at == 0 && !f.Need {
		r.add("")
		return
	}
	r.add(strconv.FormatInt(*at, 10))
}

func (r *rows) Flag(_ string, at *bool, _ domain.Form) { r.add(strconv.FormatBool(*at)) }

func (r *rows) Instant(_ string, at *time.Time, _ domain.Form) { r.add(instant(*at)) }

func (r *rows) Instants(_ string, at *[]time.Time) {
	var all []string
	for _, t := range *at {
		all = append(all, instant(t))
	}
	r.add(strings.Join(all, " "))
}

func (r *rows) Texts(_ string, at *[]string) { r.add(Cell(strings.Join(*at, " "))) }

func (r *rows) Object(_ string, at domain.Data, _ domain.Form) { at.Members(r) }

func (r *rows) List(_ string, of domain.Items) {
	var inner [][]string
	for i := range of.Len() {
		inner = append(inner, rowsOf(of.At(i))...)
	}
	if len(inner) == 0 {
		inner = [][]string{make([]string, len(columnsOf(of)))}
	}
	var lines [][]string
	for _, line := range r.lines {
		for _, cells := range inner {
			lines = append(lines, slices.Concat(line, cells))
		}
	}
	r.lines = lines
}

// instant returns the form of RFC 3339, "" for the zero time.
func instant(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return string(wire.AppendTime(nil, t))
}
