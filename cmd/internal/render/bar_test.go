package render

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

func TestBarShowsUnits(t *testing.T) {
	var out bytes.Buffer
	b := StartBar(&out, "importing", Bytes)
	b.begun = time.Now().Add(-barAfter)
	b.Count(1200, "command", "commands")
	b.Set(3<<20, 12<<20)
	b.Stop()
	b.Set(4<<20, 12<<20) // after Stop, nothing is drawn
	for _, want := range []string{"importing, 1,200 commands", "3.0 MiB", "MiB/s", "\x1b[A\x1b[K"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("got %q, want %q in it", &out, want)
		}
	}
}

// firstLine is a terminal that sends the first line that is drawn.
type firstLine chan string

func (l firstLine) Write(p []byte) (int, error) {
	if strings.Contains(string(p), "[") {
		select {
		case l <- string(p):
		default:
		}
	}
	return len(p), nil
}

func TestBar_OnNarrowTerminal(t *testing.T) {
	for _, c := range []struct {
		width   int
		isDrawn bool
	}{{80, false}, {barWidth, true}} {
		lines := make(firstLine, 1)
		b := StartBar(lines, "importing a day", Records)
		b.width, b.begun = c.width, time.Now().Add(-barAfter)
		b.Set(12_345, 2_000_000)
		line := <-lines
		b.Stop()
		hasBar := strings.Contains(line, "░")
		if !strings.Contains(line, " records/s]") || !strings.Contains(line, "%") || hasBar != c.isDrawn {
			t.Errorf("terminal with %d columns: got %q, want the rate with its unit, a drawn bar %t",
				c.width, line, c.isDrawn)
		}
	}
}

func TestBarWithoutTerminal(t *testing.T) {
	b := StartBar(nil, "importing", Records)
	b.begun = time.Now().Add(-barAfter)
	b.Count(1, "command", "commands")
	b.Set(1, 2)
	b.Stop() // writes nowhere
}

func TestUnits(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{Size(1023), "1023 B"},
		{Size(1536), "1.5 KiB"},
		{Size(5 << 20), "5.0 MiB"},
		{Size(3 << 30), "3072.0 MiB"},
		{Records.Sprint(12345), "12,345 records"},
		{Duration(1234 * time.Microsecond), "0.00123 s"},
		{Duration(12345 * time.Millisecond), "12.3 s"},
		{Duration(3*time.Minute + 400*time.Millisecond), "3m0s"},
		{Summary(1000, 2048, 2*time.Second), "1,000 records, 2.0 KiB in 2 s, 500 records/s"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}
