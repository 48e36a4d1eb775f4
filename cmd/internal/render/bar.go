package render

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/jedib0t/go-pretty/v6/progress"
	"github.com/jedib0t/go-pretty/v6/text"
)

const (
	barAfter = 300 * time.Millisecond // shorter operations show no bar
	barEvery = 100 * time.Millisecond // interval of drawing

	stopEvery = time.Millisecond // interval of attempts to end the drawing
)

const (
	// barLength is the length of the drawn bar in columns. A line with the longest message, the
	// amounts, the rate and the remaining time then fits in barWidth columns.
	barLength = 16

	// barWidth is the minimum width of a terminal that shows the drawn bar. A line on a narrower
	// terminal has no drawn bar, so that the rate and its unit fit.
	barWidth = 100
)

// Units of bars.
var (
	Records = progress.Units{Formatter: func(n int64) string { return Grouped(n) + unitOf(n, " record", " records") }}
	Commits = progress.Units{Formatter: func(n int64) string { return Grouped(n) + unitOf(n, " commit", " commits") }}
	Bytes   = progress.Units{Formatter: Size}
)

// unitOf returns the noun for a number.
func unitOf(n int64, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// Size formats a number of bytes in B, KiB or MiB.
func Size(bytes int64) string {
	switch {
	case bytes < 1<<10:
		return fmt.Sprintf("%d B", bytes)
	case bytes < 1<<20:
		return fmt.Sprintf("%.1f KiB", float64(bytes)/(1<<10))
	}
	return fmt.Sprintf("%.1f MiB", float64(bytes)/(1<<20))
}

// Duration formats a duration with three significant digits and its unit.
func Duration(d time.Duration) string {
	if d >= time.Minute {
		return d.Round(time.Second).String()
	}
	return Digits(d.Seconds()) + " s"
}

// Seconds formats a number of seconds as [Duration] does.
func Seconds(s float64) string { return Duration(time.Duration(s * float64(time.Second))) }

// Bar shows the progress of an operation on a terminal: the amount, the rate and the remaining
// time. Stop erases the bar. It is safe for concurrent use.
type Bar struct {
	out     io.Writer // nil without a terminal
	width   int       // of the terminal in columns, 0 if it is unknown
	begun   time.Time
	message string
	tracker progress.Tracker

	mu      sync.Mutex
	writer  progress.Writer // nil until barAfter has passed
	stopped bool
	ended   chan struct{} // closed when the drawing has ended
}

// StartBar starts a bar on out, which is nil without a terminal. [Bar.Set] sets the progress and
// the total.
func StartBar(out io.Writer, message string, units progress.Units) *Bar {
	b := &Bar{out: out, width: Width(out), begun: time.Now(), message: message, ended: make(chan struct{})}
	b.tracker = progress.Tracker{Message: message, Units: units, AutoStopDisabled: true}
	return b
}

// Set sets the progress and the total. A total of 0 means that the total is unknown.
func (b *Bar) Set(value, total int64) {
	if b.out == nil || time.Since(b.begun) < barAfter {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.stopped {
		return
	}
	if b.writer == nil {
		b.draw()
	}
	b.tracker.UpdateTotal(total)
	b.tracker.SetValue(value)
}

// Count adds to the message of the bar a second amount, such as the number of commands in the bytes
// that an import has read.
func (b *Bar) Count(n int64, one, many string) {
	if b.out == nil {
		return
	}
	b.tracker.UpdateMessage(b.message + ", " + Grouped(n) + " " + unitOf(n, one, many))
}

// draw starts the drawing, without colors, so NO_COLOR has no effect.
func (b *Bar) draw() {
	b.writer = progress.NewWriter()
	b.writer.SetOutputWriter(b.out)
	b.writer.SetUpdateFrequency(barEvery)
	b.writer.SetStyle(progress.StyleBlocks)
	b.writer.SetTrackerPosition(progress.PositionRight)
	b.writer.SetTrackerLength(barLength)
	if b.width > 0 {
		b.writer.SetTerminalWidth(b.width) // a line that wraps could not be erased
		b.writer.Style().Visibility.Tracker = b.width >= barWidth
	}
	b.writer.Style().Visibility.Speed = true
	b.writer.Style().Visibility.ETA = true
	b.writer.Style().Options.ETAString = "remaining"
	b.writer.Style().Options.TimeInProgressPrecision = time.Second
	b.writer.AppendTracker(&b.tracker)
	go func() { defer close(b.ended); b.writer.Render() }()
}

// Summary returns the amounts of an operation that has ended, with its duration and its rate.
func Summary(records int64, bytes int64, took time.Duration) string {
	return fmt.Sprintf("%s, %s in %s, %s records/s", Records.Sprint(records), Size(bytes), Duration(took),
		Digits(float64(records)/max(took.Seconds(), 1e-9)))
}

// Stop ends the drawing and erases the bar.
func (b *Bar) Stop() {
	b.mu.Lock()
	writer := b.writer
	b.stopped = true
	b.mu.Unlock()
	if writer == nil {
		return
	}
	b.tracker.MarkAsDone()
	b.endDrawing(writer)
	// Erase the line here: with the library's option to remove finished bars, each update of
	// the bar appears on a new line.
	fmt.Fprint(b.out, text.CursorUp.Sprint(), text.EraseLine.Sprint())
}

// endDrawing waits for the end of the drawing. It repeats Stop, because the library ignores a Stop
// before its Render has begun.
func (b *Bar) endDrawing(writer progress.Writer) {
	again := time.NewTicker(stopEvery)
	defer again.Stop()
	for {
		writer.Stop()
		select {
		case <-b.ended:
			return
		case <-again.C:
		}
	}
}
