package natsd

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestLogger_Flood checks that at most linesMax lines per second are written, that the number
// of skipped lines is written, and that a fatal line is always written.
func TestLogger_Flood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		l := newLogger(slog.New(slog.NewTextHandler(&out, nil)))
		flood := func(lines int) int {
			out.Reset()
			for range lines {
				l.Errorf("publish violation")
			}
			return strings.Count(out.String(), "violation")
		}
		if n := flood(linesMax + 480); n != linesMax {
			t.Errorf("lines in one second: got %d, want %d", n, linesMax)
		}
		if l.Fatalf("the end"); !strings.Contains(out.String(), "the end") || l.fatal() == nil {
			t.Errorf("output after Fatalf: got %q, want it to contain %q", &out, "the end")
		}
		time.Sleep(time.Second)
		if n := flood(1); n != 1 || !strings.Contains(out.String(), "count=480") {
			t.Errorf("output one second later: got %d lines, %q, want 1 line and count=480", n, &out)
		}
	})
}
