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
)

// Bar shows the progress of an operation on a terminal. Stop erases the bar. It is safe for
// concurrent use.
type Bar struct {
	out     io.Writer // nil without a terminal
	begun   time.Time
	tracker progress.Tracker

	mu      sync.Mutex
	writer  progress.Writer // nil until barAfter has passed
	stopped bool
	ended   chan struct{} // closed when the drawing has ended
}

// StartBar starts a bar on out, which is nil without a terminal. [Bar.Set] sets the progress and
// the total.
func StartBar(out io.Writer, message string, units progress.Units) *Bar {
	b := &Bar{out: out, begun: time.Now(), ended: make(chan struct{})}
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

// draw starts the drawing, without colors, so NO_COLOR has no effect.
func (b *Bar) draw() {
	b.writer = progress.NewWriter()
	b.writer.SetOutputWriter(b.out)
	b.writer.SetUpdateFrequency(barEvery)
	b.writer.SetStyle(progress.StyleBlocks)
	b.writer.SetTrackerPosition(progress.PositionRight)
	b.writer.Style().Visibility.Speed = true
	b.writer.Style().Options.TimeInProgressPrecision = time.Second
	b.writer.AppendTracker(&b.tracker)
	go func() { defer close(b.ended); b.writer.Render() }()
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
	writer.Stop()
	<-b.ended
	// Erase the line here: with the library's option to remove finished bars, each update of
	// the bar appears on a new line.
	fmt.Fprint(b.out, text.CursorUp.Sprint(), text.EraseLine.Sprint())
}
