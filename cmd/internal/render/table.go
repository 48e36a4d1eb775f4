package render

import (
	"fmt"
	"slices"

	"github.com/jedib0t/go-pretty/v6/text"
)

// Row is a row of a [Table]. A cell is a [Cell], or any other value: a number is aligned right,
// and the text of another value is aligned left.
type Row []any

// Cell is a cell with properties that other values do not have.
type Cell struct {
	Text    string
	Tone    Tone
	IsRight bool // aligned right, as numbers are
	IsWhole bool // never wrapped at a blank
}

// Table is a table without borders. Its columns are two blanks apart, so that scripts can split
// the rows.
type Table struct {
	header []Cell // empty for a table of names and values
	rows   [][]Cell
	drops  []string // names of columns, the least important first
}

// NewTable returns a table with the named columns. Without names, the table has no header: its
// rows hold a name and a value.
func NewTable(columns ...string) *Table {
	t := new(Table)
	for _, name := range columns {
		t.header = append(t.header, Cell{Text: name})
	}
	return t
}

// Dropping declares the columns that a narrow terminal need not show, the least important first.
// [Printer.WriteTable] always shows the other columns.
func (t *Table) Dropping(columns ...string) *Table {
	for _, name := range columns {
		if t.column(name) < 0 {
			panic("render: the table has no column " + name)
		}
	}
	t.drops = columns
	return t
}

// AppendRow appends a row. It replaces characters that are not printable, as [Printable] does, so
// that no cell can write commands to the terminal or reverse the order of characters.
func (t *Table) AppendRow(row Row) {
	cells := make([]Cell, len(row))
	for i, value := range row {
		cells[i] = cellOf(value)
		cells[i].Text = Printable(cells[i].Text)
		if len(t.header) == 0 && i == 0 && len(row) > 1 {
			cells[i].Tone, cells[i].IsWhole = Secondary, true
		}
	}
	t.rows = append(t.rows, cells)
}

func cellOf(value any) Cell {
	switch value := value.(type) {
	case Cell:
		return value
	case int, int64, uint64, float64:
		return Cell{Text: fmt.Sprint(value), IsRight: true}
	}
	return Cell{Text: fmt.Sprint(value)}
}

// Money returns a cell with an amount and its currency. An empty amount is an empty cell.
func Money(amount, currency string) Cell {
	if amount == "" {
		return Cell{IsRight: true}
	}
	return Cell{Text: amount + " " + currency, IsRight: true, IsWhole: true}
}

func (t *Table) column(name string) int {
	return slices.IndexFunc(t.header, func(c Cell) bool { return c.Text == name })
}

// render returns the lines of the table and the names of the columns that it leaves out. No line
// is wider than width, unless width is 0.
func (t *Table) render(width int, isColored bool) (lines []string, dropped []string) {
	l := newLayout(t, width)
	if len(t.header) > 0 {
		header := make([]Cell, len(t.header))
		for i, c := range t.header {
			header[i] = Cell{Text: text.FormatUpper.Apply(c.Text), IsRight: l.columns[i].isRight}
		}
		lines = l.appendRow(lines, header, isColored)
	}
	for _, row := range t.rows {
		lines = l.appendRow(lines, row, isColored)
	}
	return lines, l.dropped
}
