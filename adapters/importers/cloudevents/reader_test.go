package cloudevents

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"authledger/domain"
)

func TestLines(t *testing.T) {
	largest := strings.Repeat("x", LineBytesMax)
	tests := []struct {
		name, in string
		want     []string // "!" for too large
	}{
		{"empty file", "", nil},
		{"one line", "a\n", []string{"a"}},
		{"no newline at the end", "a\nb", []string{"a", "b"}},
		{"empty lines between lines", "a\n\n\r\nb\n", []string{"a", "", "", "b"}},
		{"carriage returns", "a\r\nb\r\n", []string{"a", "b"}},
		{"byte order mark", "\uFEFFa\n\uFEFFb\n", []string{"a", "\uFEFFb"}},
		{"blanks at both ends of a line", " a \n", []string{" a "}},
		{"the largest", largest + "\r\nb\n", []string{largest, "b"}},
		{"one byte more", largest + "x\nb\n", []string{"!", "b"}},
		{"a mebibyte", strings.Repeat("y", 1<<20) + "\nb\n", []string{"!", "b"}},
		{"a mebibyte at the end", "a\n" + strings.Repeat("y", 1<<20), []string{"a", "!"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := 0
			for line, err := range Lines(iotest.HalfReader(strings.NewReader(tt.in))) {
				if err != nil {
					t.Fatal(err)
				}
				if got == len(tt.want) {
					t.Fatalf("got line %d, want %d lines: %.40q", line.Number, len(tt.want), line.Text)
				}
				text := string(line.Text)
				if line.Rejection != nil && line.Rejection.Reason == domain.TooLarge {
					text = "!"
				}
				if text != tt.want[got] || line.Number != got+1 {
					t.Errorf("got line %d, %.40q, want line %d, %.40q", line.Number, text, got+1, tt.want[got])
				}
				got++
			}
			if got != len(tt.want) {
				t.Errorf("got %d lines, want %d", got, len(tt.want))
			}
		})
	}
}

func TestReadError(t *testing.T) {
	broken := errors.New("broken pipe")
	in := io.MultiReader(strings.NewReader("a\nb"), iotest.ErrReader(broken))
	lines := 0
	for line, err := range Lines(in) {
		if err != nil {
			if !errors.Is(err, broken) || !strings.Contains(err.Error(), "line 2") {
				t.Errorf("read error: got %v, want %v at line 2", err, broken)
			}
			continue
		}
		lines++
		if string(line.Text) != "a" {
			t.Errorf("line before the read error: got %q, want a", line.Text)
		}
	}
	if lines != 1 {
		t.Errorf("got %d lines, want 1 without the incomplete line", lines)
	}
}
