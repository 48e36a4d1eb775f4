package main

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/jedib0t/go-pretty/v6/progress"
	"github.com/jedib0t/go-pretty/v6/text"
)

const (
	barAfter = 300 * time.Millisecond // what is quicker needs no bar
	barEvery = 100 * time.Millisecond // how often it is drawn
)

// bar shows how far something has come, on a terminal only, and leaves nothing
// behind. It is safe for concurrent use.
type bar struct {
	out     io.Writer // nil where nobody looks
	begun   time.Time
	tracker progress.Tracker

	mu      sync.Mutex
	writer  progress.Writer // nil until it is worth it
	stopped bool
	ended   chan struct{} // closed when nothing more is drawn
}

// startBar begins a bar. Its end comes with its steps; 0 is no end.
func (p *program) startBar(message string, units progress.Units) *bar {
	b := &bar{begun: time.Now(), ended: make(chan struct{})}
	b.tracker = progress.Tracker{Message: message, Units: units, AutoStopDisabled: true}
	if p.isTerminal(p.errs) {
		b.out = p.errs
	}
	return b
}

// at moves the bar.
func (b *bar) at(value, total int64) {
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

// draw begins to draw, without colours, whatever NO_COLOR asks.
func (b *bar) draw() {
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

func (b *bar) stop() {
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
	// The library's own way to remove a line draws each below the last.
	fmt.Fprint(b.out, text.CursorUp.Sprint(), text.EraseLine.Sprint())
}
