package main

import (
	"time"

	"authledger/cmd/internal/render"
)

// replayProgress shows the progress of a replay to a file or a pipe, and at the end a summary. It
// shows nothing if standard error is not a terminal, or if the records go to a terminal.
type replayProgress struct {
	program *program
	bar     *render.Bar // nil to show nothing
	begun   time.Time

	from, last     uint64 // last is 0 if unknown
	records, bytes int64
}

// startReplay begins to show the progress of a replay. last is the newest record, 0 if unknown.
func (p *program) startReplay(r replay, last uint64) *replayProgress {
	shown := &replayProgress{program: p, begun: time.Now(), from: max(r.from, 1), last: last}
	if r.to > 0 && (last == 0 || r.to < last) {
		shown.last = r.to
	}
	term := p.getenv("TERM")
	if !r.follow && !render.IsTerminal(p.out, term) && render.IsTerminal(p.errs, term) {
		shown.bar = p.startBar("replaying", render.Records)
	}
	return shown
}

// read reports that the replay has reached a record.
func (s *replayProgress) read(seq uint64) {
	if s.bar == nil {
		return
	}
	total := int64(0)
	if s.last >= s.from {
		total = int64(s.last - s.from + 1)
	}
	s.bar.Set(int64(seq-s.from+1), total)
}

// wrote reports that the replay has printed a record.
func (s *replayProgress) wrote(bytes int) {
	s.records++
	s.bytes += int64(bytes)
}

// stop erases the bar and prints the summary.
func (s *replayProgress) stop() {
	if s.bar == nil {
		return
	}
	s.bar.Stop()
	s.program.warn("%s", render.Summary(s.records, s.bytes, time.Since(s.begun)))
}
