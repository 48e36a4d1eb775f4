package render

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	"golang.org/x/term"
)

// IsTerminal reports whether w is a terminal that can move its cursor. name is the value of
// the environment variable TERM.
func IsTerminal(w io.Writer, name string) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd())) && name != "dumb"
}

// Printer prints answers.
type Printer struct {
	Out   io.Writer // answers
	Notes io.Writer // texts beside the answers, such as the number of rows
	JSON  bool      // print JSON instead of tables
	Chart bool      // draw charts with block characters, because Out is a terminal
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

// NewTable returns a table without borders. Scripts can split its rows at two spaces.
func NewTable(header ...any) table.Writer {
	t := table.NewWriter()
	t.SetStyle(table.StyleDefault)
	t.Style().Options = table.Options{}
	t.Style().Box.PaddingLeft = ""
	t.Style().Box.PaddingRight = "  "
	t.Style().Format.Header = text.FormatUpper
	t.SuppressTrailingSpaces()
	if len(header) > 0 {
		t.AppendHeader(header)
	}
	return t
}

// Answer prints value as JSON, or else the table that fill returns.
func (p Printer) Answer(value any, fill func() table.Writer) error {
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

func (p Printer) WriteTable(t table.Writer) error {
	_, err := fmt.Fprintln(p.Out, printableLines(t.Render()))
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
