package natsd

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// However much somebody brings about, so many lines are told of a second, and of the
// rest how many there were; what ends the server is told all the same.
func TestLinesAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		l := newLines(slog.New(slog.NewTextHandler(&out, nil)))
		flood := func(lines int) int {
			out.Reset()
			for range lines {
				l.Errorf("publish violation")
			}
			return strings.Count(out.String(), "violation")
		}
		if n := flood(linesMax + 480); n != linesMax {
			t.Errorf("%d lines of a second, want %d", n, linesMax)
		}
		if l.Fatalf("the end"); !strings.Contains(out.String(), "the end") || l.fatal() == nil {
			t.Errorf("the end is not told: %s", &out)
		}
		time.Sleep(time.Second)
		if n := flood(1); n != 1 || !strings.Contains(out.String(), "count=480") {
			t.Errorf("a second later: %s", &out)
		}
	})
}
