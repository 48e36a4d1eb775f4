package render

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"
)

// IsTerminal reports whether w is a terminal that can move its cursor. name is the value of
// the environment variable TERM.
func IsTerminal(w io.Writer, name string) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd())) && name != "dumb"
}

// Width returns the width of the terminal w in columns, 0 if w is no terminal or its width is
// unknown.
func Width(w io.Writer) int {
	f, ok := w.(*os.File)
	if !ok {
		return 0
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0 // not a terminal
	}
	return width
}

// Printer prints answers. The zero values of the fields below JSON are those of a script: tables
// with all columns, without colors.
type Printer struct {
	Out   io.Writer // answers
	Notes io.Writer // texts beside the answers, such as the number of rows
	JSON  bool      // print JSON instead of tables

	Chart bool // draw charts with block characters, because Out is a terminal
	Width int  // maximum width of a table in columns, 0 for no maximum
	Color bool // show statuses and states in colors
}

// timeLayout is the layout of times in tables, which are in UTC.
const timeLayout = "2006-01-02T15:04:05.000Z07:00"

// Time formats an instant in UTC, to the millisecond. It returns "" for the zero time.
func Time(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(timeLayout)
}

// Answer prints value as JSON, or else the table that fill returns.
func (p Printer) Answer(value any, fill func() *Table) error {
	if p.JSON {
		return p.WriteJSON(value)
	}
	return p.WriteTable(fill())
}

// NonNil returns an empty list for a nil list, so that JSON contains [] and not null.
func NonNil[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

func (p Printer) WriteJSON(value any) error {
	encoder := json.NewEncoder(p.Out)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(value)
}

// WriteTable prints a table. If the table is too wide for the terminal, WriteTable leaves out the
// least important columns, and names them in the notes.
func (p Printer) WriteTable(t *Table) error {
	lines, dropped := t.render(p.Width, p.Color)
	if _, err := fmt.Fprintln(p.Out, strings.Join(lines, "\n")); err != nil || len(dropped) == 0 {
		return err
	}
	_, err := fmt.Fprintf(p.Notes, "%s left out: %s: show all columns with --wide\n",
		Count(len(dropped), "column", "columns"), strings.Join(dropped, ", "))
	return err
}

// Digits formats a number with three significant digits, and all digits before the point.
func Digits(v float64) string {
	switch {
	case v >= 100:
		return Grouped(int64(v + 0.5))
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.3g", v)
}

// Grouped formats n with a comma between groups of three digits.
func Grouped(n int64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
