package main

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

// isTerminal reports whether a person looks at w, on a terminal that can move
// its cursor.
func (p *program) isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd())) && p.getenv("TERM") != "dumb"
}

// timeLayout is how tables show instants: in UTC, to the millisecond.
const timeLayout = "2006-01-02T15:04:05.000Z07:00"

func showTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(timeLayout)
}

// newTable is a table without lines: it reads well, and a script can cut it.
func newTable(header ...any) table.Writer {
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

// answer writes what was asked for: value as JSON, or the table that fill makes.
func (p *program) answer(value any, fill func() table.Writer) error {
	if p.set.json {
		return p.writeJSON(value)
	}
	return p.writeTable(fill())
}

func (p *program) writeJSON(value any) error {
	encoder := json.NewEncoder(p.out)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(value)
}

func (p *program) writeTable(t table.Writer) error {
	_, err := fmt.Fprintln(p.out, t.Render())
	return err
}
