package render

import (
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"
)

// columnGap is the distance of two columns in blanks.
const columnGap = 2

// wordMax is the width of the longest word that is not divided while a column can be dropped
// instead, in columns of the terminal: the width of a time.
const wordMax = len(timeLayout) - len("07:00")

// layout holds the widths of the columns of one table. A column is as wide as its widest cell. If
// the terminal is too narrow for that:
//
//  1. Cells wrap at blanks.
//  2. Words that are wider than wordMax are divided.
//  3. The least important columns are dropped.
//  4. If no column can be dropped any more, the words of the widest columns are divided.
type layout struct {
	columns []column
	dropped []string
}

// column holds widths in cells of the terminal. The width of a wide character is 2.
type column struct {
	most    int // of the widest cell
	word    int // of the widest word
	width   int
	isRight bool
	isGone  bool
}

func newLayout(t *Table, width int) *layout {
	l := new(layout)
	l.measure(t)
	if width > 0 {
		l.drop(t, width)
	}
	for i := range l.columns {
		l.columns[i].width = l.columns[i].most
	}
	if available := width - l.gaps(); width > 0 && l.sum() > available {
		l.shrink(max(available, 1))
	}
	return l
}

func (l *layout) measure(t *Table) {
	for i, cell := range t.header {
		l.grow(i, cell)
	}
	right := make(map[int]bool) // columns whose cells are all aligned right
	for _, row := range t.rows {
		for i, cell := range row {
			l.grow(i, cell)
			isFirst := len(right) <= i
			right[i] = (isFirst || right[i]) && cell.IsRight
		}
	}
	for i := range l.columns {
		l.columns[i].isRight = right[i]
	}
}

func (l *layout) grow(i int, cell Cell) {
	for len(l.columns) <= i {
		l.columns = append(l.columns, column{})
	}
	c, word := &l.columns[i], 0
	for part := range strings.SplitSeq(cell.Text, " ") {
		word = max(word, text.StringWidth(part))
	}
	most := text.StringWidth(cell.Text)
	if cell.IsWhole {
		word = most
	}
	c.most, c.word = max(c.most, most), max(c.word, word)
}

// drop drops columns until the words of the others fit, if words wider than wordMax are divided.
func (l *layout) drop(t *Table, width int) {
	for _, name := range t.drops {
		words := 0
		for _, c := range l.columns {
			if !c.isGone {
				words += min(c.word, wordMax)
			}
		}
		if words+l.gaps() <= width {
			break
		}
		l.columns[t.column(name)].isGone = true
		l.dropped = append(l.dropped, name)
	}
}

// gaps returns the width between the columns.
func (l *layout) gaps() int {
	shown := 0
	for _, c := range l.columns {
		if !c.isGone {
			shown++
		}
	}
	return columnGap * max(shown-1, 0)
}

func (l *layout) sum() (all int) {
	for _, c := range l.columns {
		if !c.isGone {
			all += c.width
		}
	}
	return all
}

// shrink narrows the widest columns until the sum of the widths is at most available, or each
// column has the width 1. It divides as few words as possible.
func (l *layout) shrink(available int) {
	for _, undivided := range []int{available, wordMax, 1} {
		for most := available; most > 0; most-- {
			for i := range l.columns {
				c := &l.columns[i]
				c.width = min(c.most, max(min(c.word, undivided), most))
			}
			if l.sum() <= available {
				return
			}
		}
	}
}

// appendRow appends the lines of a row. A row with wrapped cells has several lines.
func (l *layout) appendRow(lines []string, row []Cell, isColored bool) []string {
	height, cells := 1, make([][]string, len(row))
	for i, cell := range row {
		if !l.columns[i].isGone {
			cells[i] = wrapText(cell.Text, max(l.columns[i].width, 1))
			height = max(height, len(cells[i]))
		}
	}
	for n := range height {
		var b strings.Builder
		blanks := 0 // before the next text
		for i, cell := range row {
			c := &l.columns[i]
			if c.isGone {
				continue
			}
			line := ""
			if n < len(cells[i]) {
				line = cells[i][n]
			}
			left, right := 0, c.width-text.StringWidth(line)
			if c.isRight {
				left, right = right, 0
			}
			if line != "" {
				b.WriteString(strings.Repeat(" ", blanks+left))
				b.WriteString(cell.Tone.apply(line, isColored))
				blanks, left = 0, 0
			}
			blanks += left + right + columnGap
		}
		lines = append(lines, b.String())
	}
	return lines
}

// wrapText divides a text at blanks into lines of at most width, and inside a word only if the
// word is wider.
func wrapText(s string, width int) []string {
	if text.StringWidth(s) <= width {
		return []string{s}
	}
	var lines []string
	line, used := "", 0
	for word := range strings.SplitSeq(s, " ") {
		w := text.StringWidth(word)
		if line != "" && used+1+w <= width {
			line, used = line+" "+word, used+1+w
			continue
		}
		if line != "" {
			lines = append(lines, line)
		}
		line, used = "", 0
		for _, r := range word {
			if of := text.RuneWidth(r); used+of > width && line != "" {
				lines = append(lines, line)
				line, used = "", 0
			}
			line, used = line+string(r), used+text.RuneWidth(r)
		}
	}
	return slices.DeleteFunc(append(lines, line), func(s string) bool { return s == "" })
}

// wrapLines wraps the lines of a text, unless width is 0. It indents the continuation of a line
// by the indentation of the line and two more blanks.
func wrapLines(s string, width int) string {
	if width == 0 {
		return s
	}
	var all []string
	for line := range strings.SplitSeq(s, "\n") {
		inside := strings.TrimLeft(line, " ")
		indent := line[:len(line)-len(inside)]
		for i, part := range wrapText(inside, max(width-len(indent)-columnGap, 1)) {
			if i == 1 {
				indent += strings.Repeat(" ", columnGap)
			}
			all = append(all, indent+part)
		}
	}
	return strings.Join(all, "\n")
}
